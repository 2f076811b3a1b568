"""Each page lists its own addresses; sign-in and second factor are in `entrance`."""

from django.urls import URLPattern, URLResolver

from creditable.web.account import (
    address,
    calendar,
    cases,
    certificates,
    choices,
    credits,
    documents,
    held,
    identity,
    licenses,
    orders,
    plan,
    privacy,
    profile,
    reports,
    reviews,
    security,
)

app_name = "account"
urlpatterns: list[URLPattern | URLResolver] = [
    *profile.urlpatterns,
    *calendar.urlpatterns,
    *licenses.urlpatterns,
    *documents.urlpatterns,
    *plan.urlpatterns,
    *orders.urlpatterns,
    *certificates.urlpatterns,
    *reports.urlpatterns,
    *reviews.urlpatterns,
    *credits.urlpatterns,
    *privacy.urlpatterns,
    *held.urlpatterns,
    *choices.urlpatterns,
    *cases.urlpatterns,
    *security.urlpatterns,
    *address.urlpatterns,
    *identity.urlpatterns,
]
