"""What a learner is asked about a course, on its page; and what the office sees of it."""

from typing import Any

import pytest
from django.test import Client

from creditable.catalog.models import CourseVersion
from creditable.learning import evaluation
from creditable.learning.models import Accommodation, Completion, Enrollment, Evaluation
from creditable.people.models import Person
from tests.factories.catalog import make_course, survey
from tests.factories.learning import enroll, sit_all, take_exam
from tests.factories.people import make_person
from tests.people.signing import sign_in_staff

PAGE = "/learn/judged/evaluation/"
GIVEN = {"first": "4", "second": "", "teacher": "5", "pace": "0", "words": "More pictures."}


@pytest.fixture
def place(ana: Person) -> Enrollment:
    return enroll(ana, make_course(slug="judged", evaluation=survey()))


@pytest.fixture
def passed(ana: Person, place: Enrollment) -> Enrollment:
    sit_all(place)
    take_exam(ana, place, right=4)
    return place


def test_a_passed_exam_leads_to_the_evaluation_and_that_to_completion(
    browser: Client, passed: Enrollment
) -> None:
    for page in ("/learn/judged/", "/learn/judged/exam/", "/learn/judged/exam/1/"):
        assert PAGE in browser.get(page).content.decode(), page
    assert "right answer" not in browser.get("/learn/judged/exam/1/").content.decode()
    page = browser.get(PAGE).content.decode()
    assert page.count('type="radio"') == 5 + 5 + 5 + 3
    assert "<textarea" in page
    answer = browser.post(PAGE, GIVEN)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/learn/judged/completed/")
    done = browser.get("/learn/judged/completed/").content.decode()
    assert "You completed" in done
    assert "Thank you. Your answers are stored." in done
    again = browser.get(PAGE)
    assert (again.status_code, again.headers["Location"]) == (302, "/learn/judged/completed/")
    assert browser.post(PAGE, GIVEN).status_code == 302
    assert Completion.objects.count() == Evaluation.objects.count() == 1
    assert "right answer" in browser.get("/learn/judged/exam/1/").content.decode()


