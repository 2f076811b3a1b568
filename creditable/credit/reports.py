"""Reports to authorities: prepared with their due date, sent in rosters, answered line by line.

    prepare -> due -> send -> queued -> (taken) sent -> accepted | rejected -> correct -> due ...

Each award has one report that is open or accepted (a database constraint). A roster's number is
its key with the authority, so sending it again is harmless; an outcome that nobody knows stays
open and is asked about, never called a failure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.credit import issuer, letters, packs
from creditable.credit.deadlines import due_on
from creditable.credit.formats import ANSWERED, WRITTEN
from creditable.credit.models import Award, Certificate, Report, ReportEvent, Roster
from creditable.credit.pack import Pack
from creditable.credit.releases import QUESTIONS, ROSTERS, roster_of
from creditable.credit.roster import Decision, LineVerdict, Receipt, Unreadable
from creditable.disclosure import gate
from creditable.disclosure.gate import Opened, Plan
from creditable.disclosure.models import Outbox
from creditable.jobs import enqueue
from creditable.lib import ids
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people.models import License

ROSTER_LINES = 100
FIRST_QUESTION = timedelta(minutes=2)
MOST = 500
LONGEST_WAIT = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Preview:
    """A roster as it would leave now: its exact bytes, who is in it, and who is not and why."""

    pack: Pack
    content: bytes
    included: tuple[Report, ...]
    withheld: tuple[tuple[Report, str], ...]


@transaction.atomic
def prepare(*, award: Award, by: Actor) -> Report | None:
    """Puts the award into the queue of its authority with the day by which it is due; nothing for
    an award that no authority is told of. A second call gives back the open report."""
    pack = packs.find(award.authority) if award.authority else None
    if pack is None or not pack.takes_reports:
        return None
    rules = pack.rules_on(award.completed_on)
    deadline = rules.report_due.value if rules else None
    report, new = Report.objects.exclude(state=Report.State.REJECTED).get_or_create(
        award=award,
        defaults={
            "subject_id": award.subject_id,
            "authority": award.authority,
            "due_on": due_on(deadline, award.completed_at, pack.time_zone) if deadline else None,
        },
    )
    if new:
        _note(report, by)
        if pack.layout.send == "automatic":
            enqueue("credit.send_due", {"authority": pack.id})
    return report


def preview(*, report_ids: Iterable[UUID]) -> list[Preview]:
    """The rosters that `send` would make of these reports, byte for byte but for their number.
    Writes nothing."""
    due = _due(report_ids).select_related("award")
    shown = []
    for pack, group in _rosters(due):
        release = _release(pack, "(number)", group, Actor.system("preview"))
        plan = release.decide()
        shown.append(
            Preview(
                pack=pack,
                content=_content(pack, release, plan),
                included=_allowed(group, plan),
                withheld=_withheld(group, plan),
            )
        )
    return shown


@transaction.atomic
def send(*, report_ids: Iterable[UUID], by: Actor) -> list[Roster]:
    """Sends those of the reports that are still due, through the gate: by machine they are queued,
    on a list that staff type in they count as sent. A person whom the policy does not let through
    stays due, with the reason. Reports that somebody else has sent meanwhile are left alone."""
    due = _due(report_ids).select_related("award").select_for_update(of=("self",))
    rosters = []
    for pack, group in _rosters(due.order_by("id")):
        roster = _send(pack, group, by)
        if roster is not None:
            rosters.append(roster)
    return rosters


@transaction.atomic
def send_due(*, authority: str, by: Actor) -> list[Roster]:
    """Sends everything that is due to an authority whose reports leave by themselves."""
    if packs.get(authority).layout.send != "automatic":
        raise Refused(_("Reports to this authority are sent by staff."), code="not_automatic")
    due = Report.objects.filter(authority=authority, state=Report.State.DUE, code="")
    # What is locked is waited for, not passed over: whoever holds it may be dead and send nothing.
    waiting = due.order_by("id").select_for_update().values_list("id", flat=True)
    return send(report_ids=list(waiting), by=by)


@transaction.atomic
def taken(*, roster_id: UUID, receipt: Receipt, at: datetime) -> None:
    """The authority has the roster and gave a receipt; its verdicts may come later."""
    roster = Roster.objects.select_for_update().get(pk=roster_id)
    if not roster.receipt:
        roster.receipt, roster.received_at = receipt.receipt_id, at
        roster.save(update_fields=["receipt", "received_at"])
    by = Actor.outside(roster.authority)
    for report in _locked(roster):
        if report.state == Report.State.QUEUED:
            _move(report, Report.State.SENT, by)
    _ask_later(roster, FIRST_QUESTION)


@transaction.atomic
def returned(*, roster_id: UUID, code: str, message: str, by: Actor) -> None:
    """The roster came back: it was refused as a whole or never left. Its reports are due again
    and wait for staff, with the reason."""
    roster = Roster.objects.select_for_update().get(pk=roster_id)
    for report in _locked(roster):
        if report.state in (Report.State.QUEUED, Report.State.SENT):
            report.roster = None
            _move(report, Report.State.DUE, by, code=code, message=message)


@transaction.atomic
def unanswered(*, roster_id: UUID) -> None:
    """We gave up sending without knowing whether the authority has the roster. The reports stay
    queued; sending again under the same number cannot report anybody twice."""
    roster = Roster.objects.select_for_update().get(pk=roster_id)
    by = Actor.system("sender")
    for report in _locked(roster):
        if report.state == Report.State.QUEUED and report.code != "unknown":
            words = "Nobody answered. It may have arrived; send it again to be sure."
            _move(report, Report.State.QUEUED, by, code="unknown", message=words)


@transaction.atomic
def send_again(*, roster: Roster, by: Actor) -> None:
    """Sends a queued roster once more, under its number: the authority takes it at most once."""
    roster = Roster.objects.select_for_update().get(pk=roster.pk)
    pack = packs.get(roster.authority)
    waiting = [row for row in _locked(roster) if row.state == Report.State.QUEUED]
    if pack.layout.channel != "https" or not waiting:
        raise Refused(_("This roster is not waiting for an answer."), code="not_waiting")
    times = Outbox.objects.filter(key__startswith=f"roster:{roster.number}").count()
    key = f"roster:{roster.number}:{times + 1}"
    release = _release(pack, roster.number, waiting, by, key=key)
    release.commit(reference=str(roster.pk))
    for report in waiting:
        _move(report, Report.State.QUEUED, by)


def read_decision(*, authority: str, body: bytes) -> int:
    """Applies the authority's verdicts, each once: a line that is settled stays as it is,
    whatever comes later. Says how many lines were settled now. Refused when it is not readable,
    speaks of no roster of ours, or the authority does not answer by machine."""
    answers = ANSWERED.get(packs.get(authority).layout.format)
    if answers is None:
        raise Refused(_("This authority does not answer by machine."), code="not_automatic")
    try:
        decision = answers.read_decision(body)
    except Unreadable as error:
        raise Refused(
            _("This is no decision: {error}.").format(error=error), code="unreadable"
        ) from error
    return decide(authority=authority, decision=decision)


@transaction.atomic
def decide(*, authority: str, decision: Decision) -> int:
    """As `read_decision`, for verdicts already read."""
    rosters = Roster.objects.select_for_update().filter(authority=authority)
    roster = rosters.filter(number=decision.roster_id).first()
    if roster is None or roster.receipt not in ("", decision.receipt_id):
        raise Refused(_("No roster of ours has this number and receipt."), code="unknown_roster")
    verdicts = {line.line_id: line for line in decision.lines}
    by = Actor.outside(authority)
    settled = 0
    for report in _locked(roster):
        verdict = verdicts.get(str(report.pk))
        if verdict is not None and _settle(report, verdict, by):
            settled += 1
    return settled


@transaction.atomic
def record_receipt(
    *, roster: Roster, confirmation: str, rejected: Mapping[UUID, str], by: Actor
) -> None:
    """Enters what an authority's web form answered to a list that staff typed in: its
    confirmation for the lines it took, the reason for each line it did not."""
    roster = Roster.objects.select_for_update().get(pk=roster.pk)
    if packs.get(roster.authority).layout.channel != "manual":
        raise Refused(_("This authority answers by itself."), code="not_manual")
    confirmation = " ".join(confirmation.split())
    lines = [row for row in _locked(roster) if row.state == Report.State.SENT]
    if not lines:
        raise Refused(_("The receipt of this list was entered already."), code="settled")
    takes = [row for row in lines if row.pk not in rejected]
    if takes and not confirmation:
        raise Refused(
            _("Copy the confirmation that the authority's page showed."),
            field="confirmation",
            code="required",
        )
    if len(confirmation) > 80:
        raise Refused(_("Use at most 80 characters."), field="confirmation", code="too_long")
    roster.receipt, roster.received_at = confirmation, now()
    try:
        with transaction.atomic():
            roster.save(update_fields=["receipt", "received_at"])
    except IntegrityError as taken:
        raise Refused(
            _("Another list has this confirmation. Copy the one that stands on this list's page."),
            field="confirmation",
            code="taken",
        ) from taken
    for report in lines:
        words = " ".join(rejected.get(report.pk, "").split())[:300]
        _settle(
            report,
            LineVerdict(str(report.pk), "rejected", code="typed", message=words or "Not taken.")
            if report.pk in rejected
            else LineVerdict(str(report.pk), "accepted", confirmation),
            by,
        )


@transaction.atomic
def correct(*, report: Report, by: Actor) -> Report:
    """Puts a rejected report into the queue again, with the license as it reads now. Refused
    while the award has an open or accepted report."""
    locked = Report.objects.select_for_update().get(pk=report.pk)
    if locked.state != Report.State.REJECTED:
        raise Refused(_("Only a rejected report is corrected."), code="not_rejected")
    again = prepare(award=locked.award, by=by)
    assert again is not None
    if again.state != Report.State.DUE:
        raise Refused(_("It is on its way again already."), code="on_its_way")
    return again


def answered() -> QuerySet[Report]:
    """Accepted and rejected reports, the last answer first; `answered_at` is when it came."""
    settled = (Report.State.ACCEPTED, Report.State.REJECTED)
    answers = ReportEvent.objects.filter(report=OuterRef("pk"), state__in=settled)
    came = Subquery(answers.order_by("-at").values("at")[:1])
    reports = Report.objects.filter(state__in=settled).annotate(answered_at=came)
    return reports.order_by("-answered_at", "-id")


def to_correct() -> QuerySet[Report]:
    """Rejected reports whose award was not reported again since, the last answer first."""
    again = Report.objects.filter(award=OuterRef("award")).exclude(pk=OuterRef("pk"))
    later = again.filter(~Q(state=Report.State.REJECTED) | Q(created_at__gt=OuterRef("created_at")))
    return answered().filter(~Exists(later), state=Report.State.REJECTED)


@transaction.atomic
def ask(*, roster_id: UUID, wait_seconds: int, by: Actor) -> None:
    """Asks the authority for verdicts that have not come, and asks again after twice the wait,
    in the end every twelve hours, until every line is settled. Asking changes nothing there, so
    each question is one of its own and asking twice is harmless."""
    roster = Roster.objects.get(pk=roster_id)
    open_states = (Report.State.QUEUED, Report.State.SENT)
    if not roster.receipt or not roster.reports.filter(state__in=open_states).exists():
        return
    release = gate.open(
        template=QUESTIONS[roster.authority],
        by=by,
        key=f"question:{roster.number}:{ids.token()}",
    )
    release.add(None, {"receipt": roster.receipt})
    release.commit(reference=str(roster.pk))
    _ask_later(roster, timedelta(seconds=wait_seconds * 2))


def _send(pack: Pack, group: Sequence[Report], by: Actor) -> Roster | None:
    number = _number(now())
    release = _release(pack, number, group, by)
    plan = release.decide()
    for report, reason in _withheld(group, plan):
        _move(report, Report.State.DUE, by, code="withheld", message=reason[:300])
    included = _allowed(group, plan)
    if not included:
        return None
    content = _content(pack, release, plan)
    roster = Roster(
        authority=pack.id,
        number=number,
        format=pack.layout.format,
        content=content,
        sha256=sha256(content).hexdigest(),
        created_by=by.subject_id,
    )
    roster.batch = release.commit(reference=str(roster.pk)).batch
    roster.save(force_insert=True)
    manual = pack.layout.channel == "manual"
    for report in included:
        report.roster = roster
        _move(report, Report.State.SENT if manual else Report.State.QUEUED, by)
    trail.record(
        verb="credit.send",
        by=by,
        noun="roster",
        noun_id=roster.pk,
        detail={"authority": pack.id, "lines": len(included)},
    )
    return roster


def _release(
    pack: Pack, number: str, group: Sequence[Report], by: Actor, *, key: str = ""
) -> Opened:
    """A release of these reports, not committed. Each person is in it once. A corrected
    certificate and its report say the same; else the report says the license as it reads now."""
    template = ROSTERS[pack.id]
    release = gate.open(template=template, by=by, key=key or f"roster:{number}")
    licenses = License.objects.in_bulk([report.award.license_id for report in group])
    corrected = _corrected([report.award_id for report in group])
    provider = issuer.current()
    for report in group:
        award = report.award
        taken = award.snapshot["license"]
        license = licenses.get(award.license_id)
        said = corrected.get(award.pk) or {
            "holder_name": license.name_as_printed if license else _holder(award),
            "license_number": license.number if license else taken["number"],
        }
        type_id = license.license_type if license else taken["type"]
        kind = pack.license_type(type_id)
        delivery = award.snapshot["course"]["delivery"]
        known = {
            "line_id": str(report.pk),
            "roster_id": number,
            "authority_name": pack.name,
            "provider_name": provider.name,
            "provider_number": provider.number(pack.id),
            "location": pack.layout.location.get(delivery, ""),
            "holder_name": said["holder_name"],
            "license_type": type_id,
            "license_type_name": kind.name if kind else type_id,
            "license_number": said["license_number"],
            "course_title": award.snapshot["course"]["title"],
            "course_number": award.course_number,
            "completed_on": award.completed_on,
            "minutes": award.minutes,
        }
        release.add(report.subject_id, {name: known[name] for name in template.fields})
    return release


def _corrected(award_ids: Iterable[UUID]) -> dict[UUID, Mapping[str, str]]:
    """What the newest certificate says of each award whose certificate was corrected."""
    later = Certificate.objects.filter(award_id__in=award_ids, edition__gt=1)
    return dict(later.order_by("edition").values_list("award_id", "content"))


def _content(pack: Pack, release: Opened, plan: Plan) -> bytes:
    """The exact bytes of the roster: only fields that the policy lets through are in them."""
    rows = [release.kept(line) for line in plan.allowed]
    if not rows:
        return b""
    return WRITTEN[pack.layout.format].write(roster_of(rows), pack.layout)


def _allowed(group: Sequence[Report], plan: Plan) -> tuple[Report, ...]:
    let = {line.subject_id for line in plan.allowed}
    return tuple(report for report in group if report.subject_id in let)


def _withheld(group: Sequence[Report], plan: Plan) -> tuple[tuple[Report, str], ...]:
    reasons = {line.subject_id: line.reason for line in plan.lines if not line.allowed}
    return tuple(
        (report, reasons[report.subject_id]) for report in group if report.subject_id in reasons
    )


def _rosters(reports: Iterable[Report]) -> list[tuple[Pack, list[Report]]]:
    """The reports by authority and what its rosters hold together, each person at most once in a
    roster and no roster longer than a hundred lines."""
    groups: dict[tuple[object, ...], list[Report]] = defaultdict(list)
    times: dict[tuple[object, ...], int] = defaultdict(int)
    for report in reports:
        pack = packs.get(report.authority)
        shared: tuple[object, ...] = (pack.id,)
        if pack.layout.group_by == "course_and_day":
            shared = (pack.id, report.award.course_number, report.award.completed_on)
        turn = times[(*shared, report.subject_id)]
        times[(*shared, report.subject_id)] += 1
        part = 0
        while len(groups[(*shared, turn, part)]) >= ROSTER_LINES:
            part += 1
        groups[(*shared, turn, part)].append(report)
    return [(packs.get(group[0].authority), group) for group in groups.values()]


def _settle(report: Report, verdict: LineVerdict, by: Actor) -> bool:
    """Takes over a verdict; False when there is none yet or the line is settled."""
    if verdict.verdict == "pending":
        return False
    if report.state not in (Report.State.QUEUED, Report.State.SENT):
        return False
    if report.state == Report.State.QUEUED:  # the verdict came before the receipt: it was sent
        _move(report, Report.State.SENT, by)
    report.confirmation = verdict.confirmation
    state = Report.State.ACCEPTED if verdict.verdict == "accepted" else Report.State.REJECTED
    _move(report, state, by, code=verdict.code, message=verdict.message)
    letters.report_answered(report=report, by=by)
    return True


def _move(
    report: Report, state: Report.State, by: Actor, *, code: str = "", message: str = ""
) -> None:
    report.state, report.code, report.message = state, code, message
    report.save(update_fields=["state", "code", "message", "roster", "confirmation"])
    _note(report, by)


def _note(report: Report, by: Actor) -> None:
    ReportEvent.objects.create(
        report=report,
        state=report.state,
        actor_kind=by.kind,
        actor_id=by.subject_id,
        actor_name=by.name,
        code=report.code,
        message=report.message,
    )
    trail.record(
        verb=f"credit.report_{report.state}",
        by=by,
        noun="report",
        noun_id=report.pk,
        about=report.subject_id,
        detail={"authority": report.authority, "code": report.code},
    )


@transaction.atomic
def look_again(*, by: Actor, subject_id: UUID | None = None) -> int:
    """Puts back into the queue what the policy had kept here and lets through now: a person said
    yes, a contract came into force, a version was published. Says how many there were."""
    kept = Report.objects.filter(state=Report.State.DUE, code="withheld")
    if subject_id is not None:
        kept = kept.filter(subject_id=subject_id)
    released = 0
    by_authority: dict[str, list[Report]] = {}
    for report in kept.select_for_update().order_by("id")[:MOST]:
        by_authority.setdefault(report.authority, []).append(report)
    for authority, waiting in by_authority.items():
        may = gate.permits(ROSTERS[authority], [report.subject_id for report in waiting])
        free = [report for report in waiting if may[report.subject_id]]
        for report in free:
            _move(report, Report.State.DUE, by)
        if free and packs.get(authority).layout.send == "automatic":
            enqueue("credit.send_due", {"authority": authority})
        released += len(free)
    return released


def _due(report_ids: Iterable[UUID]) -> QuerySet[Report]:
    return Report.objects.filter(pk__in=list(report_ids), state=Report.State.DUE).order_by("id")


def _locked(roster: Roster) -> list[Report]:
    reports = roster.reports.select_for_update(of=("self",)).select_related("award")
    return list(reports.order_by("id"))


def _ask_later(roster: Roster, wait: timedelta) -> None:
    wait = min(wait, LONGEST_WAIT)
    seconds = round(wait.total_seconds())
    enqueue(
        "credit.ask",
        {"roster_id": str(roster.pk), "wait_seconds": seconds},
        key=f"ask:{roster.pk}",
        run_at=now() + wait,
    )


def _number(at: datetime) -> str:
    return f"R{at:%y%m%d}-{ids.serial()[6:11]}"


def _holder(award: Award) -> str:
    return str(award.snapshot["holder_name"])
