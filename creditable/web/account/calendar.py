"""Deadlines in a calendar program: the link to it, which its owner makes and ends, and the calendar
behind it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from creditable.credit import calendars
from creditable.people.access import SignedRequest


@login_required
@require_POST
def open(request: SignedRequest) -> HttpResponse:
    calendars.open(subject_id=request.user.pk, by=request.user.actor)
    messages.success(request, _("This calendar link works now; one that you had before does not."))
    return HttpResponseRedirect(reverse("account:licenses"))


@login_required
@require_POST
def close(request: SignedRequest) -> HttpResponse:
    calendars.close(subject_id=request.user.pk, by=request.user.actor)
    messages.success(request, _("The calendar link works no more."))
    return HttpResponseRedirect(reverse("account:licenses"))


@never_cache
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """For calendar programs, which sign in to nothing."""
    calendar = calendars.read(token)
    if calendar is None:
        raise Http404
    return HttpResponse(calendar, content_type="text/calendar; charset=utf-8")


urlpatterns = [
    path("licenses/calendar/open/", open, name="calendar_open"),
    path("licenses/calendar/close/", close, name="calendar_close"),
]
link_urlpatterns = [path("calendar/<str:token>.ics", feed, name="calendar")]
