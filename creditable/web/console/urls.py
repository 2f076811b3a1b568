"""The console's pages; each module lists its own addresses."""

from creditable.web.console import (
    accommodations,
    books,
    cases,
    certificates,
    components,
    evaluations,
    home,
    orders,
    people,
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
    *accommodations.urlpatterns,
    *evaluations.urlpatterns,
    *certificates.urlpatterns,
    *cases.urlpatterns,
    *roles.urlpatterns,
    *components.urlpatterns,
]
