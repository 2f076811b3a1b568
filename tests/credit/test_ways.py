"""A report by mail, SFTP, upload, CE Broker and by the learner: what leaves, what comes back."""

from collections.abc import Callable
from email import message_from_bytes, policy

import pytest

from creditable.audit.clock import now
from creditable.credit import reports
from creditable.credit.models import Award, Report, Roster
from creditable.disclosure import replies
from creditable.disclosure.models import Outbox, Release, Reply
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people.models import License
from tests.credit.test_awards import license_of
from tests.credit.test_files import node, receipt
from tests.credit.ways import board
from tests.factories.credit import BOARD, BY, make_award, make_course
from tests.factories.people import make_person
from tests.promises import promise

__all__ = ["board"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]
Board = Callable[..., object]
RunJobs = Callable[[], int]
State = Report.State


def awarded(name: str = "Dana Whitfield", number: str = "J-20417", course: object = None) -> Award:
    person = make_person(name=name)
    license_of(person, BOARD, "journeyman", number)
    License.objects.filter(subject=person.pk).update(name_as_printed=name)
    (award,) = make_award(person.pk, course or make_course(BOARD))  # type: ignore[arg-type]
    return award


def sent(award: Award, run_jobs: RunJobs) -> tuple[Report, Roster, Outbox]:
    run_jobs()
    report = award.reports.get()
    assert report.roster is not None
    return report, report.roster, Outbox.objects.get(batch=report.roster.batch)


def answer(outbox: Outbox, outcome: str, body: bytes = b"", status: int | None = 200) -> None:
    Reply.objects.create(outbox=outbox, attempt=1, outcome=outcome, status=status, body=body)
    replies.handle(outbox_id=outbox.pk)


def state(report: Report) -> str:
    report.refresh_from_db()
    return report.state


@promise("A11")
def test_a_mail_carries_the_file_to_the_byte_and_says_nothing_else_of_anybody(
    board: Board, run_jobs: RunJobs
) -> None:
    board("mail")
    report, roster, outbox = sent(awarded(), run_jobs)
    assert bytes(roster.content) == (
        b"License,Type,First name,Last name,Course,Completed\r\n"
        + f"J-20417,Journeyman Electrician,Dana,Whitfield,{report.award.course_number},"
        f"12/28/2026\r\n".encode()
    )
    assert (outbox.channel, outbox.head["to"]) == ("smtp", "ce@board.example.com")
    assert outbox.head["once"] is True
    mail = message_from_bytes(bytes(outbox.body), policy=policy.default)
    (file,) = mail.iter_attachments()  # type: ignore[attr-defined]
    assert file.get_filename() == roster.filename == f"{roster.number}.csv"
    assert file.get_payload(decode=True) == bytes(roster.content)
    body = mail.get_body()  # type: ignore[attr-defined]
    assert roster.number in body.get_content()
    assert "Whitfield" not in body.get_content()
    released = Release.objects.get(batch=roster.batch)
    assert released.channel == "smtp"


@pytest.mark.parametrize("way", ["mail", "sftp"])
def test_what_a_mailbox_or_folder_took_waits_for_an_answer_that_staff_enter(
    board: Board, run_jobs: RunJobs, way: str
) -> None:
    board(way)
    report, roster, outbox = sent(awarded(), run_jobs)
    answer(outbox, "delivered")
    assert state(report) == State.SENT
    reports.record_receipt(roster=roster, confirmation="Letter of 12/30", rejected={}, by=BY)
    assert state(report) == State.ACCEPTED


def test_a_folder_gets_the_file_under_the_number_of_the_roster(
    board: Board, run_jobs: RunJobs
) -> None:
    board("sftp")
    _, roster, outbox = sent(awarded(), run_jobs)
    assert outbox.destination == "board-inbox"
    assert outbox.head == {"path": "/in", "filename": f"{roster.number}.csv", "once": True}
    assert bytes(outbox.body) == bytes(roster.content)


