"""The console's pages; each module lists its own addresses."""

from creditable.web.console import (
    accommodations,
    alarms,
    books,
    campaigns,
    cases,
    certificates,
    changes,
    choices,
    components,
    contracts,
    evaluations,
    home,
    legal,
    orders,
    people,
    policy,
    reports,
    roles,
)

app_name = "console"
urlpatterns = [
    *home.urlpatterns,
    *reports.urlpatterns,
    *orders.urlpatterns,
    *books.urlpatterns,
    *people.urlpatterns,
    *choices.urlpatterns,
    *accommodations.urlpatterns,
    *evaluations.urlpatterns,
    *certificates.urlpatterns,
    *cases.urlpatterns,
    *changes.urlpatterns,
    *campaigns.urlpatterns,
    *policy.urlpatterns,
    *contracts.urlpatterns,
    *alarms.urlpatterns,
    *legal.urlpatterns,
    *roles.urlpatterns,
    *components.urlpatterns,
]
