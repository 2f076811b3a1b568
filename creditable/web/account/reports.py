"""/account/reports/: where each report to an authority is, like a parcel."""

from collections import defaultdict
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from creditable.audit import prepared
from creditable.credit import packs, rosters
from creditable.credit import reports as credit_reports
from creditable.credit.deadlines import urgency
from creditable.credit.models import Report, ReportEvent
from creditable.credit.pack import Layout
from creditable.disclosure import choices
from creditable.lib.dates import local_date
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest
from creditable.people.models import License
from creditable.web.ui.errors import refused
from creditable.web.ui.timeline import Step

State = Report.State
ORDER = [State.DUE, State.QUEUED, State.SENT, State.ACCEPTED]


@never_cache
@login_required
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    """Every report, newest first, with its stations; and the authorities that want none."""
    reports = credit_reports.of(request.user.pk)
    events: dict[UUID, list[ReportEvent]] = defaultdict(list)
    for event in credit_reports.events(request.user.pk):
        events[event.report_id].append(event)
    over = (State.REJECTED, State.AMENDED)
    settled = {row.award_id for row in reports if row.state not in over}
    kept = {row.authority for row in reports if row.code == "withheld"}
    asked = {
        authority: rosters.to_agree(subject_id=request.user.pk, authority=authority)
        for authority in sorted(kept)
    }
    parcels = [
        {
            "report": report,
            "urgency": urgency(report.due_on, local_date(report.now, settings.TIME_ZONE))
            if report.is_unsettled
            else "",
            "to_file": _to_file(report),
            "authority": _authority(report.authority),
            "course": report.award.snapshot["course"]["title"],
            "license": report.award.snapshot["license"],
            "steps": stations(report, events[report.pk]),
            "asked": asked[report.authority] if report.code == "withheld" else [],
            "may_correct": report.state == State.REJECTED and report.award_id not in settled,
        }
        for report in reports
    ]
    held = sorted(set(_authorities(request.user.pk)))
    known = [pack for name in held if (pack := packs.find(name))]
    silent = [pack for pack in known if not pack.takes_reports]
    return render(request, "account/reports.html", {"parcels": parcels, "silent": silent})


@prepared.query
def _authorities(subject_id: UUID) -> QuerySet[License, str]:
    return License.objects.filter(subject_id=subject_id).values_list("authority", flat=True)


def _to_file(report: Report) -> Layout | None:
    """How the learner files the report, where that is still to be done."""
    pack = packs.find(report.authority)
    waits = pack is not None and pack.layout.channel == "learner" and report.state == State.DUE
    return pack.layout if pack and waits else None


@login_required
@require_POST
def agree(request: SignedRequest, report_id: UUID) -> HttpResponse:
    """Takes the yes that a report waits for, and sends on what it had kept here."""
    report = get_object_or_404(Report, subject_id=request.user.pk, pk=report_id)
    for option in rosters.to_agree(subject_id=request.user.pk, authority=report.authority):
        choices.say(
            subject_id=request.user.pk,
            choice=option.name,
            agrees=True,
            source="need",
            words=option.label,
            by=request.user.actor,
        )
    credit_reports.look_again(subject_id=request.user.pk, by=request.user.actor)
    messages.success(request, _("Thank you. Your report can leave now."))
    return HttpResponseRedirect(reverse("account:reports"))


@login_required
@require_POST
def filed(request: SignedRequest, report_id: UUID) -> HttpResponse:
    """Notes that the learner has told the authority."""
    report = get_object_or_404(Report, subject_id=request.user.pk, pk=report_id)
    try:
        credit_reports.file(
            report=report,
            confirmation=request.POST.get("confirmation", ""),
            by=request.user.actor,
        )
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(request, _("Noted. Keep what the authority gave you."))
    return HttpResponseRedirect(reverse("account:reports"))


@login_required
@require_POST
def again(request: SignedRequest, report_id: UUID) -> HttpResponse:
    """Sends a rejected report once more, with the license as it reads now."""
    report = get_object_or_404(Report, subject_id=request.user.pk, pk=report_id)
    try:
        credit_reports.correct(report=report, by=request.user.actor)
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(
        request, _("The report is in the queue again, with your license as it is now.")
    )
    return HttpResponseRedirect(reverse("account:reports"))


def stations(report: Report, events: list[ReportEvent]) -> list[Step]:
    """The way of a report: what happened, what is under way, what is still to come."""
    pack = packs.find(report.authority)
    channel = pack.layout.channel if pack else ""
    by_hand = channel == "manual"
    reached = {State(event.state): event for event in events}
    prepared = next((event for event in events if event.state == State.DUE), None)
    labels = {
        State.DUE: _("Prepared, due by {day}").format(
            day=f"{report.due_on:%B} {report.due_on.day}, {report.due_on.year}"
        )
        if report.due_on
        else _("Prepared"),
        State.QUEUED: _("Queued"),
        State.SENT: _("Entered on the authority's site") if by_hand else _("Sent, and taken"),
        State.ACCEPTED: _("Accepted"),
        State.FILED: _("Filed by you"),
    }
    way = [state for state in ORDER if not (by_hand and state == State.QUEUED)]
    if channel == "learner":
        way = [State.DUE, State.FILED]
    if report.state == State.REJECTED:
        way = way[:-1]
    current = State(report.state)
    steps = []
    for place, state in enumerate(way):
        event = prepared if state == State.DUE else reached.get(state)
        if state == current and state not in (State.ACCEPTED, State.FILED):
            steps.append(Step(labels[state], "now", event.at if event else None, _note(report)))
        elif event is not None and (current not in way or place <= way.index(current)):
            note = (
                _("Confirmation {number}").format(number=report.confirmation)
                if state in (State.ACCEPTED, State.FILED)
                else ""
            )
            steps.append(Step(labels[state], "done", event.at, note if report.confirmation else ""))
        elif current in way and place > way.index(current):
            steps.append(Step(labels[state], "next"))
        else:
            steps.append(Step(labels[state], "done"))
    if report.state == State.REJECTED:
        event = reached.get(State.REJECTED)
        steps.append(Step(_("Not accepted"), "bad", event.at if event else None, report.message))
    if report.state == State.AMENDED:
        event = reached.get(State.AMENDED)
        steps.append(Step(_("Amended"), "done", event.at if event else None, report.message))
    return steps


def _note(report: Report) -> str:
    if report.code == "withheld":
        return _("It stays here until our privacy policy and your choices let it leave.")
    if report.message:
        return report.message
    pack = packs.find(report.authority)
    if report.state == State.DUE and pack is not None and pack.layout.channel == "manual":
        return _("Our staff enter it on the authority's site.")
    if report.state == State.SENT:
        return _("The authority has it and has not answered yet.")
    return ""


def _authority(authority: str) -> str:
    pack = packs.find(authority)
    return pack.name if pack else authority


urlpatterns = [
    path("reports/", index, name="reports"),
    path("reports/<uuid:report_id>/agree/", agree, name="report_agree"),
    path("reports/<uuid:report_id>/filed/", filed, name="report_filed"),
    path("reports/<uuid:report_id>/again/", again, name="report_again"),
]
