"""/console/reports/: the queue to the authorities, what exactly leaves, and their receipts."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Generic, TypeVar
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.credit import packs, reports, rosters
from creditable.credit.deadlines import urgency
from creditable.credit.formats import BINARY, WRITTEN
from creditable.credit.models import Report, Roster
from creditable.lib.dates import local_date
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest, staff_required
from creditable.people.models import License
from creditable.web.console.frame import page
from creditable.web.ui.errors import refused

State = Report.State
MOST = 200
LATELY = 25
Row = TypeVar("Row", bound=Model)


class Shown(Generic[Row]):
    """The first `most` rows of a list, and how many the whole list has."""

    def __init__(self, whole: QuerySet[Row], most: int) -> None:
        first = list(whole[: most + 1])
        self.rows = first[:most]
        self.cut = len(first) > most
        self.all = whole.count() if self.cut else len(first)


@staff_required("reports.view")
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    """What is due, the most urgent first; what is on its way; what needs a correction; what was
    answered lately. A license number tells staff which line it is; whose it is stands on the
    preview, the roster and the person's page, where the look is noted."""
    today = local_date(now(), settings.TIME_ZONE)
    ours = [pack.id for pack in packs.all() if pack.layout.channel != "learner"]
    waiting = Report.objects.filter(state=State.DUE).order_by("due_on", "authority", "id")
    due = Shown(waiting.filter(authority__in=ours).select_related("award"), MOST)
    theirs = Shown(waiting.exclude(authority__in=ours).select_related("award"), LATELY)
    amend = Shown(reports.to_amend().select_related("award", "roster").order_by("id"), MOST)
    wrong = Shown(reports.to_correct().select_related("award", "roster"), MOST)
    answered = reports.answered().exclude(pk__in=reports.to_correct().values("pk"))
    licenses = _licenses([*due.rows, *wrong.rows, *amend.rows, *theirs.rows])
    by_authority: dict[str, list[tuple[Report, str, str]]] = {}
    for report in due.rows:
        line = (report, licenses[report.pk], urgency(report.due_on, today))
        by_authority.setdefault(report.authority, []).append(line)
    open_lines = Report.objects.filter(roster=OuterRef("pk"), state__in=(State.QUEUED, State.SENT))
    traveling = Roster.objects.filter(Exists(open_lines)).order_by("-created_at", "-id")
    under_way = Shown(traveling.prefetch_related("reports").defer("content"), MOST)
    settled = Shown(answered.select_related("award", "roster"), LATELY)
    urgent = [urgency(day, today) for day in reports.alarms(today).values_list("due_on", flat=True)]
    context = {
        "late": urgent.count("late"),
        "soon": urgent.count("soon"),
        "due": [(packs.find(name), name, group) for name, group in by_authority.items()],
        "due_shown": due,
        "under_way": [
            (roster, packs.find(roster.authority), _count(roster, today))
            for roster in under_way.rows
        ],
        "under_way_shown": under_way,
        "wrong": [
            (
                report,
                packs.find(report.authority),
                licenses[report.pk],
                urgency(report.due_on, today),
            )
            for report in wrong.rows
        ],
        "amend": [
            (report, packs.find(report.authority), licenses[report.pk]) for report in amend.rows
        ],
        "amend_shown": amend,
        "theirs": [
            (
                report,
                packs.find(report.authority),
                licenses[report.pk],
                urgency(report.due_on, today),
            )
            for report in theirs.rows
        ],
        "theirs_shown": theirs,
        "wrong_shown": wrong,
        "settled": [(report, packs.find(report.authority)) for report in settled.rows],
        "settled_shown": settled,
        "may_send": request.user.may("reports.send"),
    }
    return page(request, "console/reports.html", context)


@staff_required("reports.send")
@require_POST
def preview(request: SignedRequest) -> HttpResponse:
    """The exact bytes that would leave, and who would be held back and why. Nothing leaves yet."""
    ids = _chosen(request)
    shown = reports.preview(report_ids=ids)
    if not shown:
        return refused(request, Refused(_("Choose at least one report that is due.")), status=422)
    by = request.user.staff_actor
    for subject_id in {row.subject_id for roster in shown for row in _people(roster)}:
        trail.viewed(by=by, subject_id=subject_id, page="console report")
    if (wanted := request.POST.get("file", "")).isdecimal() and int(wanted) < len(shown):
        chosen = shown[int(wanted)]
        if chosen.roster:
            name = rosters.filename(chosen.pack, chosen.roster)
            return _file(chosen.pack.layout.format, name, chosen.content)
    described = [
        {
            "pack": roster.pack,
            "text": _text(roster.pack.layout.format, roster.content),
            "table": _table(roster),
            "size": len(roster.content),
            "withheld": roster.withheld,
            "plainer": roster.plainer,
        }
        for roster in shown
    ]
    context = {
        "rosters": described,
        "ids": [row.id for roster in shown for row in roster.included],
        "channels": {roster.pack.layout.channel for roster in shown},
    }
    return page(request, "console/report_preview.html", context)


