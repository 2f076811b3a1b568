"""The exam by plain forms: declaration, questions, answers one by one, result."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from creditable.catalog.drafts import ApprovalDraft
from creditable.credit import packs
from creditable.credit.pack import read
from creditable.learning import attempts
from creditable.learning.models import AnswerEvent, Attempt, Attestation, Completion, Enrollment
from creditable.people.models import License, Person, Session
from tests.credit.conftest import SHIPPED
from tests.factories.catalog import make_course
from tests.factories.learning import begin_exam, enroll, sit_all, take_exam
from tests.factories.people import make_license
from tests.web.classroom.answering import fields, give, give_json, send, send_json

EXAM = "/learn/grounding/exam/"
SIGNED = {"signature": "Ana Diaz"}
Move = Callable[[timedelta], None]


@pytest.fixture
def ready(place: Enrollment) -> Enrollment:
    """All the time of the course on record."""
    sit_all(place)
    return place


def lines(place: Enrollment) -> list[attempts.Line]:
    return attempts.answers(Attempt.objects.get(enrollment=place, submitted_at=None))


# Before


def test_before_the_time_is_done_the_exam_says_what_is_missing(
    browser: Client, place: Enrollment
) -> None:
    page = browser.get(EXAM).content.decode()
    assert "The exam opens when every lesson is done" in page
    assert "0 of 2 done" in page
    assert "Sign and begin" not in page
    refused = browser.post(f"{EXAM}start/", SIGNED)
    assert refused.status_code == 422
    assert "time of every lesson" in refused.content.decode()
    assert Attempt.objects.count() == 0


def test_the_declaration_is_shown_word_for_word_with_the_notice_of_the_policy(
    browser: Client, ready: Enrollment
) -> None:
    page = browser.get(EXAM).content.decode()
    assert ready.course_version.attestation_text in page
    assert "/privacy/#" in page


def test_a_wrong_signature_is_told_at_its_field_and_keeps_what_was_typed(
    browser: Client, ready: Enrollment
) -> None:
    answer = browser.post(f"{EXAM}start/", {"signature": "Bo <Lee>"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Sign with the name of your account, Ana Diaz." in page
    assert 'value="Bo &lt;Lee&gt;"' in page
    assert 'aria-invalid="true"' in page
    assert Attestation.objects.count() == 0


@pytest.mark.parametrize("signature", ["", " ", "\x00", "x" * 5000, "\u202eAna"])
def test_no_signature_makes_it_fall_over(
    browser: Client, ready: Enrollment, signature: str
) -> None:
    assert browser.post(f"{EXAM}start/", {"signature": signature}).status_code == 422


def test_another_name_on_the_license_is_asked_about_before_the_exam(
    browser: Client, ana: Person
) -> None:
    approval = ApprovalDraft(
        "demo-state-board", "DSB-1", {"safety": 4}, date(2026, 1, 1), date(2027, 12, 31)
    )
    place = enroll(ana, make_course(slug="approved", approvals=(approval,)))
    sit_all(place)
    license = make_license(ana, authority="demo-state-board")
    License.objects.filter(pk=license.pk).update(name_as_printed="Anna Dietz")
    page = browser.get("/learn/approved/exam/").content.decode()
    assert "Anna Dietz" in page
    assert f"/account/licenses/{license.pk}/" in page
    assert "Sign and begin" not in page
    assert browser.post("/learn/approved/exam/start/", SIGNED).status_code == 422
    License.objects.filter(pk=license.pk).update(name_as_printed="Diaz, Ana")
    assert browser.post("/learn/approved/exam/start/", SIGNED).status_code == 302


# During


def test_a_signed_declaration_leads_to_the_questions(browser: Client, ready: Enrollment) -> None:
    answer = browser.post(f"{EXAM}start/", SIGNED)
    assert (answer.status_code, answer.headers["Location"]) == (302, EXAM)
    page = browser.get(EXAM).content.decode()
    assert page.count("data-state") == 4
    assert "0</span> of 4 answers are saved" in page
    assert 595 <= int(re.findall(r'data-seconds-left="(\d+)"', page)[0]) <= 600


def test_the_page_of_questions_does_not_know_the_right_answers(
    browser: Client, ana: Person, ready: Enrollment
) -> None:
    begin_exam(ana, ready)
    page = browser.get(EXAM).content.decode()
    for line in lines(ready):
        assert line.item.question.explanation not in page
    assert "right answer" not in page


def test_an_answer_by_plain_form_is_saved_and_leads_back_to_its_question(
    browser: Client, ana: Person, ready: Enrollment
) -> None:
    begin_exam(ana, ready)
    answer = give(browser, lines(ready)[1], 2)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{EXAM}#q2")
    page = browser.get(EXAM).content.decode()
    assert "1</span> of 4 answers are saved" in page
    assert page.count("checked") == 1


@pytest.mark.parametrize("answered", [1, 3])
def test_an_answer_takes_one_query(
    browser: Client,
    ana: Person,
    ready: Enrollment,
    answered: int,
    django_assert_max_num_queries: Any,
) -> None:
    begin_exam(ana, ready)
    for line in lines(ready)[:answered]:
        give_json(browser, line, 0)
    line = lines(ready)[answered]
    sent = fields(browser, line, 1)
    with django_assert_max_num_queries(1):
        said = send_json(browser, sent).json()
    assert said["state"] == "saved"


def test_a_script_is_told_what_stands_and_the_time_left(
    browser: Client, ana: Person, ready: Enrollment
) -> None:
    begin_exam(ana, ready)
    line = lines(ready)[0]
    said = give_json(browser, line, 1).json()
    assert (said["state"], said["version"], said["choice"]) == ("saved", 1, 1)
    assert 590 <= said["seconds_left"] <= 600
    again = give_json(browser, line, 1)
    assert (again.status_code, again.json()["state"]) == (200, "saved")
    other_window = give_json(browser, line, 2)
    assert (other_window.status_code, other_window.json()["state"]) == (409, "stale")
    assert other_window.json()["choice"] == 1
    assert AnswerEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"choice": "99"}, 404),
        ({"choice": "-1"}, 422),
        ({"choice": "a"}, 422),
        ({"choice": ""}, 422),
        ({"version": "0"}, 422),
        ({"version": "99999999999999999999"}, 422),
        ({"place": "not-a-place"}, 422),
        ({"place": "5"}, 422),
        ({"token": "not-a-token"}, 403),
        ({"token": ""}, 400),
        ({"token": "x" * 5000}, 400),
    ],
)
@pytest.mark.parametrize("answer", [give, give_json])
def test_what_is_no_answer_is_refused_and_never_falls_over(
    browser: Client,
    ana: Person,
    ready: Enrollment,
    answer: Callable[..., Any],
    form: dict[str, str],
    status: int,
) -> None:
    begin_exam(ana, ready)
    values = {"choice": "1"} | form
    choice = values.pop("choice")
    assert answer(browser, lines(ready)[0], choice, **values).status_code == status
    assert AnswerEvent.objects.count() == 0


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"choice": ""}, 422, "Choose one of the answers first."),
        ({"choice": "a"}, 422, "did not arrive as the exam"),
        ({"version": "99999999999999999999"}, 422, "did not arrive as the exam"),
        ({"place": "nine", "choice": ""}, 422, "did not arrive as the exam"),
        ({"token": "not-a-token"}, 403, "grown old"),
        ({"choice": "99"}, 404, "no such question"),
        ({"version": "1000"}, 409, "What is saved stands"),
    ],
)
def test_what_is_no_answer_is_told_why(
    browser: Client, ana: Person, ready: Enrollment, form: dict[str, str], status: int, words: str
) -> None:
    begin_exam(ana, ready)
    line = lines(ready)[0]
    values = {"choice": "1"} | form
    answer = give_json(browser, line, values.pop("choice"), **values)
    assert (answer.status_code, words in answer.json()["message"]) == (status, True)
    assert give_json(browser, line, 1).json()["state"] == "saved"


def test_nobody_answers_or_hands_in_for_somebody_else(
    browser: Client, stranger: Client, ana: Person, ready: Enrollment
) -> None:
    begin_exam(ana, ready)
    line = lines(ready)[0]
    assert send(stranger, fields(browser, line, 1)).status_code == 403
    assert stranger.get(EXAM).status_code == 404
    assert stranger.post(f"{EXAM}1/submit/").status_code == 404
    assert stranger.get(f"{EXAM}1/").status_code == 404
    assert AnswerEvent.objects.count() == 0
    assert Attempt.objects.get().submitted_at is None


def test_who_is_signed_out_meanwhile_is_led_to_sign_in_and_back_to_the_sheet(
    browser: Client, ana: Person, ready: Enrollment
) -> None:
    begin_exam(ana, ready)
    sent = fields(browser, lines(ready)[0], 1)
    Session.objects.all().delete()
    told = send_json(browser, sent)
    assert (told.status_code, told.json()["state"]) == (403, "signed_out")
    led = send(browser, sent)
    assert (led.status_code, led.headers["Location"]) == (302, f"/account/login/?next={EXAM}")
    assert AnswerEvent.objects.count() == 0


def test_an_answer_after_the_end_is_told_so(
    browser: Client, ana: Person, ready: Enrollment, move_clock: Move
) -> None:
    begin_exam(ana, ready)
    line = lines(ready)[0]
    move_clock(timedelta(minutes=11))
    answer = give(browser, line, 1)
    assert answer.status_code == 409
    assert "came too late" in answer.content.decode()


def test_reloading_after_a_lost_connection_brings_answers_and_time_back(
    browser: Client, ana: Person, ready: Enrollment, move_clock: Move
) -> None:
    begin_exam(ana, ready)
    for line in lines(ready)[:3]:
        give_json(browser, line, 1)
    move_clock(timedelta(minutes=3))
    device = Client()
    device.force_login(ana)
    page = device.get(EXAM).content.decode()
    assert page.count(" checked") == 3
    assert 410 <= int(re.findall(r'data-seconds-left="(\d+)"', page)[0]) <= 420


# After


def test_handing_in_asks_about_questions_without_an_answer_first(
    browser: Client, ana: Person, ready: Enrollment
) -> None:
    attempt = begin_exam(ana, ready)
    sheet = lines(ready)
    for line in (sheet[0], sheet[2]):
        give(browser, line, line.right)
    answer = browser.post(f"{EXAM}1/submit/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{EXAM}1/submit/")
    page = browser.get(f"{EXAM}1/submit/").content.decode()
    assert "2 questions have no answer" in page
    assert "Go back to question 2" in page
    for place, asked in ((1, False), (2, True), (3, False), (4, True)):
        assert (f'href="{EXAM}#q{place}"' in page) is asked
    attempt.refresh_from_db()
    assert attempt.submitted_at is None
    assert browser.post(f"{EXAM}1/submit/", {"action": "anyway"}).headers["Location"] == f"{EXAM}1/"
    attempt.refresh_from_db()
    assert (attempt.correct, attempt.percent) == (2, 50)
    assert browser.get(f"{EXAM}1/submit/").headers["Location"] == f"{EXAM}1/"


@pytest.mark.parametrize("number", [0, 2, 10**18, 10**30])
def test_there_is_nothing_to_hand_in_under_another_number(
    browser: Client, ana: Person, ready: Enrollment, number: int
) -> None:
    begin_exam(ana, ready)
    assert browser.post(f"{EXAM}{number}/submit/", {"action": "anyway"}).status_code == 404
    assert Attempt.objects.get().submitted_at is None


def test_nothing_is_handed_in_once_access_has_ended(
    browser: Client, ana: Person, ready: Enrollment
) -> None:
    begin_exam(ana, ready)
    Enrollment.objects.update(expires_at=ready.created_at)
    answer = browser.post(f"{EXAM}1/submit/", {"action": "anyway"})
    assert answer.status_code == 403
    assert "access" in answer.content.decode()
    assert Attempt.objects.get().submitted_at is None


def test_who_hesitates_to_hand_in_until_the_time_is_up_finds_the_result(
    browser: Client, ana: Person, ready: Enrollment, move_clock: Any
) -> None:
    attempt = begin_exam(ana, ready)
    give(browser, lines(ready)[0], lines(ready)[0].right)
    assert "3 questions" in browser.get(f"{EXAM}1/submit/").content.decode()
    move_clock(timedelta(hours=5))
    for answer in (
        browser.get(f"{EXAM}1/submit/"),
        browser.post(f"{EXAM}1/submit/", {"action": "anyway"}),
    ):
        assert answer.headers["Location"] == f"{EXAM}1/"
    attempt.refresh_from_db()
    assert (attempt.correct, attempt.submitted_at) == (1, attempt.deadline)


def test_the_address_of_a_refused_declaration_leads_to_the_exam(
    browser: Client, ready: Enrollment
) -> None:
    assert browser.post(f"{EXAM}start/", {"signature": ""}).status_code == 422
    answer = browser.get(f"{EXAM}start/")
    assert (answer.status_code, answer.headers["Location"]) == (302, EXAM)


def test_a_passed_exam_leads_to_completion_and_certificate(
    browser: Client, ana: Person, ready: Enrollment
) -> None:
    begin_exam(ana, ready)
    for line in lines(ready):
        give(browser, line, line.right)
    answer = browser.post(f"{EXAM}1/submit/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{EXAM}1/")
    page = browser.get(f"{EXAM}1/").content.decode()
    assert "Passed" in page
    assert "100%: 4 of 4 right" in page
    assert page.count("right answer, and yours") == 4
    done = browser.get("/learn/grounding/completed/").content.decode()
    assert "You completed" in done
    assert 'href="/account/certificates/"' in done
    assert 'href="/account/reports/"' not in done
    assert browser.post(f"{EXAM}1/submit/").status_code == 302
    assert Completion.objects.count() == 1


def test_a_completion_that_counts_for_a_license_leads_to_its_report(
    browser: Client, ana: Person
) -> None:
    approval = ApprovalDraft(
        "demo-state-board", "DSB-1", {"safety": 100}, date(2020, 1, 1), date(2099, 12, 31)
    )
    place = enroll(ana, make_course(slug="approved", approvals=(approval,)))
    make_license(ana, authority="demo-state-board")
    sit_all(place)
    take_exam(ana, place, right=4)
    done = browser.get("/learn/approved/completed/").content.decode()
    assert 'href="/account/reports/"' in done
    assert "course number DSB-1" in done


def test_of_an_authority_that_takes_no_reports_none_is_promised(
    browser: Client, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_york = read(SHIPPED / "us-ny-nysed-social-work")
    served = {pack.id: pack for pack in packs.all()} | {new_york.id: new_york}
    monkeypatch.setattr(packs, "_packs", lambda: served)
    approval = ApprovalDraft(
        new_york.id, "NY-1", {"any": 100}, date(2020, 1, 1), date(2099, 12, 31)
    )
    place = enroll(ana, make_course(slug="approved", approvals=(approval,)))
    make_license(ana, authority=new_york.id, license_type="lcsw")
    sit_all(place)
    take_exam(ana, place, right=4)
    done = browser.get("/learn/approved/completed/").content.decode()
    assert "for New York State Education Department" in done
    assert "NYSED takes no reports from us" in done
    assert "We report it" not in done


def test_a_failed_exam_reveals_the_score_and_what_to_review_and_no_answer(
    browser: Client, ana: Person, ready: Enrollment
) -> None:
    attempt = take_exam(ana, ready, right=1)
    page = browser.get(f"{EXAM}1/").content.decode()
    assert "25%: 1 of 4 right" in page
    assert all(objective in page for objective in attempt.review)
    for line in attempts.answers(attempt):
        assert line.item.question.stem not in page
        assert line.item.question.explanation not in page
    assert "The next attempt can start on" in page
    intro = browser.get(EXAM).content.decode()
    assert "Not yet" in intro
    assert "25%, not passed" in intro
    assert "Sign and begin" not in intro


def test_an_exam_that_ran_out_while_away_shows_its_result(
    browser: Client, ana: Person, ready: Enrollment, move_clock: Move
) -> None:
    begin_exam(ana, ready)
    move_clock(timedelta(minutes=11))
    answer = browser.get(EXAM)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{EXAM}1/")
    assert "Time was up" in browser.get(f"{EXAM}1/").content.decode()


def test_the_result_of_a_running_attempt_is_the_exam(
    browser: Client, ana: Person, ready: Enrollment
) -> None:
    begin_exam(ana, ready)
    assert browser.get(f"{EXAM}1/").headers["Location"] == EXAM
    assert browser.get(f"{EXAM}2/").status_code == 404


def test_when_all_attempts_are_used_a_person_can_be_asked(
    browser: Client, ana: Person, ready: Enrollment, move_clock: Move
) -> None:
    for _ in range(2):
        take_exam(ana, ready, right=0)
        move_clock(timedelta(minutes=6))
    page = browser.get(EXAM).content.decode()
    assert "All attempts are used" in page
    assert 'href="/contact/"' in page


def test_before_completion_there_is_no_completion_page(
    browser: Client, place: Enrollment, stranger: Client
) -> None:
    answer = browser.get("/learn/grounding/completed/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/learn/grounding/")
    assert stranger.get("/learn/grounding/completed/").status_code == 404


def test_the_completion_stays_when_access_has_ended(
    browser: Client, ana: Person, ready: Enrollment, move_clock: Move
) -> None:
    take_exam(ana, ready, right=4)
    Enrollment.objects.update(expires_at=ready.created_at)
    assert browser.get("/learn/grounding/").status_code == 403
    page = browser.get("/learn/grounding/completed/").content.decode()
    assert "You completed" in page
    assert "Read the lessons again" not in page


def test_the_course_page_shows_what_is_done_and_what_is_missing(
    browser: Client, ana: Person, ready: Enrollment
) -> None:
    page = browser.get("/learn/grounding/").content.decode()
    assert "Every lesson is done" in page
    assert "2 of 2 done" in page
    assert "not taken yet" in page
    begin_exam(ana, ready)
    assert "Your exam is running" in browser.get("/learn/grounding/").content.decode()


@pytest.mark.parametrize("shown", [1, 3])
def test_the_exams_page_takes_as_many_queries_for_many_answers_as_for_few(
    browser: Client,
    ana: Person,
    ready: Enrollment,
    shown: int,
    django_assert_max_num_queries: Any,
) -> None:
    begin_exam(ana, ready)
    for line in lines(ready)[:shown]:
        give_json(browser, line, 0)
    browser.get(EXAM)
    with django_assert_max_num_queries(6):
        assert browser.get(EXAM).content.decode().count(" checked") == shown


def test_the_clock_takes_two_queries(
    browser: Client, ana: Person, ready: Enrollment, django_assert_max_num_queries: Any
) -> None:
    begin_exam(ana, ready)
    with django_assert_max_num_queries(2):
        said = browser.get(f"{EXAM}clock/").json()
    assert said["state"] == "open"
    assert 590 <= said["seconds_left"] <= 600


def test_the_clock_says_when_there_is_nothing_to_answer(
    browser: Client, stranger: Client, ana: Person, ready: Enrollment, move_clock: Move
) -> None:
    assert browser.get(f"{EXAM}clock/").json() == {"state": "over"}
    begin_exam(ana, ready)
    assert stranger.get(f"{EXAM}clock/").json() == {"state": "over"}
    move_clock(timedelta(minutes=10))
    assert browser.get(f"{EXAM}clock/").json() == {"state": "over"}


def test_a_whole_exam_of_ten_questions_and_its_statements(browser: Client, ana: Person) -> None:
    place = enroll(ana, make_course(slug="ten", questions=20, exam_questions=10))
    sit_all(place)
    exam = "/learn/ten/exam/"
    counted: dict[str, int] = {}

    def count(name: str, ask: Callable[[], Any]) -> Any:
        with CaptureQueriesContext(connection) as made:
            answer = ask()
        counted[name] = counted.get(name, 0) + len(made)
        return answer

    browser.get(exam)
    count("declaration", lambda: browser.get(exam))
    assert count("start", lambda: browser.post(f"{exam}start/", SIGNED)).status_code == 302
    count("page", lambda: browser.get(exam))
    for line in attempts.answers(Attempt.objects.get()):
        form = fields(browser, line, (line.right + 1) % 3)
        sent = count("answers", lambda form=form: send_json(browser, form, "ten"))
        assert sent.json()["state"] == "saved"
    assert count("submit", lambda: browser.post(f"{exam}1/submit/")).status_code == 302
    assert counted["answers"] <= 10, counted
    assert counted["declaration"] <= 8, counted
    assert counted["page"] <= 6, counted
    assert counted["submit"] <= 7, counted
    assert counted["start"] <= 13, counted
