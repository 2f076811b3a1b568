"""The shop's pages; each module lists its own addresses."""

from creditable.web.shop import (
    banner,
    basket,
    catalog,
    checkout,
    contact,
    course,
    credentials,
    home,
    hours,
    ledger,
    privacy,
    verify,
    versions,
)

app_name = "shop"
urlpatterns = [
    *home.urlpatterns,
    *banner.urlpatterns,
    *catalog.urlpatterns,
    *course.urlpatterns,
    *basket.urlpatterns,
    *checkout.urlpatterns,
    *privacy.urlpatterns,
    *ledger.urlpatterns,
    *versions.urlpatterns,
    *contact.urlpatterns,
    *credentials.urlpatterns,
    *verify.urlpatterns,
    *hours.urlpatterns,
]
