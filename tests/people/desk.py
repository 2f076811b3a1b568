"""A page of the console beside the pages of the account: addresses for the tests of access."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from creditable.people.access import staff_required


@staff_required("reports.send")
def reports(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the desk")


urlpatterns = [
    path("desk/", reports),
    path("account/", include("creditable.web.account.urls")),
    path("account/", include("creditable.web.account.entrance")),
    path("ui/", include("creditable.web.ui.urls")),
]
handler403 = "creditable.web.ui.errors.permission_denied"
handler404 = "creditable.web.ui.errors.page_not_found"
