"""A report goes out once and is accepted once, or shows why not."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from creditable.audit.clock import now
from creditable.credit import certificates, reports, rosters
from creditable.credit.models import Award, Report, ReportEvent, Roster
from creditable.credit.releases import FIELDS
from creditable.credit.roster import Receipt
from creditable.disclosure import replies
from creditable.disclosure.models import Outbox, Release, Reply
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.mail.models import Message
from creditable.people import licenses
from creditable.people.models import License, Person
from tests.credit.test_awards import license_of
from tests.factories.credit import BOARD, BY, TEXAS, make_award, make_course
from tests.factories.people import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]
RunJobs = Callable[[], int]
State = Report.State


def board_award(name: str = "Dana Whitfield", number: str = "J-20417") -> Award:
    person = make_person(name=name)
    license_of(person, BOARD, "journeyman", number)
    (award,) = make_award(person.pk, make_course(BOARD))
    return award


def texas_award(person: Person | None = None, course: Any = None) -> Award:
    person = person or make_person(name="Dana Whitfield")
    if not License.objects.filter(subject=person.pk).exists():
        license_of(person)
    (award,) = make_award(person.pk, course or make_course(TEXAS))
    return award


def test_a_license_removed_before_the_course_is_completed_brings_no_report() -> None:
    person = make_person(name="Dana Whitfield")
    license_of(person, BOARD, "journeyman", "J-20417")
    licenses.remove(license=License.objects.get(subject=person.pk), by=person.actor)
    (award,) = make_award(person.pk, make_course(BOARD))
    assert award.authority == ""
    assert not Report.objects.exists()


def answer(outbox: Outbox, outcome: str, *, status: int | None = None, body: Any = None) -> None:
    """What the sender would note, and its handling."""
    Reply.objects.create(
        outbox=outbox,
        attempt=outbox.replies.count() + 1,
        outcome=outcome,
        status=status,
        body=json.dumps(body).encode() if body is not None else b"",
    )
    replies.handle(outbox_id=outbox.pk)


def decision(
    roster: Roster, verdicts: dict[Any, dict[str, str]], receipt: str = "DSB-R-1"
) -> bytes:
    return json.dumps(
        {
            "receipt_id": receipt,
            "roster_id": roster.number,
            "state": "decided",
            "lines": [{"line_id": str(line), **verdict} for line, verdict in verdicts.items()],
        }
    ).encode()


ACCEPTED = {"verdict": "accepted", "confirmation": "DSB-2026-000001", "code": "", "message": ""}
REJECTED = {
    "verdict": "rejected",
    "confirmation": "",
    "code": "name_mismatch",
    "message": "The name is not the one on the license.",
}


def sent_to_board(award: Award, run_jobs: RunJobs) -> tuple[Report, Roster, Outbox]:
    run_jobs()
    report = award.reports.get()
    assert report.roster is not None
    return (
        report,
        report.roster,
        Outbox.objects.get(topic="credit.roster", batch=report.roster.batch),
    )


def test_the_board_is_told_by_itself_with_exactly_these_bytes(run_jobs: RunJobs) -> None:
    award = board_award()
    assert award.reports.get().state == State.DUE
    report, roster, outbox = sent_to_board(award, run_jobs)
    assert report.state == State.QUEUED
    assert bytes(outbox.body) == bytes(roster.content)
    assert outbox.destination == "demo-state-board"
    assert outbox.head["headers"]["Idempotency-Key"] == roster.number
    (line,) = json.loads(bytes(roster.content))["lines"]
    assert line == {
        "line_id": str(report.pk),
        "course_number": award.course_number,
        "completion_date": "2026-12-28",
        "minutes": 100,
        "license_type": "journeyman",
        "license_number": "J-20417",
        "name": "Dana Whitfield",
    }
    released = Release.objects.get(batch=roster.batch)
    assert released.recipient == "authority.demo-state-board"
    assert released.rule == "report.board"
    assert {name for name in released.fields if FIELDS[name].startswith("user.")} == {
        "holder_name",
        "license_type",
        "license_type_name",
        "license_number",
        "course_number",
        "completed_on",
        "minutes",
    }


def test_queued_sent_accepted(run_jobs: RunJobs) -> None:
    award = board_award()
    report, roster, outbox = sent_to_board(award, run_jobs)
    answer(outbox, "delivered", status=202, body={"receipt_id": "DSB-R-1", "received": 1})
    report.refresh_from_db()
    assert report.state == State.SENT
    settled = reports.read_decision(authority=BOARD, body=decision(roster, {report.pk: ACCEPTED}))
    assert settled == 1
    report.refresh_from_db()
    assert (report.state, report.confirmation) == (State.ACCEPTED, "DSB-2026-000001")
    states = list(report.events.order_by("at", "id").values_list("state", flat=True))
    assert states == ["due", "queued", "sent", "accepted"]
    mail = Message.objects.get(kind="credit.report_answered")
    assert "accepted" in mail.title


def test_verdicts_twice_late_and_contradicting_change_nothing(run_jobs: RunJobs) -> None:
    report, roster, outbox = sent_to_board(board_award(), run_jobs)
    accepted = decision(roster, {report.pk: ACCEPTED})
    assert reports.read_decision(authority=BOARD, body=accepted) == 1
    for body in (accepted, decision(roster, {report.pk: REJECTED})):
        assert reports.read_decision(authority=BOARD, body=body) == 0
    answer(outbox, "delivered", status=202, body={"receipt_id": "DSB-R-1", "received": 1})
    report.refresh_from_db()
    assert report.state == State.ACCEPTED
    assert Message.objects.filter(kind="credit.report_answered").count() == 1


def test_a_verdict_before_the_receipt_counts(run_jobs: RunJobs) -> None:
    report, roster, _ = sent_to_board(board_award(), run_jobs)
    assert roster.receipt == ""
    reports.read_decision(authority=BOARD, body=decision(roster, {report.pk: ACCEPTED}))
    report.refresh_from_db()
    assert report.state == State.ACCEPTED
    states = list(report.events.order_by("at", "id").values_list("state", flat=True))
    assert states == ["due", "queued", "sent", "accepted"]


def test_decisions_about_other_rosters_are_refused(run_jobs: RunJobs) -> None:
    report, roster, outbox = sent_to_board(board_award(), run_jobs)
    answer(outbox, "delivered", status=202, body={"receipt_id": "DSB-R-1", "received": 1})
    unknown = Roster(number="R000000-00000")
    wrong = [
        decision(unknown, {report.pk: ACCEPTED}),
        decision(roster, {report.pk: ACCEPTED}, receipt="DSB-R-2"),
        b"{}",
        b"\xff",
    ]
    for body in wrong:
        with pytest.raises(Refused):
            reports.read_decision(authority=BOARD, body=body)
    with pytest.raises(Refused):
        reports.read_decision(authority=TEXAS, body=decision(roster, {report.pk: ACCEPTED}))
    report.refresh_from_db()
    assert report.state == State.SENT


def test_a_rejected_report_is_corrected_and_goes_again(run_jobs: RunJobs) -> None:
    award = board_award(name="Dana Whitfeld")
    report, roster, _ = sent_to_board(award, run_jobs)
    reports.read_decision(authority=BOARD, body=decision(roster, {report.pk: REJECTED}))
    report.refresh_from_db()
    assert (report.state, report.code) == (State.REJECTED, "name_mismatch")
    license = License.objects.get(pk=award.license_id)
    licenses.change(
        license=license,
        authority=BOARD,
        license_type="journeyman",
        number=license.number,
        name_as_printed="Dana Whitfield",
        issued=None,
        expires=license.expires,
        by=BY,
    )
    again = reports.correct(report=report, by=BY)
    assert again.pk != report.pk
    assert reports.correct(report=report, by=BY).pk == again.pk
    run_jobs()
    again.refresh_from_db()
    assert again.state == State.QUEUED
    assert again.roster is not None
    assert json.loads(bytes(again.roster.content))["lines"][0]["name"] == "Dana Whitfield"
    with pytest.raises(Refused):
        reports.correct(report=report, by=BY)
    with pytest.raises(Refused):
        reports.correct(report=again, by=BY)


def test_a_rejected_report_waits_to_be_corrected_until_it_goes_again(run_jobs: RunJobs) -> None:
    report, roster, _ = sent_to_board(board_award(), run_jobs)
    reports.read_decision(authority=BOARD, body=decision(roster, {report.pk: REJECTED}))
    assert [row.pk for row in reports.to_correct()] == [report.pk]
    again = reports.correct(report=report, by=BY)
    assert not reports.to_correct().exists()
    run_jobs()
    again.refresh_from_db()
    assert again.roster is not None
    reports.read_decision(authority=BOARD, body=decision(again.roster, {again.pk: REJECTED}))
    assert [row.pk for row in reports.to_correct()] == [again.pk]


def test_answered_reports_stand_by_when_they_were_answered(
    run_jobs: RunJobs, move_clock: Callable[[timedelta], None]
) -> None:
    early = sent_to_board(board_award(), run_jobs)
    late = sent_to_board(board_award("Bo Chen", "J-20418"), run_jobs)
    for report, roster, _ in (late, early):
        move_clock(timedelta(minutes=1))
        reports.read_decision(authority=BOARD, body=decision(roster, {report.pk: ACCEPTED}))
    assert [row.pk for row in reports.answered()] == [early[0].pk, late[0].pk]


def test_one_open_or_accepted_report_an_award_is_the_databases_word(run_jobs: RunJobs) -> None:
    award = board_award()
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.create(award=award, subject_id=award.subject_id, authority=BOARD)
    report, roster, _ = sent_to_board(award, run_jobs)
    reports.read_decision(authority=BOARD, body=decision(roster, {report.pk: ACCEPTED}))
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.create(award=award, subject_id=award.subject_id, authority=BOARD)
    assert reports.prepare(award=award, by=BY) == report


def test_sending_twice_makes_one_roster(run_jobs: RunJobs) -> None:
    report, _, _ = sent_to_board(board_award(), run_jobs)
    assert reports.send(report_ids=[report.pk], by=BY) == []
    assert reports.send_due(authority=BOARD, by=BY) == []
    assert Roster.objects.count() == 1
    assert Outbox.objects.filter(topic="credit.roster").count() == 1


def test_a_roster_refused_as_a_whole_waits_for_staff_with_the_reason(run_jobs: RunJobs) -> None:
    report, _, outbox = sent_to_board(board_award(), run_jobs)
    errors = {"errors": [{"field": "", "code": "not_authorized", "message": "Send your key."}]}
    answer(outbox, "refused", status=401, body=errors)
    report.refresh_from_db()
    assert (report.state, report.code, report.message) == (
        State.DUE,
        "refused 401",
        "Send your key.",
    )
    assert report.roster is None
    assert reports.send_due(authority=BOARD, by=BY) == []
    (roster,) = reports.send(report_ids=[report.pk], by=BY)
    assert roster.reports.get().pk == report.pk


@pytest.mark.parametrize("body", [None, {"hello": "world"}])
def test_an_outcome_that_nobody_knows_is_not_called_a_failure(run_jobs: RunJobs, body: Any) -> None:
    report, roster, outbox = sent_to_board(board_award(), run_jobs)
    answer(outbox, "unknown" if body is None else "delivered", status=200, body=body)
    report.refresh_from_db()
    assert (report.state, report.code) == (State.QUEUED, "unknown")
    reports.send_again(roster=roster, by=BY)
    later = Outbox.objects.filter(topic="credit.roster").order_by("created_at", "id").last()
    assert later is not None
    assert later.pk != outbox.pk
    assert later.head["headers"]["Idempotency-Key"] == roster.number
    assert bytes(later.body) == bytes(roster.content)
    answer(later, "delivered", status=202, body={"receipt_id": "DSB-R-1", "received": 1})
    report.refresh_from_db()
    assert (report.state, report.code) == (State.SENT, "")


def test_a_lost_verdict_is_asked_for_until_it_comes(
    run_jobs: RunJobs, move_clock: Callable[[timedelta], None]
) -> None:
    report, roster, outbox = sent_to_board(board_award(), run_jobs)
    answer(outbox, "delivered", status=202, body={"receipt_id": "DSB-R-1", "received": 1})
    questions = Outbox.objects.filter(topic="credit.question")
    reports.ask(roster_id=roster.pk, wait_seconds=120, by=BY)
    first = questions.get()
    assert first.head["path"] == "/v1/rosters/DSB-R-1"
    assert not Release.objects.filter(batch=first.batch).exists()
    pending = {**ACCEPTED, "verdict": "pending", "confirmation": ""}
    answer(first, "delivered", status=200, body=json.loads(decision(roster, {report.pk: pending})))
    report.refresh_from_db()
    assert report.state == State.SENT
    reports.ask(roster_id=roster.pk, wait_seconds=240, by=BY)
    second = questions.exclude(pk=first.pk).get()
    answer(
        second, "delivered", status=200, body=json.loads(decision(roster, {report.pk: ACCEPTED}))
    )
    report.refresh_from_db()
    assert report.state == State.ACCEPTED
    reports.ask(roster_id=roster.pk, wait_seconds=480, by=BY)
    assert questions.count() == 2


def test_an_open_line_is_asked_about_for_as_long_as_it_takes(run_jobs: RunJobs) -> None:
    _, _, outbox = sent_to_board(board_award(), run_jobs)
    answer(outbox, "delivered", status=202, body={"receipt_id": "DSB-R-1", "received": 1})
    questions = Outbox.objects.filter(topic="credit.question")
    waits = []
    for asked in range(1, 14):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET scheduled_at = NULL"
                " WHERE task_name = 'credit.ask' AND status = 'todo' RETURNING args"
            )
            ((args,),) = cursor.fetchall()
        waits.append(json.loads(args)["wait_seconds"])
        run_jobs()
        assert questions.count() == asked
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=2).total_seconds()
    assert waits[-1] == waits[-2] == timedelta(hours=12).total_seconds()


def test_a_roster_sent_again_is_asked_about_anew(run_jobs: RunJobs) -> None:
    _, roster, outbox = sent_to_board(board_award(), run_jobs)
    answer(outbox, "delivered", status=202, body={"receipt_id": "DSB-R-1", "received": 1})
    questions = Outbox.objects.filter(topic="credit.question")
    reports.ask(roster_id=roster.pk, wait_seconds=120, by=BY)
    reports.taken(roster_id=roster.pk, receipt=Receipt("DSB-R-1", 1), at=now())
    reports.ask(roster_id=roster.pk, wait_seconds=120, by=BY)
    assert questions.count() == 2


def test_texas_gets_a_list_that_staff_type_in_and_a_receipt() -> None:
    course = make_course(TEXAS)
    award = texas_award(course=course)
    other = texas_award(make_person(name="José Diaz"), course)
    report = award.reports.get()
    clerk = Actor.staff(make_person().pk)
    ids = [report.pk, other.reports.get().pk]
    (shown,) = reports.preview(report_ids=ids)
    assert not Roster.objects.exists()
    assert "2  José Diaz       Journeyman Electrician  0123456" in shown.content.decode()
    (roster,) = reports.send(report_ids=ids, by=clerk)
    assert bytes(roster.content) == shown.content.replace(b"(number)", roster.number.encode())
    report.refresh_from_db()
    assert report.state == State.SENT
    released = Release.objects.filter(batch=roster.batch)
    assert {row.channel for row in released} == {"manual"}
    assert all("course_title" in row.fields and "minutes" not in row.fields for row in released)
    assert released.count() == 2
    assert not Outbox.objects.filter(topic="credit.roster").exists()
    with pytest.raises(Refused) as refusal:
        reports.record_receipt(roster=roster, confirmation=" ", rejected={}, by=clerk)
    assert refusal.value.field == "confirmation"
    reports.record_receipt(
        roster=roster,
        confirmation="TDLR 4711",
        rejected={ids[1]: "No license with this number."},
        by=clerk,
    )
    states = {row.pk: (row.state, row.confirmation, row.message) for row in roster.reports.all()}
    assert states == {
        ids[0]: (State.ACCEPTED, "TDLR 4711", ""),
        ids[1]: (State.REJECTED, "", "No license with this number."),
    }
    with pytest.raises(Refused):
        reports.record_receipt(roster=roster, confirmation="again", rejected={}, by=clerk)


def test_one_list_holds_one_course_on_one_day() -> None:
    person = make_person(name="Dana Whitfield")
    first = texas_award(person)
    second = texas_award(person)
    ids = [first.reports.get().pk, second.reports.get().pk]
    assert len(reports.preview(report_ids=ids)) == 2
    assert len(reports.send(report_ids=ids, by=BY)) == 2


def test_a_person_with_two_licenses_is_in_two_lists() -> None:
    person = make_person(name="Dana Whitfield")
    license_of(person)
    license_of(person, license_type="master_electrician", number="777")
    made = make_award(person.pk, make_course(TEXAS))
    ids = [award.reports.get().pk for award in made]
    contents = [shown.content.decode() for shown in reports.preview(report_ids=ids)]
    assert sorted("0123456" in content for content in contents) == [False, True]


def test_a_long_list_says_the_license_of_each_as_it_reads_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However it is read: whole or, as here, in parts of two."""
    monkeypatch.setattr(rosters, "BATCH", 2)
    course = make_course(TEXAS)
    people = [make_person(name=f"Dana Whitfield {number}") for number in range(5)]
    awards = [texas_award(person, course) for person in people]
    License.objects.filter(subject=people[3].pk).update(number="777", name_as_printed="D. Marsh")
    (roster,) = reports.send(
        report_ids=[award.reports.get().pk for award in awards], by=Actor.staff(people[0].pk)
    )
    lines = bytes(roster.content).decode().splitlines()
    told = [line for line in lines if "Whitfield" in line or "Marsh" in line]
    assert len(told) == 5
    assert sum("D. Marsh" in line and line.endswith("777") for line in told) == 1
    assert {line.rpartition(" ")[2] for line in told} == {
        "777",
        awards[0].snapshot["license"]["number"],
    }


