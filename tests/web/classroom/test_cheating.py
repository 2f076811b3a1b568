"""A cheating script gains nothing over HTTP beyond the time that passed and the content."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from creditable.learning import evidence
from creditable.learning.models import Enrollment
from creditable.people.models import Person
from tests.factories.catalog import make_video_course
from tests.factories.learning import enroll
from tests.web.classroom.test_lesson import beat, clock

FILMED = "/learn/filmed/lesson-1/"


@pytest.fixture
def film(ana: Person) -> Enrollment:
    return enroll(ana, make_video_course(slug="filmed"))


def counted(place: Enrollment) -> int:
    return sum(evidence.seconds_by_lesson(place).values())


def test_an_honest_learner_gains_and_the_scripts_do_not(
    browser: Client, stranger: Client, film: Enrollment, move_clock: Any
) -> None:
    token = clock(browser, FILMED)["token"]
    move_clock(timedelta(seconds=10))
    honest = beat(browser, token, played=[[0, 10_000]]).json()
    assert 10 <= counted(film) <= 12

    stands = counted(film)
    beat(browser, token, played=[[10_000, 20_000]])  # a replay
    beat(stranger, honest["token"], played=[[10_000, 20_000]])  # another person's token
    forged = honest["token"][:-2] + "xx"
    beat(browser, forged, played=[[10_000, 20_000]])
    for _ in range(20):  # parts that were never played, as fast as they can be posted
        honest = beat(browser, honest["token"], played=[[0, 24_008]]).json()
    assert counted(film) <= stands + 5

    move_clock(timedelta(seconds=1))
    fast = beat(browser, honest["token"], played=[[0, 16_000]]).json()  # sixteen times as fast
    assert counted(film) <= stands + 8

    other = clock(browser, FILMED)["token"]  # a second tab
    tabs = [fast["token"], other]
    before = counted(film)
    move_clock(timedelta(seconds=20))
    for token in tabs:
        beat(browser, token)
    assert before < counted(film) <= before + 26
