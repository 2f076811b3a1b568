"""A report whose authority wants to see who somebody is waits, without loss, until it has."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from creditable.credit import identification, reports
from creditable.credit.identification import Stage
from creditable.credit.models import Award, Report
from creditable.credit.pack import Pack
from creditable.disclosure.models import Alarm, Outbox, Release
from creditable.egress import outbox as egress
from creditable.lib.refusal import Refused
from creditable.mail.models import Message
from creditable.people import documents
from creditable.people.models import IdentityDocument, License
from tests.credit.test_awards import license_of
from tests.credit.test_reports import ACCEPTED, REJECTED, answer, decision
from tests.factories import pictures
from tests.factories.credit import BOARD, make_award, make_course
from tests.factories.people import make_person
from tests.promises import promise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]
RunJobs = Callable[[], int]
State = Report.State


@pytest.fixture
def award() -> Award:
    person = make_person(name="Ruth Alvarado")
    license_of(person, BOARD, "residential", "R-10442")
    (award,) = make_award(person.pk, make_course(BOARD))
    return award


def license(award: Award) -> License:
    return License.objects.get(pk=award.license_id)


def hand_in(award: Award) -> IdentityDocument:
    mine = license(award)
    return identification.hand_in(
        license=mine, content=pictures.file(), by=mine.subject.person.actor
    )


def sent(award: Award, run_jobs: RunJobs) -> Outbox:
    """The message with the document, once there is one."""
    run_jobs()
    return Outbox.objects.get(topic="credit.identity_document")


def stage(award: Award) -> Stage:
    return identification.standings([license(award)])[license(award).pk].stage


def decide(award: Award, verdict: dict[str, str], receipt: str) -> None:
    report = award.reports.exclude(roster=None).order_by("-created_at").first()
    assert report is not None
    assert report.roster is not None
    body = decision(report.roster, {report.pk: verdict}, receipt)
    assert reports.read_decision(authority=BOARD, body=body) == 1


def test_the_report_waits_for_it_and_its_holder_is_told(award: Award, run_jobs: RunJobs) -> None:
    run_jobs()
    report = award.reports.get()
    assert (report.state, report.code, report.roster) == (State.DUE, "document", None)
    assert "waits for your identity document" in report.message
    asked = Message.objects.get(kind="credit.document_needed")
    assert "never seen their holders" in asked.text
    reports.look_again(by=license(award).subject.person.actor)
    run_jobs()
    assert Message.objects.filter(kind="credit.document_needed").count() == 1
    assert award.reports.get().events.count() == 2


@promise("A12")
def test_it_goes_ahead_of_the_report_to_that_authority_alone(
    award: Award, run_jobs: RunJobs
) -> None:
    run_jobs()
    document = hand_in(award)
    carried = sent(award, run_jobs)
    assert award.reports.get().state == State.DUE
    (line,) = Release.objects.filter(batch=carried.batch)
    assert line.recipient == "authority.demo-state-board"
    assert (line.rule, line.subject_id) == ("identity.board", award.subject_id)
    assert "document" in line.fields
    left = Release.objects.filter(fields__contains=["document"], purpose="licensure")
    assert set(left.values_list("recipient", flat=True)) == {line.recipient}

    answer(carried, "delivered", status=204)
    assert stage(award) == Stage.WITH_IT
    run_jobs()
    assert award.reports.get().state == State.QUEUED
    document.refresh_from_db()
    assert document.end == ""


@promise("A12")
def test_in_the_outbox_it_is_encrypted_until_it_leaves(award: Award, run_jobs: RunJobs) -> None:
    document = hand_in(award)
    carried = sent(award, run_jobs)
    kept = bytes(carried.body)
    assert b"R-10442" not in kept
    assert b"picture" not in kept
    message = egress.take(channel="https", leaving_out=[])
    assert message is not None
    leaving = json.loads(egress.opened(message).body)
    assert leaving["license_number"] == "R-10442"
    assert base64.b64decode(leaving["picture"]).startswith(b"\xff\xd8\xff")
    documents.KEYS.key(document.pk).destroy()
    with pytest.raises(egress.Unsendable, match="key is gone"):
        egress.opened(message)
    egress.give_back(message.id)


@promise("A12")
def test_acceptance_destroys_it_and_nothing_more_is_wanted(award: Award, run_jobs: RunJobs) -> None:
    document = hand_in(award)
    answer(sent(award, run_jobs), "delivered", status=204)
    run_jobs()
    decide(award, REJECTED, "DSB-R-1")
    document.refresh_from_db()
    assert document.end == ""
    reports.correct(report=award.reports.get(), by=license(award).subject.person.actor)
    run_jobs()
    decide(award, ACCEPTED, "DSB-R-2")
    run_jobs()
    document.refresh_from_db()
    assert document.end == "acknowledged"
    assert document.destroyed_at is not None
    assert document.pk not in documents.KEYS.kept()
    assert Message.objects.filter(kind="people.document_destroyed").count() == 1
    (second,) = make_award(award.subject_id, make_course(BOARD))
    run_jobs()
    assert second.reports.get().state == State.QUEUED


@pytest.mark.parametrize("outcome", ["refused", "unknown"])
def test_what_did_not_arrive_is_destroyed_and_asked_for_again(
    award: Award, run_jobs: RunJobs, outcome: str
) -> None:
    document = hand_in(award)
    answer(sent(award, run_jobs), outcome, status=422)
    run_jobs()
    document.refresh_from_db()
    assert document.end == "returned"
    assert stage(award) == Stage.RETURNED
    report = award.reports.get()
    assert (report.state, report.code) == (State.DUE, "document")
    assert "did not take" in report.message
    assert "not taken" in Alarm.objects.get(kind="identity").words
    hand_in(award)
    run_jobs()
    answer(Outbox.objects.get(topic="credit.identity_document", settled=False), "delivered")
    run_jobs()
    assert award.reports.get().state == State.QUEUED


@pytest.mark.parametrize("outcome", ["delivered", "unknown"])
def test_an_answer_about_what_is_gone_changes_nothing(
    award: Award, run_jobs: RunJobs, outcome: str
) -> None:
    document = hand_in(award)
    carried = sent(award, run_jobs)
    IdentityDocument.objects.filter(pk=document.pk).delete()
    answer(carried, outcome)
    assert stage(award) == Stage.WANTED
    assert not Alarm.objects.exists()


def test_what_another_authority_has_seen_counts_for_none_but_it(
    award: Award, run_jobs: RunJobs
) -> None:
    hand_in(award)
    answer(sent(award, run_jobs), "delivered", status=204)
    assert stage(award) == Stage.WITH_IT
    IdentityDocument.objects.update(authority="another-board")
    assert stage(award) == Stage.WANTED


def test_taken_back_before_it_left_it_leaves_no_more(award: Award, run_jobs: RunJobs) -> None:
    document = hand_in(award)
    carried = sent(award, run_jobs)
    documents.end(
        document_id=document.pk,
        why=IdentityDocument.End.WITHDRAWN,
        by=license(award).subject.person.actor,
    )
    assert carried.replies.get().outcome == "void"
    assert egress.take(channel="https", leaving_out=[]) is None
    run_jobs()
    assert stage(award) == Stage.WANTED
    assert not Alarm.objects.exists()


@promise("A12")
def test_nobody_is_asked_where_no_authority_demands_it(run_jobs: RunJobs) -> None:
    person = make_person(name="Dana Whitfield")
    license_of(person, BOARD, "journeyman", "J-20417")
    mine = License.objects.get(subject=person.pk)
    assert identification.standings([mine]) == {}
    with pytest.raises(Refused, match="we take none"):
        identification.hand_in(license=mine, content=pictures.file(), by=person.actor)
    (award,) = make_award(person.pk, make_course(BOARD))
    run_jobs()
    assert award.reports.get().state == State.QUEUED
    assert not IdentityDocument.objects.exists()


def test_the_preview_says_who_waits(award: Award) -> None:
    (shown,) = reports.preview(report_ids=[award.reports.get().pk])
    assert shown.included == ()
    ((_, why),) = shown.withheld
    assert "waits for your identity document" in why
    assert not Message.objects.filter(kind="credit.document_needed")


def test_a_policy_without_a_rule_keeps_it_here(
    award: Award, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    from creditable.disclosure.gate import Decision, Ruling

    def shut(self: Ruling, fields: Any, said: Any) -> Decision:
        if "document" in fields and len(fields) > 2:
            return Decision(allowed=False, reason="no rule permits it")
        return decided(self, fields, said)

    decided = Ruling.decide
    monkeypatch.setattr(Ruling, "decide", shut)
    hand_in(award)
    run_jobs()
    report = award.reports.get()
    assert (report.state, report.code, report.message) == (
        State.DUE,
        "withheld",
        "no rule permits it",
    )
    assert not Outbox.objects.filter(topic="credit.identity_document").exists()


def test_the_pack_says_for_whom_and_why(demo_board: Pack) -> None:
    demand = demo_board.layout.identity_demand("residential")
    assert demand is not None
    assert "register" in demand.why
    assert demo_board.layout.identity_demand("journeyman") is None
