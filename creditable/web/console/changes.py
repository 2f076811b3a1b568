"""/console/changes/: what changed about courses after people bought them, how many were told, and
whom no mail reaches."""

from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from creditable.audit import trail
from creditable.catalog.models import ApprovalChange
from creditable.learning import changes
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest, staff_required
from creditable.people.models import Person
from creditable.web.console.frame import page
from creditable.web.ui.errors import refused

A_PAGE = 50


@staff_required("changes.view")
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    found = ApprovalChange.objects.select_related("approval__course").annotate(
        told=Count("notices", filter=Q(notices__channel="email")),
        to_call=Count(
            "notices", filter=Q(notices__channel="phone", notices__changecall__isnull=True)
        ),
    )
    shown = Paginator(found.order_by("-at", "-id"), A_PAGE).get_page(request.GET.get("page"))
    calls = list(changes.to_call()[:A_PAGE])
    people = Person.objects.in_bulk({call.subject_id for call in calls})
    for subject_id in people:
        trail.viewed(by=request.user.staff_actor, subject_id=subject_id, page="console changes")
    context = {
        "shown": shown,
        "changes": [(change, changes.lines(change)) for change in shown],
        "calls": [
            (call, people.get(call.subject_id), changes.lines(call.change)) for call in calls
        ],
    }
    return page(request, "console/changes.html", context)


@staff_required("changes.view")
@require_POST
def called(request: SignedRequest, notice: UUID) -> HttpResponse:
    try:
        changes.called(notice_id=notice, by=request.user.staff_actor)
    except Refused as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(reverse("console:changes"))


urlpatterns = [
    path("changes/", index, name="changes"),
    path("changes/<uuid:notice>/called/", called, name="change_called"),
]
