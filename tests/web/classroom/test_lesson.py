"""Reading: the lesson, its place to come back to, its pictures."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from creditable.catalog import publishing
from creditable.catalog.models import CourseVersion
from creditable.learning import enrollment
from creditable.learning.models import Beat, Enrollment
from creditable.lib.actor import Actor
from creditable.people.models import Person, Session
from tests.factories.catalog import SVG, make_course, make_draft, make_video_course
from tests.factories.learning import enroll, sit, sit_all
from tests.promises import promise

LESSON = "/learn/grounding/lesson-1/"


class Clock(HTMLParser):
    """The data that a lesson's page hands to its script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.data: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        if values.get("id") == "clock":
            self.data = {
                key.removeprefix("data-"): value
                for key, value in values.items()
                if key.startswith("data-")
            }


def clock(browser: Client, address: str = LESSON) -> dict[str, str]:
    return Clock(browser.get(address).content.decode()).data


def beat(browser: Client, token: str, **changes: Any) -> Any:
    report = {"token": token, "position": 0, "reading": True} | changes
    return browser.post("/learn/beat/", json.dumps(report), content_type="application/json")


@pytest.mark.parametrize("lessons", [1, 3])
def test_a_lesson_takes_seven_queries_at_most(
    browser: Client, ana: Person, lessons: int, django_assert_max_num_queries: Any
) -> None:
    place = enroll(ana, make_course(slug="other", lessons=lessons))
    for lesson in place.course_version.lessons.all():
        sit(place, lesson, seconds=1, until=place.created_at - timedelta(hours=lesson.position))
    with django_assert_max_num_queries(6):
        page = browser.get("/learn/other/lesson-1/")
    assert page.status_code == 200


def test_a_lesson_shows_its_text_its_outline_and_the_way_on(
    browser: Client, place: Enrollment
) -> None:
    page = browser.get(LESSON).content.decode()
    assert '<h2 id="b1">Lesson 1</h2>' in page
    assert 'aria-current="page">Lesson 1</a>' in page
    assert 'href="/learn/grounding/lesson-2/" rel="next"' in page
    assert 'rel="prev"' not in page
    last = browser.get("/learn/grounding/lesson-2/").content.decode()
    assert 'href="/learn/grounding/lesson-1/" rel="prev"' in last
    assert 'href="/learn/grounding/exam/" rel="next"' in last


def test_without_script_the_page_says_that_time_is_not_counted(
    browser: Client, place: Enrollment
) -> None:
    page = browser.get(LESSON).content.decode()
    assert "<noscript>" in page
    assert "Time is not counted" in page


def test_nothing_in_the_page_needs_a_softer_content_policy(
    browser: Client, place: Enrollment
) -> None:
    answer = browser.get(LESSON)
    page = answer.content.decode()
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    "address", [LESSON, "/learn/grounding/", "/learn/grounding/media/line.svg"]
)
def test_who_is_not_enrolled_finds_nothing(
    stranger: Client, place: Enrollment, address: str
) -> None:
    assert stranger.get(address).status_code == 404


@pytest.mark.parametrize("address", [LESSON, "/learn/grounding/", "/learn/grounding/exam/"])
def test_after_access_has_ended_the_page_says_so(
    browser: Client, place: Enrollment, address: str, move_clock: Callable[[timedelta], None]
) -> None:
    reason = place.grants.get()
    enrollment.withdraw(source=reason.source, source_id=reason.source_id, by=Actor.system("tests"))
    answer = browser.get(address)
    assert answer.status_code == 403
    assert "Your access to" in answer.content.decode()
    assert browser.get("/learn/grounding/media/line.svg").status_code == 404


def test_a_lesson_that_is_not_there_is_not_found(browser: Client, place: Enrollment) -> None:
    assert browser.get("/learn/grounding/lesson-9/").status_code == 404


# Coming back


@promise("A17")
def test_a_learner_returns_to_the_exact_lesson_and_place_also_on_another_device(
    browser: Client, ana: Person, place: Enrollment
) -> None:
    opened = clock(browser, "/learn/grounding/lesson-2/")
    assert beat(browser, opened["token"], position=2_400, reading=False).status_code == 200
    tablet = Client()
    tablet.force_login(ana)
    for device in (browser, tablet):
        course = device.get("/learn/grounding/").content.decode()
        assert '<a class="button" href="/learn/grounding/lesson-2/#b2">Continue</a>' in course
        courses = device.get("/learn/").content.decode()
        assert 'href="/learn/grounding/lesson-2/#b2"' in courses
        assert clock(device, "/learn/grounding/lesson-2/")["position"] == "2400"


