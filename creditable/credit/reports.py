"""Reports to authorities: prepared with their due date, sent in rosters, answered line by line.

    prepare -> due -> send -> queued -> (taken) sent -> accepted | rejected -> correct -> due ...
                   -> file -> filed                     accepted -> amend -> amended and due ...

Each award has one report that is open or accepted (a database constraint). A roster's number is
its key with the authority, so sending it again is harmless; an outcome that nobody knows stays
open and is asked about, never called a failure.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from creditable.audit import prepared, trail
from creditable.audit.clock import Now, now
from creditable.credit import identification, letters, packs, rosters
from creditable.credit.deadlines import SOON_DAYS
from creditable.credit.formats import ANSWERED, LATER, csv
from creditable.credit.identification import Stage, Standing
from creditable.credit.models import Award, Report, ReportEvent, Roster
from creditable.credit.pack import Pack
from creditable.credit.releases import LETTERS, QUESTIONS, ROSTERS
from creditable.credit.roster import Decision, LineVerdict, Receipt, Unreadable
from creditable.credit.roster import Roster as Written
from creditable.credit.rosters import Row
from creditable.disclosure import gate
from creditable.disclosure.models import Outbox
from creditable.jobs import enqueue
from creditable.lib import ids
from creditable.lib.actor import Actor
from creditable.lib.dates import add_days, local_date
from creditable.lib.refusal import Refused
from creditable.people.models import License

BATCH = 2000
OVER = (Report.State.REJECTED, Report.State.AMENDED)
FIRST_QUESTION = timedelta(minutes=2)
MOST = 500
LONGEST_WAIT = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Preview:
    """A roster as it would leave now: its file's exact bytes, who is in it, and who is not and why.
    `plainer` are the texts that its encoding cannot say as they are."""

    pack: Pack
    roster: Written | None
    content: bytes
    included: tuple[Row, ...]
    withheld: tuple[tuple[Row, str], ...]
    plainer: tuple[str, ...]


@transaction.atomic
def prepare(*, award: Award, by: Actor) -> Report | None:
    """Puts the award into the queue of its authority with the day by which it is due; nothing for
    an award that no authority is told of. A second call gives back the open report."""
    pack = packs.find(award.authority) if award.authority else None
    if pack is None or not pack.takes_reports:
        return None
    return _prepare(award, pack, award.completed_on, by)


def preview(*, report_ids: Iterable[UUID]) -> list[Preview]:
    """The rosters that `send` would make of these reports, byte for byte but for their number.
    Writes nothing."""
    shown = []
    for pack, together in rosters.together(Row.all(_due(report_ids))):
        waiting = _without_document(pack, together)
        group = [row for row in together if row.id not in waiting]
        release = rosters.release(pack, "(number)", group, by=Actor.system("preview"))
        plan = release.decide()
        roster = rosters.written(release, plan)
        csv_file = roster if pack.layout.format == "csv" else None
        shown.append(
            Preview(
                pack=pack,
                roster=roster,
                content=rosters.content(pack, roster),
                included=rosters.allowed(group, plan),
                withheld=(
                    *rosters.withheld(group, plan),
                    *((row, waiting[row.id].words) for row in together if row.id in waiting),
                ),
                plainer=tuple(csv.misses(csv_file, pack.layout)) if csv_file else (),
            )
        )
    return shown


@transaction.atomic
def send(*, report_ids: Iterable[UUID], by: Actor) -> list[Roster]:
    """Sends those of the reports that are still due, through the gate: by machine they are queued,
    what staff carry counts as sent. A person whom the policy does not let through
    stays due, with the reason. Reports that somebody else has sent meanwhile are left alone."""
    due = Row.all(_due(report_ids).select_for_update(of=("self",)))
    sent = (_send(pack, group, by) for pack, group in rosters.together(due))
    return [roster for roster in sent if roster is not None]


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
def taken(*, roster_id: UUID, receipt: Receipt | None, at: datetime) -> None:
    """The authority has the roster, and gave a receipt where it answers by machine; its verdicts
    may come later."""
    roster = Roster.objects.select_for_update().get(pk=roster_id)
    if receipt and not roster.receipt:
        roster.receipt, roster.received_at = receipt.receipt_id, at
        roster.save(update_fields=["receipt", "received_at"])
    by = Actor.outside(roster.authority)
    queued = [report for report in _locked(roster) if report.state == Report.State.QUEUED]
    _move_all(queued, Report.State.SENT, by)
    if roster.format in LATER:
        _ask_later(roster, FIRST_QUESTION)


@transaction.atomic
def returned(*, roster_id: UUID, code: str, message: str, by: Actor) -> None:
    """The roster came back: it was refused as a whole or never left. Its reports are due again
    and wait for staff, with the reason."""
    roster = Roster.objects.select_for_update().get(pk=roster_id)
    back = [row for row in _locked(roster) if row.state in (Report.State.QUEUED, Report.State.SENT)]
    for report in back:
        report.roster = None
    _move_all(back, Report.State.DUE, by, code=code, message=message)


@transaction.atomic
def unanswered(*, roster_id: UUID) -> None:
    """We gave up sending without knowing whether the authority has the roster. The reports stay
    queued. Where the authority knows a roster again, sending it once more cannot report anybody
    twice; elsewhere somebody looks there first."""
    roster = Roster.objects.select_for_update().get(pk=roster_id)
    knows = roster.format in LATER
    words = (
        "Nobody answered. It may have arrived; send it again to be sure."
        if knows
        else "Nobody answered. It may have arrived: ask the authority before you send it again."
    )
    waiting = [
        row for row in _locked(roster) if row.state == Report.State.QUEUED and row.code != "unknown"
    ]
    _move_all(waiting, Report.State.QUEUED, Actor.system("sender"), code="unknown", message=words)


@transaction.atomic
def send_again(*, roster: Roster, by: Actor) -> None:
    """Sends a queued roster once more, under its number: the authority takes it at most once, or
    whoever sends it has asked there."""
    roster = Roster.objects.select_for_update().get(pk=roster.pk)
    pack = packs.get(roster.authority)
    waiting = [row for row in _locked(roster) if row.state == Report.State.QUEUED]
    if not pack.layout.is_carried or not waiting:
        raise Refused(_("This roster is not waiting for an answer."), code="not_waiting")
    if roster.format not in LATER and any(row.code != "unknown" for row in waiting):
        raise Refused(_("It is still on its way."), code="on_its_way")
    times = Outbox.objects.filter(key__startswith=f"roster:{roster.number}").count()
    key = f"roster:{roster.number}:{times + 1}"
    rows = Row.all(Report.objects.filter(pk__in=[row.pk for row in waiting]).order_by("id"))
    release = rosters.release(pack, roster.number, rows, by=by, key=key)
    roster.content = rosters.content(pack, rosters.written(release, release.decide()))
    roster.sha256 = sha256(roster.content).hexdigest()
    release.commit(reference=str(roster.pk))
    roster.save(update_fields=["content", "sha256"])
    _move_all(waiting, Report.State.QUEUED, by)


def read_decision(*, authority: str, body: bytes) -> int:
    """Applies the authority's verdicts, each once: a line that is settled stays as it is,
    whatever comes later. Says how many lines were settled now. Refused when it is not readable,
    speaks of no roster of ours, or the authority does not answer by machine."""
    answers = LATER.get(packs.get(authority).layout.format)
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
    ours = Roster.objects.select_for_update().filter(authority=authority)
    roster = ours.filter(number=decision.roster_id).first()
    if roster is None or roster.receipt not in ("", decision.receipt_id):
        raise Refused(_("No roster of ours has this number and receipt."), code="unknown_roster")
    return _settle_lines(roster, decision.lines)


@transaction.atomic
def settle(*, roster_id: UUID, lines: Iterable[LineVerdict]) -> int:
    """As `decide`, for the verdicts that came with the receipt of this roster."""
    return _settle_lines(Roster.objects.select_for_update().get(pk=roster_id), lines)


@transaction.atomic
def record_receipt(
    *, roster: Roster, confirmation: str, rejected: Mapping[UUID, str], by: Actor
) -> None:
    """Enters what an authority answered to people: its web form to a list that staff typed in, a
    letter to a file that it was sent, its site to a roster of which nobody knew whether it came.
    Its confirmation for the lines it took, the reason for each line it did not."""
    roster = Roster.objects.select_for_update().get(pk=roster.pk)
    reports = _locked(roster)
    lines = [row for row in reports if is_answered_by_hand(roster, row)]
    if not lines:
        if any(row.state in (Report.State.QUEUED, Report.State.SENT) for row in reports):
            raise Refused(_("This authority answers by itself."), code="not_manual")
        raise Refused(_("The receipt of this list was entered already."), code="settled")
    confirmation = " ".join(confirmation.split())
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


def is_answered_by_hand(roster: Roster, report: Report) -> bool:
    """Whether staff enter what the authority says of this report, because no machine tells us."""
    if report.state == Report.State.QUEUED:
        return report.code == "unknown" and roster.format not in LATER
    layout = packs.get(roster.authority).layout
    by_machine = layout.channel == "https" and roster.format in ANSWERED
    return report.state == Report.State.SENT and not by_machine


@transaction.atomic
def file(*, report: Report, confirmation: str, by: Actor) -> None:
    """Notes that the learner has filed the report with the authority, and what it answered to
    that. Refused where we are the ones who report, and when it is noted already."""
    locked = Report.objects.select_for_update().get(pk=report.pk)
    if packs.get(locked.authority).layout.channel != "learner":
        raise Refused(_("We report to this authority ourselves."), code="not_the_learners")
    if locked.state != Report.State.DUE:
        raise Refused(_("This is noted already."), code="filed")
    confirmation = " ".join(confirmation.split())
    if len(confirmation) > 80:
        raise Refused(_("Use at most 80 characters."), field="confirmation", code="too_long")
    locked.confirmation = confirmation
    _move(locked, Report.State.FILED, by)


@transaction.atomic
def amend(*, award: Award, reason: str, by: Actor, withdrawn: bool = False) -> Report | None:
    """Sees to it that the authority hears of what is no longer as it was told. Where another line
    takes the place of the first, that one is due now; where a posted roster cannot be edited, or
    the credit was `withdrawn`, staff write a letter. What is still on its way is amended when it
    has arrived, and what has not left yet says the new things anyway."""
    told = (Report.State.QUEUED, Report.State.SENT, Report.State.ACCEPTED, Report.State.FILED)
    open_reports = Report.objects.select_for_update(of=("self",)).select_related("award")
    report = open_reports.filter(award=award, state__in=told).first()
    if report is None:
        return None
    report.amend = reason[:300]
    report.save(update_fields=["amend"])
    if report.state == Report.State.ACCEPTED and not withdrawn:
        return _amend(report, by)
    return report


@transaction.atomic
def amended(*, report: Report, confirmation: str, by: Actor) -> None:
    """Notes that staff have told the authority by letter what has changed in an accepted line, and
    what it answered. What the letter said stands in the ledger; where another line says what has
    changed, a letter only takes a line back, by the numbers of roster and line."""
    locked = (
        Report.objects.select_for_update(of=("self",)).select_related("award").get(pk=report.pk)
    )
    if locked not in to_amend():
        raise Refused(_("Nothing is to be amended here."), code="not_to_amend")
    confirmation = " ".join(confirmation.split())
    if not 0 < len(confirmation) <= 80:
        raise Refused(
            _("Say in at most 80 characters how they confirmed it."),
            field="confirmation",
            code="required",
        )
    if locked.authority in LETTERS:
        _release_letter(locked, by)
    locked.amend, locked.confirmation = "", confirmation
    locked.save(update_fields=["amend"])
    _move(locked, Report.State.ACCEPTED, by, message=_("Amended by letter."))


def to_amend() -> QuerySet[Report]:
    """Accepted lines of which the authority must be told by letter that they have changed."""
    return Report.objects.filter(state=Report.State.ACCEPTED).exclude(amend="")


def alarms(today: date) -> QuerySet[Report]:
    """What has not been accepted or filed and must be within a few days, or should have been; the
    most urgent first."""
    near = Report.objects.filter(_unsettled(), due_on__lte=add_days(today, SOON_DAYS))
    return near.order_by("due_on", "id")


@prepared.query
def of(subject_id: UUID) -> QuerySet[Any]:
    """A person's reports with their awards, newest first; `is_unsettled` tells of which a deadline
    still matters, `now` what time it is (one query)."""
    reports = Report.objects.filter(subject_id=subject_id).select_related("award")
    known = reports.annotate(is_unsettled=_unsettled(), now=Now())
    return known.order_by("-created_at", "-id")


@prepared.query
def events(subject_id: UUID) -> QuerySet[ReportEvent]:
    """What happened to the person's reports, in order (one query)."""
    return ReportEvent.objects.filter(report__subject_id=subject_id).order_by("at", "id")


