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
        f"/account/login/?next={LESSON}&idle=1",
    )
    page = browser.get(answer.headers["Location"])
    assert "signed out after 10 minutes without activity" in page.content.decode()
    assert not any(cookie.value for cookie in browser.cookies.values())


@pytest.mark.parametrize("address", ["/account/", "/checkout/", "/console/"])
def test_every_page_leads_the_idle_to_sign_in_with_the_reason(
    browser: Client, place: Enrollment, move_clock: Any, address: str
) -> None:
    browser.get(LESSON)
    move_clock(timedelta(seconds=616), idle=True)
    assert browser.get(address).headers["Location"].endswith("&idle=1")


def test_who_was_sending_something_is_told_that_it_was_not_saved(
    client: Client, browser: Client, policy: Any, place: Enrollment, move_clock: Any
) -> None:
    browser.get(LESSON)
    move_clock(timedelta(seconds=616), idle=True)
    answer = browser.post("/account/", {"name": "Ana"}, HTTP_SEC_FETCH_SITE="same-origin")
    assert answer.headers["Location"] == "/account/login/?next=/account/&idle=1&unsaved=1"
    page = browser.get(answer.headers["Location"]).content.decode()
    assert "signed out after 10 minutes without activity" in page
    assert "What you just sent was not saved." in page

    answer = client.post("/account/", {"name": "Ana"}, HTTP_SEC_FETCH_SITE="same-origin")
    assert answer.headers["Location"] == "/account/login/?next=/account/&unsaved=1"
    page = client.get(answer.headers["Location"]).content.decode()
    assert "You are signed out" in page
    assert "What you just sent was not saved." in page
    answer = client.post("/account/login/start-over/", HTTP_SEC_FETCH_SITE="same-origin")
    assert "unsaved" not in answer.headers["Location"]


def test_who_was_not_idle_is_told_no_reason(client: Client, browser: Client, policy: Any) -> None:
    browser.post("/account/logout/")
    for visitor in (client, browser):
        answer = visitor.get("/account/")
        assert answer.headers["Location"] == "/account/login/?next=/account/"
        page = visitor.get(answer.headers["Location"]).content.decode()
        assert "without activity" not in page


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
    assert browser.get("/ui/idle/").json() == {"left": 0}
    assert browser.post("/ui/idle/").json() == {"left": 0}
    browser.post("/account/logout/")
    assert browser.get("/ui/idle/").json() == {"left": None}


@pytest.mark.parametrize("address", ["/", "/courses/"])
def test_a_visitor_is_not_warned(client: Client, policy: Any, address: str) -> None:
    assert 'id="idle"' not in client.get(address).content.decode()


def test_who_is_signed_in_is_warned_on_every_page(browser: Client, place: Enrollment) -> None:
    for address in (LESSON, "/learn/", "/account/"):
        assert 'id="idle"' in browser.get(address).content.decode()