def test_before_the_first_lesson_the_course_begins(browser: Client, place: Enrollment) -> None:
    page = browser.get("/learn/grounding/").content.decode()
    assert '<a class="button" href="/learn/grounding/lesson-1/">Begin</a>' in page


def test_after_a_finished_lesson_one_goes_on_with_the_next(
    browser: Client, place: Enrollment
) -> None:
    first = place.course_version.lessons.get(position=1)
    sit(place, first, seconds=120)
    page = browser.get("/learn/grounding/").content.decode()
    assert '<a class="button" href="/learn/grounding/lesson-2/">Continue</a>' in page
    assert "1 of 2 done" in page


# A lesson with a video


@pytest.mark.parametrize("lessons", [1, 3])
def test_a_video_lesson_works_without_script_and_takes_one_query_more(
    browser: Client, ana: Person, lessons: int, django_assert_num_queries: Any
) -> None:
    enroll(ana, make_video_course(slug="filmed", lessons=lessons))
    browser.get("/learn/filmed/lesson-1/")
    with django_assert_num_queries(5):
        page = browser.get("/learn/filmed/lesson-1/").content.decode()
    assert '<video class="player__picture" controls' in page
    assert '<source src="../media/counted.webm" type="video/webm">' in page
    assert 'src="../media/counted.vtt" default' in page
    assert "A clock counts the seconds from zero." in page
    assert "Ohms &amp; volts stay out of it." in page
    assert 'id="b1"' in page


@promise("A17")
def test_a_video_is_resumed_to_the_second_on_another_device(
    browser: Client, ana: Person, move_clock: Callable[[timedelta], None]
) -> None:
    enroll(ana, make_video_course(slug="filmed"))
    token = clock(browser, "/learn/filmed/lesson-1/")["token"]
    move_clock(timedelta(seconds=12))
    more = {"played": [[0, 11_700]], "video_position": 11_700, "touched": True}
    answer = beat(browser, token, **more)
    assert answer.json()["covered"] == [[0, 11_700]]
    tablet = Client()
    tablet.force_login(ana)
    page = tablet.get("/learn/filmed/lesson-1/").content.decode()
    assert 'data-at="11700"' in page
    assert 'data-covered="0-11700 "' in page


# The order of lessons


def test_in_a_course_with_an_order_a_lesson_opens_when_the_ones_before_it_are_done(
    browser: Client, ana: Person
) -> None:
    draft = replace(make_draft(slug="ordered"), in_order=True)
    place = enroll(ana, publishing.publish(draft=draft, by=Actor.system("tests")))
    answer = browser.get("/learn/ordered/lesson-2/")
    assert (answer.status_code, b"taken in order" in answer.content) == (403, True)
    page = browser.get("/learn/ordered/lesson-1/").content.decode()
    assert "opens when the ones before it are done" in page
    assert "Lesson 2 opens when Lesson 1 is done." in page
    assert re.search(r'rel="next" id="next-open" hidden', page)
    sit(place, place.course_version.lessons.get(position=1), seconds=120)
    assert browser.get("/learn/ordered/lesson-2/").status_code == 200


# The time, over HTTP


def test_a_report_over_http_counts_with_one_query(
    browser: Client,
    place: Enrollment,
    move_clock: Callable[[timedelta], None],
    django_assert_num_queries: Any,
) -> None:
    token = clock(browser)["token"]
    move_clock(timedelta(seconds=30))
    with django_assert_num_queries(1):
        answer = beat(browser, token, position=1_000)
    said = answer.json()
    assert (answer.status_code, said["state"]) == (200, "counted")
    assert 30 <= said["lesson_seconds"] < 60
    assert said["token"] != token


def test_a_replayed_report_is_answered_with_409_and_what_stands(
    browser: Client, place: Enrollment, move_clock: Callable[[timedelta], None]
) -> None:
    token = clock(browser)["token"]
    move_clock(timedelta(seconds=30))
    first = beat(browser, token).json()
    again = beat(browser, token)
    assert again.status_code == 409
    assert again.json()["state"] == "used"
    assert again.json()["lesson_seconds"] == first["lesson_seconds"]
    assert again.json()["message"]