def _unsettled() -> Q:
    """The condition on reports that were neither accepted nor filed, nor sent again since."""
    open_states = (Report.State.DUE, Report.State.QUEUED, Report.State.SENT)
    return Q(state__in=open_states) | Q(pk__in=to_correct().values("pk"))


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
    later = again.filter(~Q(state__in=OVER) | Q(created_at__gt=OuterRef("created_at")))
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


def _prepare(award: Award, pack: Pack, since: date, by: Actor) -> Report:
    """The open report of the award, made now where there is none: due so long after `since` as
    the rules of that day say."""
    rules = pack.rules_on(award.completed_on, award.snapshot["license"]["type"])
    deadline = rules.report_due.value if rules else None
    ends = License.objects.filter(pk__in=[award.license_id]).values_list("expires", flat=True)
    report, new = Report.objects.exclude(state__in=OVER).get_or_create(
        award=award,
        defaults={
            "subject_id": award.subject_id,
            "authority": award.authority,
            "due_on": deadline.after(since, ends.first()) if deadline else None,
        },
    )
    if new:
        _note([report], by)
        if pack.layout.send == "automatic":
            enqueue("credit.send_due", {"authority": pack.id})
    return report


def _send(pack: Pack, together: Sequence[Row], by: Actor) -> Roster | None:
    waiting = _without_document(pack, together)
    for row in together:
        if row.id in waiting:
            _await_document(_in(row, Report.State.DUE), waiting[row.id], by)
    group = [row for row in together if row.id not in waiting]
    if not group:
        return None
    roster, included = _release(pack, group, by)
    if roster is None:
        return None
    roster.save(force_insert=True)
    state = Report.State.QUEUED if pack.layout.is_carried else Report.State.SENT
    _move_all((_in(row, Report.State.DUE, roster) for row in included), state, by)
    trail.record(
        verb="credit.send",
        by=by,
        noun="roster",
        noun_id=roster.pk,
        detail={"authority": pack.id, "lines": len(included)},
    )
    return roster


