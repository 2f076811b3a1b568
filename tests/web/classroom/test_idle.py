"""Who does nothing for ten minutes is signed out, and comes back to the same place."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from creditable.learning.models import Enrollment
from tests.promises import promise

LESSON = "/learn/grounding/lesson-1/"


@promise("A18")
def test_after_ten_idle_minutes_a_page_asks_to_sign_in_and_leads_back(
    browser: Client, place: Enrollment, move_clock: Any
) -> None:
    assert browser.get(LESSON).status_code == 200
    move_clock(timedelta(seconds=599), idle=True)
    assert browser.get(LESSON).status_code == 200
    move_clock(timedelta(seconds=616), idle=True)
    answer = browser.get(LESSON)
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"/account/login/?next={LESSON}",
    )


def test_a_page_may_ask_how_long_it_is_without_putting_the_end_off(
    browser: Client, place: Enrollment, move_clock: Any, django_assert_num_queries: Any
) -> None:
    browser.get(LESSON)
    for _ in range(10):
        move_clock(timedelta(seconds=55), idle=True)
        with django_assert_num_queries(1):
            left = browser.get("/ui/idle/").json()["left"]
    assert 55 <= left <= 65
    with django_assert_num_queries(1):
        assert browser.post("/ui/idle/").json() == {"left": 615}
    move_clock(timedelta(seconds=620), idle=True)
    assert browser.get("/ui/idle/").json() == {"left": None}
    assert browser.post("/ui/idle/").json() == {"left": None}


@pytest.mark.parametrize("address", ["/", "/courses/"])
def test_a_visitor_is_not_warned(client: Client, policy: Any, address: str) -> None:
    assert 'id="idle"' not in client.get(address).content.decode()


def test_who_is_signed_in_is_warned_on_every_page(browser: Client, place: Enrollment) -> None:
    for address in (LESSON, "/learn/", "/account/"):
        assert 'id="idle"' in browser.get(address).content.decode()
