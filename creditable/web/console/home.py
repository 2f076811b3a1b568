"""/console/: leads to the first page that the member of staff may open."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.people.access import SignedRequest
from creditable.web.console.frame import PAGES


@login_required
@require_safe
def home(request: SignedRequest) -> HttpResponseRedirect:
    for permission, address, _, _ in PAGES:
        if request.user.may(permission):
            return HttpResponseRedirect(address)
    raise PermissionDenied("The console is for staff.")


urlpatterns = [path("", home, name="home")]