def _release(pack: Pack, group: Sequence[Row], by: Actor) -> tuple[Roster | None, Sequence[Row]]:
    """The roster of those who are let through, with their lines of the ledger, and who they are;
    none when that is nobody. Whoever is not stays due, with the reason. What was released is
    forgotten before the roster is kept: of a long one both would not fit."""
    number = _number(now())
    release = rosters.release(pack, number, group, by=by)
    plan = release.decide()
    reasons: dict[str, list[Report]] = {}
    for row, reason in rosters.withheld(group, plan):
        reasons.setdefault(reason[:300], []).append(_in(row, Report.State.DUE))
    for reason, kept in reasons.items():
        _move_all(kept, Report.State.DUE, by, code="withheld", message=reason)
        for report in kept:
            letters.agreement_needed(report_id=report.pk, by=by)
    included = rosters.allowed(group, plan)
    if not included:
        return None, ()
    written = rosters.written(release, plan)
    assert written is not None
    content = rosters.content(pack, written)
    roster = Roster(
        authority=pack.id,
        number=number,
        format=pack.layout.format,
        filename=rosters.filename(pack, written),
        content=content,
        sha256=sha256(content).hexdigest(),
        created_by=by.subject_id,
    )
    roster.batch = release.commit(reference=str(roster.pk)).batch
    return roster, included


