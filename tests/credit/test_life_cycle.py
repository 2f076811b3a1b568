"""What happens to a report after it was accepted, near its day, and where learners file it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from creditable.audit.clock import now
from creditable.credit import certificates, packs, reports
from creditable.credit.models import Award, Certificate, Report, Roster
from creditable.disclosure.models import Release
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people.models import Person
from tests.credit.test_awards import license_of
from tests.credit.test_ways import awarded, sent
from tests.credit.ways import board
from tests.factories.credit import BOARD, BY, TEXAS, make_award, make_course
from tests.factories.people import make_person
from tests.promises import promise

__all__ = ["board"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]
Board = Callable[..., object]
RunJobs = Callable[[], int]
State = Report.State


def accepted_in_texas() -> tuple[Award, Report, Roster]:
    person = make_person(name="Dana Whitfield")
    license_of(person)
    (award,) = make_award(person.pk, make_course(TEXAS))
    report = award.reports.get()
    (roster,) = reports.send(report_ids=[report.pk], by=BY)
    reports.record_receipt(roster=roster, confirmation="TDLR 1", rejected={}, by=BY)
    report.refresh_from_db()
    return award, report, roster


def corrected(award: Award, name: str = "Dana Whitfeld") -> Certificate:
    certificate = Certificate.objects.filter(award=award).first()
    certificate = certificate or certificates.issue(award_id=award.pk, by=BY)
    return certificates.correct(
        certificate=certificate,
        holder_name=name,
        license_number=certificate.content["license_number"],
        reason="The name is spelled otherwise.",
        by=BY,
    )


@promise("A11")
class TestAmendments:
    def test_a_posted_roster_is_left_alone_and_a_letter_is_asked_for(self) -> None:
        award, report, roster = accepted_in_texas()
        corrected(award)
        assert list(reports.to_amend()) == [report]
        assert award.reports.count() == 1
        clerk = Actor.staff(make_person().pk)
        with pytest.raises(Refused) as refusal:
            reports.amended(report=report, confirmation=" ", by=clerk)
        assert refusal.value.field == "confirmation"
        reports.amended(report=report, confirmation="Their mail of 1/5", by=clerk)
        report.refresh_from_db()
        assert (report.state, report.confirmation) == (State.ACCEPTED, "Their mail of 1/5")
        assert not reports.to_amend().exists()
        told = Release.objects.get(template=f"credit.letter.{TEXAS}")
        assert (told.channel, told.subject_id) == ("manual", award.subject_id)
        assert "holder_name" in told.fields
        assert bytes(Roster.objects.get(pk=roster.pk).content) == bytes(roster.content)
        with pytest.raises(Refused):
            reports.amended(report=report, confirmation="again", by=clerk)

    def test_where_another_line_is_taken_it_is_due_with_what_is_so_now(
        self, board: Board, run_jobs: RunJobs
    ) -> None:
        board("sftp", amend="resend", send="staff")
        award = awarded()
        report = award.reports.get()
        (roster,) = reports.send(report_ids=[report.pk], by=BY)
        reports.taken(roster_id=roster.pk, receipt=None, at=now())
        reports.record_receipt(roster=roster, confirmation="ok", rejected={}, by=BY)
        corrected(award)
        report.refresh_from_db()
        assert (report.state, report.message) == (State.AMENDED, "The name is spelled otherwise.")
        again = award.reports.get(state=State.DUE)
        assert again.due_on is not None
        assert again.due_on > now().date()
        (shown,) = reports.preview(report_ids=[again.pk])
        assert b"Whitfeld" in shown.content
        assert not reports.to_amend().exists()

    def test_what_is_still_on_its_way_is_amended_when_it_has_arrived(
        self, board: Board, run_jobs: RunJobs
    ) -> None:
        board("sftp", amend="resend", send="staff")
        award = awarded()
        report = award.reports.get()
        (roster,) = reports.send(report_ids=[report.pk], by=BY)
        corrected(award)
        report.refresh_from_db()
        assert report.state == State.QUEUED
        reports.taken(roster_id=roster.pk, receipt=None, at=now())
        reports.record_receipt(roster=roster, confirmation="ok", rejected={}, by=BY)
        states = set(award.reports.values_list("state", flat=True))
        assert states == {State.AMENDED, State.DUE}

    def test_what_has_not_left_says_the_new_things_anyway(self) -> None:
        person = make_person(name="Dana Whitfield")
        license_of(person)
        (award,) = make_award(person.pk, make_course(TEXAS))
        corrected(award)
        report = award.reports.get()
        assert (report.state, report.amend) == (State.DUE, "")
        (shown,) = reports.preview(report_ids=[report.pk])
        assert b"Dana Whitfeld" in shown.content

    def test_credit_that_was_taken_back_is_told_by_letter_everywhere(
        self, board: Board, run_jobs: RunJobs
    ) -> None:
        board("sftp", amend="resend", send="staff")
        award = awarded()
        report = award.reports.get()
        (roster,) = reports.send(report_ids=[report.pk], by=BY)
        reports.taken(roster_id=roster.pk, receipt=None, at=now())
        reports.record_receipt(roster=roster, confirmation="ok", rejected={}, by=BY)
        certificate = certificates.issue(award_id=award.pk, by=BY)
        certificates.revoke(certificate=certificate, reason="Somebody else sat it.", by=BY)
        assert [row.amend for row in reports.to_amend()] == ["Somebody else sat it."]
        assert award.reports.count() == 1


class TestTheLearnerFiles:
    def test_nothing_leaves_and_the_learner_says_when_it_is_done(
        self, board: Board, run_jobs: RunJobs, client: Client
    ) -> None:
        board("learner", instructions="Upload the certificate on the board's site.")
        award = awarded()
        run_jobs()
        report = award.reports.get()
        assert reports.send(report_ids=[report.pk], by=BY) == []
        assert reports.preview(report_ids=[report.pk]) == []
        person = Person.objects.get(pk=award.subject_id)
        client.force_login(person)
        page = client.get("/account/reports/").content.decode()
        assert "Upload the certificate on the board&#x27;s site." in page
        address = f"/account/reports/{report.pk}/filed/"
        assert client.post(address, {"confirmation": "B-77"}).status_code == 302
        report.refresh_from_db()
        assert (report.state, report.confirmation) == (State.FILED, "B-77")
        page = client.get("/account/reports/").content.decode()
        assert "Filed by you" in page
        assert "B-77" in page
        assert client.post(address, {"confirmation": "B-78"}).status_code == 409
        assert not Release.objects.filter(recipient=f"authority.{BOARD}").exists()

    def test_nobody_files_what_we_report(self) -> None:
        _, report, _ = accepted_in_texas()
        with pytest.raises(Refused) as refusal:
            reports.file(report=report, confirmation="x", by=BY)
        assert refusal.value.code == "not_the_learners"


@promise("A11")
class TestAlarms:
    def test_the_second_clock_of_an_authority_runs_to_the_end_of_the_license(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from dataclasses import replace

        from creditable.credit.deadlines import read

        pack = packs.get(TEXAS)
        near = {"window": 30, "days": 10, "kind": "business", "holidays": "us-fl"}
        clock = read({"days": 30, "kind": "calendar", "near_renewal": near})
        versions = tuple(
            replace(rules, report_due=replace(rules.report_due, value=clock))
            for rules in pack.versions
        )
        monkeypatch.setitem(packs._packs(), TEXAS, replace(pack, versions=versions))
        person = make_person(name="Dana Whitfield")
        license = license_of(person)
        license.expires = date(2026, 8, 31)
        license.save()
        at = datetime(2026, 8, 10, 18, tzinfo=UTC)
        (award,) = make_award(person.pk, make_course(TEXAS), completed_at=at)
        assert award.reports.get().due_on == date(2026, 8, 24)

    def test_every_open_report_near_its_day_is_named_until_it_is_settled(self) -> None:
        person = make_person(name="Dana Whitfield")
        license_of(person)
        (award,) = make_award(person.pk, make_course(TEXAS))
        report = award.reports.get()
        assert report.due_on == date(2027, 1, 4)
        far, near = date(2026, 12, 31), date(2027, 1, 1)
        assert list(reports.alarms(far)) == []
        assert list(reports.alarms(near)) == [report]
        (roster,) = reports.send(report_ids=[report.pk], by=BY)
        assert list(reports.alarms(near)) == [report]
        reports.record_receipt(
            roster=roster, confirmation="", rejected={report.pk: "No such number."}, by=BY
        )
        assert list(reports.alarms(near)) == [report]
        again = reports.correct(report=report, by=BY)
        assert list(reports.alarms(near)) == [again]
        (roster,) = reports.send(report_ids=[again.pk], by=BY)
        reports.record_receipt(roster=roster, confirmation="TDLR 9", rejected={}, by=BY)
        assert list(reports.alarms(near + timedelta(days=30))) == []

    def test_the_learner_reads_it_on_the_page_of_the_reports(
        self, client: Client, board: Board, run_jobs: RunJobs
    ) -> None:
        board("learner")
        award = awarded()
        award.reports.update(due_on=now().date() + timedelta(days=1))
        client.force_login(Person.objects.get(pk=award.subject_id))
        page = client.get("/account/reports/").content.decode()
        assert "It is due by" in page
        assert "You are the one who files it" in page
        award.reports.update(due_on=now().date() - timedelta(days=2))
        assert "It was due on" in client.get("/account/reports/").content.decode()


def test_a_roster_may_be_as_long_as_its_layout_says(board: Board, run_jobs: RunJobs) -> None:
    board("sftp", lines=2)
    course = make_course(BOARD)
    awards = [awarded(f"Ann {name}", f"J-{name}", course) for name in ("A", "B", "C", "D", "E")]
    run_jobs()
    sizes = sorted(roster.reports.count() for roster in Roster.objects.all())
    assert sizes == [1, 2, 2]
    assert sent(awards[0], run_jobs)[0].state == State.QUEUED
