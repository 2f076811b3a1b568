"""/console/: what waits for the office, each thing with its number and the way to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from creditable.audit.clock import now
from creditable.credit import reports
from creditable.credit.models import Report
from creditable.disclosure import alarms, matters, withheld
from creditable.learning import changes
from creditable.learning.models import Completion
from creditable.lib.dates import local_date
from creditable.people import roles
from creditable.people.access import SignedRequest, staff_required
from creditable.store import reconciliation
from creditable.store.models import Payment
from creditable.support.models import Case, State
from creditable.web.console.frame import page
from creditable.web.ui.templatetags.ui import Bar

DAYS = 14


@dataclass(frozen=True)
class Waiting:
    """A queue of the office: how many wait, how many of them are late, and the way there."""

    title: str
    icon: str
    address: str
    count: int
    says: str
    late: int = 0


@staff_required("console.view")
@require_safe
def home(request: SignedRequest) -> HttpResponse:
    """What this member of staff may look after (a query a queue, one for the chart)."""
    may = request.user.may
    today = local_date(now(), settings.TIME_ZONE)
    queues = [queue(today) for permission, queue in QUEUES if may(permission)]
    context = {"queues": queues, "days": _completions(today), "caption": _("Courses completed")}
    return page(request, "console/home.html", context)


def _reports(today: date) -> Waiting:
    due = list(Report.objects.filter(state=Report.State.DUE).values_list("due_on", flat=True))
    late = sum(1 for day in due if day is not None and day < today)
    says = ngettext("report is due", "reports are due", len(due))
    return Waiting(_("Reports"), "send", "/console/reports/", len(due), says, late)


def _corrections(today: date) -> Waiting:
    count = reports.to_correct().count()
    says = ngettext("report needs a correction", "reports need a correction", count)
    return Waiting(_("Corrections"), "alert", "/console/reports/", count, says)


def _deadlines(today: date) -> Waiting:
    near = list(reports.alarms(today).values_list("due_on", flat=True))
    late = sum(1 for day in near if day is not None and day < today)
    says = ngettext("report is near its day", "reports are near their day", len(near))
    return Waiting(_("Deadlines"), "clock", "/console/reports/", len(near), says, late)


def _payments(today: date) -> Waiting:
    count = Payment.objects.exclude(problem="").count()
    says = ngettext("payment needs a look", "payments need a look", count)
    return Waiting(_("Orders"), "receipt", "/console/orders/", count, says)


def _differences(today: date) -> Waiting:
    count = reconciliation.open_differences().count()
    says = ngettext("difference with PayPal's list", "differences with PayPal's list", count)
    return Waiting(_("Books"), "document", "/console/books/", count, says)


def _cases(today: date) -> Waiting:
    due = list(Case.objects.filter(state=State.OPEN).values_list("due", flat=True))
    late = sum(1 for day in due if day < today)
    says = ngettext("case is open", "cases are open", len(due))
    return Waiting(_("Cases"), "chat", "/console/cases/", len(due), says, late)


def _withheld(today: date) -> Waiting:
    count = withheld.waiting().count()
    says = ngettext("thing did not leave", "things did not leave", count)
    return Waiting(_("Policy"), "eye", "/console/policy/withheld/", count, says)


def _matters(today: date) -> Waiting:
    count = matters.to_approve().count()
    says = ngettext("matter waits for approval", "matters wait for approval", count)
    return Waiting(_("Legal"), "lock", "/console/legal/", count, says)


def _calls(today: date) -> Waiting:
    count = changes.to_call().count()
    says = ngettext("person is to be called", "people are to be called", count)
    return Waiting(_("Changes"), "alert", "/console/changes/", count, says)


def _alarms(today: date) -> Waiting:
    count = alarms.waiting().count()
    says = ngettext("alarm rings", "alarms ring", count)
    return Waiting(_("Alarms"), "alert", "/console/policy/alarms/", count, says)


def _access(today: date) -> Waiting:
    count = int(roles.is_due())
    says = ngettext("access review is due", "access reviews are due", count)
    return Waiting(_("Roles"), "key", "/console/roles/", count, says)


QUEUES: Sequence[tuple[str, Callable[[date], Waiting]]] = (
    ("policy.view", _alarms),
    ("reports.view", _reports),
    ("reports.send", _corrections),
    ("reports.view", _deadlines),
    ("orders.view", _payments),
    ("books.view", _differences),
    ("cases.view", _cases),
    ("changes.view", _calls),
    ("policy.view", _withheld),
    ("legal.approve", _matters),
    ("roles.grant", _access),
)


def _completions(today: date) -> list[Bar]:
    """How many courses were completed on each of the last days, by the office's calendar."""
    first = today - timedelta(days=DAYS - 1)
    counted = dict(
        Completion.objects.filter(completed_at__date__gte=first)
        .values_list(TruncDate("completed_at"))
        .annotate(Count("pk"))
    )
    most = max(counted.values(), default=0) or 1
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return [
        Bar(f"{day:%a} {day.day}", 100 * counted.get(day, 0) / most, str(counted.get(day, 0)))
        for day in days
    ]


urlpatterns = [path("", home, name="home")]