def test_a_report_from_another_browser_is_answered_with_403_and_counts_nothing(
    browser: Client, stranger: Client, place: Enrollment
) -> None:
    token = clock(browser)["token"]
    for other in (stranger, Client()):
        answer = beat(other, token)
        assert answer.status_code == 403
        assert answer.json()["state"] == "session"
    assert Beat.objects.count() == 0


def test_after_signing_out_a_report_is_answered_with_403(
    browser: Client, place: Enrollment
) -> None:
    token = clock(browser)["token"]
    Session.objects.all().delete()
    answer = beat(browser, token)
    assert (answer.status_code, answer.json()["state"]) == (403, "signed_out")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "[]",
        "null",
        "{",
        "[" * 3000,
        '{"token": 1, "position": 0, "reading": true}',
        '{"token": "x", "position": "0", "reading": true}',
        '{"token": "x", "position": 1.5, "reading": true}',
        '{"token": "x", "position": true, "reading": true}',
        '{"token": "x", "position": 0, "reading": 1}',
        '{"token": "x", "position": 0, "reading": true, "seconds": 7200}',
        '{"token": "x", "position": 0, "reading": true, "touched": 1}',
        '{"token": "x", "position": 0, "reading": true, "played": 5}',
        '{"token": "x", "position": 0, "reading": true, "played": [[1]]}',
        '{"token": "x", "position": 0, "reading": true, "played": [[0, 1.5]]}',
        '{"token": "x", "position": 0, "reading": true, "played": [[-1, 5]]}',
        '{"token": "x", "position": 0, "reading": true, "played": [[0, 1e30]]}',
        '{"token": "x", "position": 0, "reading": true, "video_position": "1"}',
    ],
)
def test_a_report_that_is_none_is_answered_with_400(browser: Client, body: str) -> None:
    answer = browser.post("/learn/beat/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["state"] == "malformed"


@pytest.mark.parametrize("position", [-1, 10**12, -(10**30), 10**30])
def test_a_place_beyond_the_text_does_no_harm(
    browser: Client, place: Enrollment, position: int
) -> None:
    assert beat(browser, clock(browser)["token"], position=position).status_code == 200
    assert browser.get("/learn/grounding/").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "é", "\x00", "a.b", "e30.e30", "." * 10_000])
def test_a_forged_token_is_answered_with_403(browser: Client, token: str) -> None:
    answer = beat(browser, token)
    assert (answer.status_code, answer.json()["state"]) == (403, "token")


def test_a_report_is_posted_and_never_fetched(browser: Client) -> None:
    assert browser.get("/learn/beat/").status_code == 405


# Pictures and files


def test_a_picture_is_served_with_a_policy_that_lets_it_do_nothing(
    browser: Client, place: Enrollment
) -> None:
    answer = browser.get("/learn/grounding/media/line.svg")
    assert answer.content == SVG
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "private" in answer.headers["Cache-Control"]
    again = browser.get(
        "/learn/grounding/media/line.svg", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize(
    "path", ["none.svg", "../course.yaml", "..%2f..%2fetc/passwd", "%00", "media/line.svg"]
)
def test_nothing_but_the_courses_own_files_is_served(
    browser: Client, place: Enrollment, path: str
) -> None:
    assert browser.get(f"/learn/grounding/media/{path}").status_code == 404


def test_a_file_of_a_version_that_one_does_not_have_is_not_served(
    browser: Client, ana: Person, version: CourseVersion
) -> None:
    enroll(ana, make_course(slug="other"))
    assert browser.get("/learn/grounding/media/line.svg").status_code == 404


# My courses


@pytest.mark.parametrize("courses", [1, 3])
def test_my_courses_take_the_same_queries_however_many(
    browser: Client, ana: Person, courses: int, django_assert_num_queries: Any
) -> None:
    places = [enroll(ana, make_course(slug=f"course-no-{number}")) for number in range(courses)]
    sit_all(places[0])
    with django_assert_num_queries(5):
        page = browser.get("/learn/").content.decode()
    assert page.count("/exam/") == 1
    assert page.count("Two lessons and an exam") >= courses


def test_without_a_course_the_page_leads_to_the_catalog(browser: Client) -> None:
    page = browser.get("/learn/").content.decode()
    assert "No course yet" in page
    assert 'href="/courses/"' in page


@pytest.mark.parametrize("address", ["/learn/", "/learn/grounding/", LESSON])
def test_who_is_signed_out_is_asked_to_sign_in_and_comes_back(
    client: Client, place: Enrollment, address: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/account/login/?next={address}"