def test_nobody_knowing_whether_it_arrived_is_never_sent_again_by_itself(
    board: Board, run_jobs: RunJobs
) -> None:
    board("sftp")
    report, roster, outbox = sent(awarded(), run_jobs)
    with pytest.raises(Refused) as refusal:
        reports.send_again(roster=roster, by=BY)
    assert refusal.value.code == "on_its_way"
    answer(outbox, "unknown", status=None)
    assert state(report) == State.QUEUED
    assert "ask the authority" in report.message
    run_jobs()
    assert Outbox.objects.filter(topic="credit.roster").count() == 1
    reports.record_receipt(roster=roster, confirmation="They have it", rejected={}, by=BY)
    assert state(report) == State.ACCEPTED
    with pytest.raises(Refused):
        reports.send_again(roster=roster, by=BY)


def test_staff_who_asked_send_it_again_under_its_number(board: Board, run_jobs: RunJobs) -> None:
    board("sftp")
    report, roster, outbox = sent(awarded(), run_jobs)
    answer(outbox, "unknown", status=None)
    reports.send_again(roster=roster, by=BY)
    second = Outbox.objects.filter(topic="credit.roster").exclude(pk=outbox.pk).get()
    assert second.head["filename"] == outbox.head["filename"]
    answer(second, "delivered")
    assert state(report) == State.SENT


def test_a_file_that_staff_upload_is_sent_when_they_take_it(board: Board) -> None:
    board("upload")
    report = awarded().reports.get()
    clerk = Actor.staff(make_person().pk)
    (shown,) = reports.preview(report_ids=[report.pk])
    (roster,) = reports.send(report_ids=[report.pk], by=clerk)
    assert bytes(roster.content) == shown.content
    assert roster.filename.startswith("R")
    assert state(report) == State.SENT
    assert not Outbox.objects.filter(topic="credit.roster").exists()


@promise("A11")
class TestCeBroker:
    def test_the_receipt_settles_each_line(self, board: Board, run_jobs: RunJobs) -> None:
        board("ce_broker")
        course = make_course(BOARD)
        good, bad = awarded(course=course), awarded("Eve Day", "J-99999", course)
        report, roster, outbox = sent(good, run_jobs)
        other = bad.reports.get()
        assert other.roster_id == roster.pk
        assert b"InXML=%3Crosters" in bytes(outbox.body)
        assert "upload_key" in bytes(roster.content).decode()
        in_order = sorted([report, other], key=lambda row: row.pk)
        nodes = [
            node("J-20417") if row == report else node("J-99999", "80", "Invalid license Number")
            for row in in_order
        ]
        answer(outbox, "delivered", receipt(*nodes))
        assert (state(report), state(other)) == (State.ACCEPTED, State.REJECTED)
        assert (other.code, other.message) == ("80", "Invalid license Number")
        assert report.confirmation == "12/4/2026 1:07:42 PM"

    def test_a_word_instead_of_a_receipt_is_waited_for(
        self, board: Board, run_jobs: RunJobs
    ) -> None:
        board("ce_broker")
        report, roster, outbox = sent(awarded(), run_jobs)
        answer(outbox, "delivered", b"<string>Your message is queued.</string>")
        assert (state(report), report.code) == (State.QUEUED, "unknown")
        reports.record_receipt(roster=roster, confirmation="seen there", rejected={}, by=BY)
        assert state(report) == State.ACCEPTED

    def test_a_message_that_it_refuses_whole_comes_back_with_its_words(
        self, board: Board, run_jobs: RunJobs
    ) -> None:
        board("ce_broker")
        report, _, outbox = sent(awarded(), run_jobs)
        answer(outbox, "delivered", receipt(root='Message="Invalid upload key"'))
        assert (state(report), report.message) == (State.DUE, "Invalid upload key")

    def test_a_receipt_about_somebody_else_settles_nothing(
        self, board: Board, run_jobs: RunJobs
    ) -> None:
        board("ce_broker")
        report, _, outbox = sent(awarded(), run_jobs)
        answer(outbox, "delivered", receipt(node("J-11111")))
        assert (state(report), report.code) == (State.QUEUED, "unknown")

    def test_it_is_asked_nothing_later(self, board: Board, run_jobs: RunJobs) -> None:
        board("ce_broker")
        report, roster, outbox = sent(awarded(), run_jobs)
        answer(outbox, "delivered", receipt(node("J-20417")))
        assert state(report) == State.ACCEPTED
        run_jobs()
        assert not Outbox.objects.filter(topic="credit.question").exists()
        assert roster.created_at <= now()