def _without_document(pack: Pack, rows: Sequence[Row]) -> Mapping[UUID, Standing]:
    """Of reports to an authority that wants an identity document and does not have it, by their
    id, how far the document is."""
    if pack.layout.identity is None:
        return {}
    held = License.objects.filter(pk__in={row.license_id for row in rows if row.license_id})
    waiting = {
        license_id: standing
        for license_id, standing in identification.standings(held).items()
        if standing.stage != Stage.WITH_IT
    }
    return {
        row.id: waiting[row.license_id]
        for row in rows
        if row.license_id is not None and row.license_id in waiting
    }


def _await_document(report: Report, standing: Standing, by: Actor) -> None:
    """A report that cannot leave without the document: sends the document ahead where it is at
    hand, and asks its holder for it where it is wanted."""
    code, words = identification.WAITS, standing.words
    if standing.stage == Stage.AT_HAND and (why := identification.release(standing, by=by)):
        code, words = "withheld", why[:300]
    if standing.stage in (Stage.WANTED, Stage.RETURNED):
        letters.document_needed(report_id=report.pk, standing=standing, by=by)
    if (report.code, report.message) != (code, words):
        _move(report, Report.State.DUE, by, code=code, message=words)


def _in(row: Row, state: Report.State, roster: Roster | None = None) -> Report:
    """The report of a row, as far as moving it needs it."""
    return Report(
        id=row.id,
        subject_id=row.subject_id,
        authority=row.authority,
        state=state,
        roster=roster,
    )


def _settle_lines(roster: Roster, lines: Iterable[LineVerdict]) -> int:
    verdicts = {line.line_id: line for line in lines}
    by = Actor.outside(roster.authority)
    settled = 0
    for report in _locked(roster):
        verdict = verdicts.get(str(report.pk))
        if verdict is not None and _settle(report, verdict, by):
            settled += 1
    return settled


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
    if state == Report.State.ACCEPTED:
        identification.acknowledged(report=report, by=by)
    if report.amend and state == Report.State.ACCEPTED:
        _amend(report, by)
    return True