def test_texas_reports_never_leave_by_themselves() -> None:
    with pytest.raises(Refused):
        reports.send_due(authority=TEXAS, by=BY)


def test_without_a_policy_that_permits_it_nothing_leaves_and_the_reason_shows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from creditable.disclosure import policies

    report = texas_award().reports.get()
    published = policies.decisions()

    class Closed:
        policy, openings = published.policy, published.openings

        def decide(self, cell: Any, said: Any) -> Any:
            from dataclasses import replace

            verdict = published.decide(cell, said)
            return replace(verdict, allowed=False, reason="nothing on this page permits it")

    monkeypatch.setattr(policies, "compiled", lambda *version: Closed())
    (shown,) = reports.preview(report_ids=[report.pk])
    assert (shown.included, shown.content) == ((), b"")
    assert reports.send(report_ids=[report.pk], by=BY) == []
    report.refresh_from_db()
    assert (report.state, report.code) == (State.DUE, "withheld")
    assert "permits" in report.message
    assert not Release.objects.filter(recipient__startswith="authority").exists()


def test_stations_carry_who_brought_the_report_there() -> None:
    report = texas_award().reports.get()
    clerk = Actor.staff(make_person().pk)
    reports.send(report_ids=[report.pk], by=clerk)
    event = ReportEvent.objects.filter(report=report).order_by("at", "id").last()
    assert event is not None
    assert (event.actor_kind, event.actor_id) == ("staff", clerk.subject_id)


def test_certificate_and_report_do_not_wait_for_each_other(run_jobs: RunJobs) -> None:
    award = board_award()
    run_jobs()
    assert certificates.issue(award_id=award.pk, by=BY).issued_at <= now()


def test_two_texas_lists_cannot_have_the_same_confirmation() -> None:
    clerk = Actor.staff(make_person().pk)
    course = make_course(TEXAS)
    awards = [texas_award(make_person(name=name), course) for name in ("Ana Ruiz", "Bo Chen")]
    first, second = (
        reports.send(report_ids=[award.reports.get().pk], by=clerk)[0] for award in awards
    )
    reports.record_receipt(roster=first, confirmation="TDLR 4711", rejected={}, by=clerk)
    with pytest.raises(Refused) as refusal:
        reports.record_receipt(roster=second, confirmation="TDLR 4711", rejected={}, by=clerk)
    assert refusal.value.field == "confirmation"
    assert awards[1].reports.get().state == State.SENT