@pytest.mark.parametrize(
    "wrong", [{"first": ""}, {"first": "9"}, {"pace": "a"}, {"words": "x" * 4001}]
)
def test_what_is_no_answer_is_told_and_what_was_given_stays(
    browser: Client, passed: Enrollment, wrong: dict[str, str]
) -> None:
    answer = browser.post(PAGE, GIVEN | wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Please look at this again" in page
    assert page.count("checked") >= 2
    assert Evaluation.objects.count() == 0


def test_before_the_exam_and_for_others_there_is_none(
    browser: Client, stranger: Client, place: Enrollment, ana: Person
) -> None:
    answer = browser.get(PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/learn/judged/")
    assert stranger.get(PAGE).status_code == 404
    enroll(ana, make_course(slug="plain"))
    assert browser.get("/learn/plain/evaluation/").status_code == 404


# The office


@pytest.fixture
def office(policy: Any) -> Client:
    office = Client()
    sign_in_staff(office, make_person(name="Sam Office", role="administrator"))
    return office


def judge(course: CourseVersion, learners: int) -> None:
    """So many learners have passed and all said the same."""
    said: dict[str, int | str] = {"first": 4, "teacher": 5, "pace": 1, "words": "Longer."}
    for number in range(learners):
        person = make_person(name=f"Learner {number} Unnamed")
        place = enroll(person, course)
        sit_all(place)
        take_exam(person, place, right=4)
        evaluation.answer(subject_id=person.pk, slug="judged", answers=said, by=person.actor)


@pytest.mark.parametrize("learners", [5, 7])
def test_results_are_charts_and_tables_and_name_nobody(
    office: Client, learners: int, django_assert_max_num_queries: Any
) -> None:
    course = make_course(slug="judged", evaluation=survey())
    judge(course, learners)
    listed = office.get("/console/evaluations/").content.decode()
    assert f"/console/evaluations/{course.pk}/" in listed
    with django_assert_max_num_queries(15):
        page = office.get(f"/console/evaluations/{course.pk}/").content.decode()
    assert "Objective 1" in page
    assert "4.00" in page
    assert "<svg" in page
    assert page.count("Longer.") == 5
    assert "first 5 people" in page
    assert "Unnamed" not in page
    assert "Not enough answers" not in page


def test_before_five_people_answered_nothing_of_what_they_said_is_shown(office: Client) -> None:
    course = make_course(slug="judged", evaluation=survey())
    judge(course, 4)
    page = office.get(f"/console/evaluations/{course.pk}/").content.decode()
    assert "when 5 people have answered" in page
    for told in ("Longer.", "4.00", "Objective 1", "How many chose what"):
        assert told not in page


def test_a_role_that_teaches_sees_results_and_no_people(policy: Any) -> None:
    teacher = Client()
    sign_in_staff(teacher, make_person(role="teaching"))
    assert teacher.get("/console/evaluations/").status_code == 200
    assert teacher.get("/console/people/").status_code == 403


# Accommodations


def address(person: Person) -> str:
    return f"/console/people/{person.pk}/accommodations/"


def give(office: Client, person: Person, **changes: str) -> Any:
    form = {
        "course": "",
        "time_percent": "150",
        "extra_minutes": "0",
        "extra_attempts": "1",
        "reason": "Reads slowly after a stroke",
    }
    return office.post(address(person), form | changes)


def test_the_office_gives_more_time_and_the_learner_is_told_so_without_the_reason(
    office: Client, browser: Client, ana: Person, place: Enrollment
) -> None:
    sit_all(place)
    assert "Agreed with you" not in browser.get("/learn/judged/exam/").content.decode()
    assert give(office, ana).status_code == 302
    page = office.get(address(ana)).content.decode()
    assert "after a stroke" in page
    assert "Approved by Sam Office" in page
    exam = browser.get("/learn/judged/exam/").content.decode()
    assert "15 min for each attempt" in exam
    assert "1 attempt more than usual" in exam
    assert "stroke" not in exam
    given = Accommodation.objects.get()
    ended = office.post(f"{address(ana)}end/", {"accommodation": str(given.pk)})
    assert ended.status_code == 302
    assert "Agreed with you" not in browser.get("/learn/judged/exam/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": " "},
        {"time_percent": "90"},
        {"extra_minutes": "-1"},
        {"extra_attempts": "999"},
        {"course": "none-such"},
        {"time_percent": "100", "extra_attempts": "0"},
    ],
)
def test_what_makes_no_sense_is_refused_on_the_form(
    office: Client, ana: Person, wrong: dict[str, str]
) -> None:
    assert give(office, ana, **wrong).status_code == 422
    assert Accommodation.objects.count() == 0


def test_a_second_one_for_the_same_is_refused(office: Client, ana: Person) -> None:
    give(office, ana)
    again = give(office, ana)
    assert again.status_code == 422
    assert "End it first" in again.content.decode()


@pytest.mark.parametrize(
    ("role", "status"), [("examination", 200), ("office", 403), ("reporting", 403)]
)
def test_the_reason_is_shown_to_those_who_may_decide_alone(
    office: Client, ana: Person, role: str, status: int
) -> None:
    give(office, ana)
    other = Client()
    sign_in_staff(other, make_person(role=role))
    assert other.get(address(ana)).status_code == status
    assert give(other, ana, course="").status_code == (422 if status == 200 else 403)
    person = other.get(f"/console/people/{ana.pk}/").content.decode()
    assert "stroke" not in person
    assert (address(ana) in person) == (status == 200)


@pytest.mark.parametrize("sent", ["", "x", "01234567-89ab-7cde-8f01-23456789abcd"])
def test_ending_what_is_not_there_is_told(office: Client, ana: Person, sent: str) -> None:
    assert office.post(f"{address(ana)}end/", {"accommodation": sent}).status_code == 409