@staff_required("reports.send")
@require_POST
def send(request: SignedRequest) -> HttpResponse:
    """Sends what was previewed, through the gate."""
    sent = reports.send(report_ids=_chosen(request), by=request.user.staff_actor)
    if not sent:
        return refused(request, Refused(_("Nothing was sent: these reports are not due any more.")))
    if len(sent) == 1:
        return HttpResponseRedirect(reverse("console:roster", args=[sent[0].number]))
    messages.success(request, _("{len} rosters are on their way.").format(len=len(sent)))
    return HttpResponseRedirect(reverse("console:reports"))


@staff_required("reports.view")
@require_safe
def roster_file(request: SignedRequest, roster: str) -> HttpResponse:
    """The exact bytes that left, as a file."""
    sent = _roster(roster)
    _viewed(request, _lines(sent))
    return _file(sent.format, sent.filename, bytes(sent.content))


@staff_required("reports.view")
@require_safe
def roster(request: SignedRequest, roster: str) -> HttpResponse:
    """One roster: its bytes, its lines, its receipt."""
    return _roster_page(request, _roster(roster), None)


@staff_required("reports.receipt")
@require_POST
def receipt(request: SignedRequest, roster: str) -> HttpResponse:
    """Enters the confirmation that an authority's web form showed."""
    sent = _roster(roster)
    waiting = [line for line in _lines(sent) if reports.is_answered_by_hand(sent, line)]
    form = ReceiptForm(request.POST, lines=waiting)
    if form.is_valid():
        try:
            reports.record_receipt(
                roster=sent,
                confirmation=form.cleaned_data["confirmation"],
                rejected=form.rejected(),
                by=request.user.staff_actor,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("The receipt is entered; the learners are told."))
            return HttpResponseRedirect(reverse("console:roster", args=[sent.number]))
    return _roster_page(request, sent, form)


@staff_required("reports.send")
@require_POST
def send_again(request: SignedRequest, roster: str) -> HttpResponse:
    """Sends a roster once more under its number, when nobody knows whether it arrived."""
    sent = _roster(roster)
    try:
        reports.send_again(roster=sent, by=request.user.staff_actor)
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(request, _("It is on its way again, under the same number."))
    return HttpResponseRedirect(reverse("console:roster", args=[sent.number]))


@staff_required("reports.send")
@require_POST
def correct(request: SignedRequest, report_id: UUID) -> HttpResponse:
    """Puts a rejected report into the queue again, with the license as it reads now."""
    report = get_object_or_404(Report, pk=report_id)
    try:
        reports.correct(report=report, by=request.user.staff_actor)
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(request, _("The report is due again."))
    return HttpResponseRedirect(reverse("console:reports"))


@staff_required("reports.receipt")
@require_POST
def amended(request: SignedRequest, report_id: UUID) -> HttpResponse:
    """Notes that the authority was told by letter what has changed in an accepted line."""
    report = get_object_or_404(Report, pk=report_id)
    try:
        reports.amended(
            report=report,
            confirmation=request.POST.get("confirmation", ""),
            by=request.user.staff_actor,
        )
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(request, _("The amendment is noted, and stands in the ledger."))
    return HttpResponseRedirect(reverse("console:reports"))


