"""/console/policy/alarms/: what the program found wrong with itself, and when it last looked."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from creditable.audit.models import Event
from creditable.disclosure import alarms, connections, wall
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest, staff_required
from creditable.web.console.frame import page
from creditable.web.ui.errors import refused

MOST = 100


@staff_required("policy.view")
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    """What rings, the newest first, and what the last look saw."""
    rows = list(alarms.waiting()[: MOST + 1])
    context = {
        "rows": [(row, _titles()[row.kind]) for row in rows[:MOST]],
        "more": len(rows) > MOST,
        "ledger": _last("ledger.verify"),
        "connections": _last(connections.VERB),
        "walled": not wall.ways_out(),
        "may_settle": request.user.may("policy.publish"),
    }
    return page(request, "console/alarms.html", context)


@staff_required("policy.publish")
@require_POST
def settle(request: SignedRequest, alarm: str) -> HttpResponse:
    try:
        alarms.settle(alarm_id=alarm, by=request.user.staff_actor)
    except Refused as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(reverse("console:alarms"))


def _last(verb: str) -> Event | None:
    return Event.objects.filter(verb=verb).order_by("-at").first()


def _titles() -> dict[str, str]:
    return {
        "ledger": _("The ledger is not as it was sealed"),
        "connections": _("What was sent and what was connected do not agree"),
        "identity": _("An identity document did not arrive"),
        "mail": _("Mail from outside was not taken"),
    }


urlpatterns = [
    path("policy/alarms/", index, name="alarms"),
    path("policy/alarms/<uuid:alarm>/settle/", settle, name="alarm_settle"),
]