def _release_letter(report: Report, by: Actor) -> None:
    pack = packs.get(report.authority)
    (row,) = Row.all(Report.objects.filter(pk=report.pk))
    try:
        rosters.letter(pack, row, by=by, key=f"amendment:{report.pk}:{ids.token()}").commit()
    except gate.Denied as denied:
        raise Refused(str(denied), code="withheld") from denied


def _amend(report: Report, by: Actor) -> Report:
    """Another line takes the place of an accepted one, where the authority takes one."""
    pack = packs.get(report.authority)
    if pack.layout.amend != "resend":
        return report
    reason, report.amend = report.amend, ""
    report.save(update_fields=["amend"])
    _move(report, Report.State.AMENDED, by, message=reason)
    return _prepare(report.award, pack, local_date(now(), pack.time_zone), by)


def _move(
    report: Report, state: Report.State, by: Actor, *, code: str = "", message: str = ""
) -> None:
    _move_all([report], state, by, code=code, message=message)


def _move_all(
    moved: Iterable[Report], state: Report.State, by: Actor, *, code: str = "", message: str = ""
) -> None:
    """Brings reports to a station, in a statement each for the reports, their history and the
    trail for every few thousand. Their rosters and confirmations are taken over too."""
    left = iter(moved)
    while reports := list(islice(left, BATCH)):
        for report in reports:
            report.state, report.code, report.message = state, code, message
        _write(_MOVE, reports, by)
        _note(reports, by)


def _note(reports: Sequence[Report], by: Actor) -> None:
    """Writes the stations where the reports are into their history and into the trail."""
    _write(_NOTE, reports, by)
    trail.record_each(
        by=by,
        deeds=(
            trail.Deed(
                verb=f"credit.report_{report.state}",
                noun="report",
                noun_id=report.pk,
                about=report.subject_id,
                detail={"authority": report.authority, "code": report.code},
            )
            for report in reports
        ),
    )


_MOVE = """
    UPDATE credit_report AS report
    SET state = moved.state, code = moved.code, message = moved.message,
        roster_id = moved.roster, confirmation = moved.confirmation
    FROM jsonb_to_recordset(%(moved)s)
        AS moved (id uuid, state text, code text, message text, roster uuid, confirmation text)
    WHERE report.id = moved.id
"""
_NOTE = """
    INSERT INTO credit_reportevent
        (id, report_id, state, actor_kind, actor_id, actor_name, code, message)
    SELECT event, id, state, %(kind)s, %(actor)s, %(name)s, code, message
    FROM jsonb_to_recordset(%(moved)s)
        AS moved (id uuid, event uuid, state text, code text, message text)
"""


def _write(statement: str, reports: Sequence[Report], by: Actor) -> None:
    """Executes a statement over the reports as they are here, `moved`. All of it is one
    parameter: quoting each value would take longer than writing the rows."""
    moved = [
        {
            "id": report.pk.hex,
            "event": ids.uuid7().hex,
            "roster": report.roster_id and report.roster_id.hex,
            "state": report.state,
            "code": report.code,
            "message": report.message,
            "confirmation": report.confirmation,
        }
        for report in reports
    ]
    given = {"kind": by.kind, "actor": by.subject_id, "name": by.name}
    with connection.cursor() as cursor:
        cursor.execute(statement, {"moved": json.dumps(moved), **given})


@transaction.atomic
def look_again(*, by: Actor, subject_id: UUID | None = None) -> int:
    """Puts back into the queue what was kept here and can leave now: a person said yes or handed in
    a document, a contract came into force, a version was published. Says how many there were."""
    kept = Report.objects.filter(
        state=Report.State.DUE, code__in=["withheld", identification.WAITS]
    )
    if subject_id is not None:
        kept = kept.filter(subject_id=subject_id)
    released = 0
    by_authority: dict[str, list[Report]] = {}
    told_by_us = [pack.id for pack in packs.all() if pack.is_told_by_us]
    for report in kept.filter(authority__in=told_by_us).select_for_update().order_by("id")[:MOST]:
        by_authority.setdefault(report.authority, []).append(report)
    for authority, waiting in by_authority.items():
        rows = Row.all(Report.objects.filter(pk__in=[report.pk for report in waiting]))
        lacking = _without_document(packs.get(authority), rows)
        for report in waiting:
            if report.pk in lacking:
                _await_document(report, lacking[report.pk], by)
        may = gate.permits(ROSTERS[authority], [report.subject_id for report in waiting])
        free = [report for report in waiting if may[report.subject_id] and report.pk not in lacking]
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