class ReceiptForm(forms.Form):
    """The authority's confirmation, and the reason for each line that it did not take. The
    confirmation may be missing only when no line was taken."""

    confirmation = forms.CharField(
        label=gettext_lazy("Confirmation"),
        max_length=80,
        help_text=gettext_lazy(
            "As the authority's page showed it; entered for every line without a reason."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Copy the confirmation that the authority's page showed.")
        },
    )

    def __init__(self, *args: Any, lines: list[Report], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = []
        for number, report in enumerate(lines, start=1):
            reasons.append(name := f"reason_{report.pk}")
            self.fields[name] = forms.CharField(
                label=gettext_lazy("Line {number} was not taken because").format(number=number),
                required=False,
                max_length=300,
            )
        none_taken = reasons and all(self.data.get(name, "").strip() for name in reasons)
        self.fields["confirmation"].required = not none_taken

    def rejected(self) -> dict[UUID, str]:
        return {
            UUID(name.removeprefix("reason_")): words
            for name, words in self.cleaned_data.items()
            if name.startswith("reason_") and words.strip()
        }


def _roster_page(request: SignedRequest, sent: Roster, form: ReceiptForm | None) -> HttpResponse:
    lines = _lines(sent)
    _viewed(request, lines)
    pack = packs.find(sent.authority)
    by_hand = [line for line in lines if pack and reports.is_answered_by_hand(sent, line)]
    if form is None and by_hand and request.user.may("reports.receipt"):
        form = ReceiptForm(lines=by_hand)
    context = {
        "roster": sent,
        "pack": pack,
        "text": _text(sent.format, bytes(sent.content)),
        "size": len(sent.content),
        "lines": lines,
        "form": form,
        "channel": pack.layout.channel if pack else "",
        "unknown": any(line.code == "unknown" for line in lines),
        "may_send_again": any(line.state == State.QUEUED for line in lines),
    }
    status = 422 if form is not None and form.is_bound else 200
    return page(request, "console/roster.html", context, status)


def _viewed(request: SignedRequest, lines: Sequence[Report]) -> None:
    by = request.user.staff_actor
    for subject_id in {line.subject_id for line in lines}:
        trail.viewed(by=by, subject_id=subject_id, page="console roster")


def _text(format: str, content: bytes) -> str:
    """The file as a page shows it; "" for one that is no text."""
    return "" if format in BINARY else content.decode("utf-8", errors="replace")


def _table(shown: reports.Preview) -> list[list[str]]:
    """The rows of a file that is no text."""
    binary = BINARY.get(shown.pack.layout.format)
    if binary is None or shown.roster is None:
        return []
    return [[_cell(cell) for cell in row] for row in binary.rows(shown.roster, shown.pack.layout)]


def _cell(cell: object) -> str:
    return f"{cell:%m/%d/%Y}" if isinstance(cell, date) else str(cell)


def _file(format: str, name: str, content: bytes) -> HttpResponse:
    return HttpResponse(
        content,
        WRITTEN[format].MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _roster(number: str) -> Roster:
    return get_object_or_404(Roster, number=number)


def _lines(roster: Roster) -> list[Report]:
    return list(roster.reports.select_related("award").order_by("id"))


def _chosen(request: SignedRequest) -> list[UUID]:
    field = forms.UUIDField()
    ids = []
    for text in request.POST.getlist("report")[:MOST]:
        try:
            ids.append(field.clean(text))
        except forms.ValidationError:
            continue
    return [value for value in ids if value is not None]


def _licenses(shown: Sequence[Report]) -> dict[UUID, str]:
    """Each report's license as it would leave now, by type and number."""
    kept = License.objects.in_bulk({report.award.license_id for report in shown})
    named = {}
    for report in shown:
        taken = report.award.snapshot["license"]
        license = kept.get(report.award.license_id)
        type_id, number = (
            (license.license_type, license.number) if license else (taken["type"], taken["number"])
        )
        pack = packs.find(report.authority)
        kind = pack.license_type(type_id) if pack else None
        named[report.pk] = f"{kind.name if kind else type_id} {number}"
    return named


def _people(roster: reports.Preview) -> list[rosters.Row]:
    return [*roster.included, *(report for report, _ in roster.withheld)]


def _count(roster: Roster, today: date) -> dict[str, Any]:
    """How many of its lines are without an answer, and how near the first of their days is."""
    lines = list(roster.reports.all())
    waiting = [line for line in lines if line.state in (State.QUEUED, State.SENT)]
    first = min((line.due_on for line in waiting if line.due_on), default=None)
    return {
        "all": len(lines),
        "open": len(waiting),
        "due_on": first,
        "urgency": urgency(first, today),
        "unknown": any(line.code == "unknown" for line in waiting),
    }


urlpatterns = [
    path("reports/", index, name="reports"),
    path("reports/preview/", preview, name="report_preview"),
    path("reports/send/", send, name="report_send"),
    path("reports/rosters/<slug:roster>/", roster, name="roster"),
    path("reports/rosters/<slug:roster>/file/", roster_file, name="roster_file"),
    path("reports/rosters/<slug:roster>/receipt/", receipt, name="receipt"),
    path("reports/rosters/<slug:roster>/again/", send_again, name="roster_again"),
    path("reports/<uuid:report_id>/amended/", amended, name="report_amended"),
    path("reports/<uuid:report_id>/correct/", correct, name="report_correct"),
]
