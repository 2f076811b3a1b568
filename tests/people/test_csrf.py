"""Other sites cannot post for our visitors, signed out or in; and no cookie is needed for that."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from creditable.people.models import Session
from tests.factories.people import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]

SIGN_IN = "/account/login/"
PROFILE = "/account/"


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def posted(browser: Client, path: str = SIGN_IN, **headers: str) -> HttpResponse:
    data = {"login": "nobody@example.com"}
    answer: Any = browser.post(path, data, headers=headers)
    return answer  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://testserver:8080"},
    ],
)
def test_a_post_from_elsewhere_is_refused_and_sets_no_cookie(
    browser: Client, headers: dict[str, str]
) -> None:
    answer = posted(browser, **headers)
    assert answer.status_code == 403
    assert not answer.cookies
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Origin": "http://testserver"},
        {"Origin": "http://localhost:8000"},
        {},
    ],
)
def test_a_post_from_our_own_page_is_taken(browser: Client, headers: dict[str, str]) -> None:
    assert posted(browser, **headers).status_code == 302


def test_a_signed_out_page_with_a_form_sets_no_cookie(browser: Client) -> None:
    for page in (SIGN_IN, "/account/signup/", "/account/login/password/", "/account/password/"):
        answer = browser.get(page)
        assert b"<form" in answer.content
        assert not answer.cookies, page
    assert not Session.objects.exists()


def test_signed_in_the_token_of_the_session_is_asked_for(browser: Client) -> None:
    browser.force_login(make_person())
    ours = {"Sec-Fetch-Site": "same-origin"}
    assert posted(browser, PROFILE, **ours).status_code == 403
    page = browser.get(PROFILE)
    token = str(page.context["csrf_token"])
    told = {"name": "Ana Diaz", "csrfmiddlewaretoken": token}
    assert browser.post(PROFILE, told, headers=ours).status_code == 302
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert browser.post(PROFILE, told, headers=foreign).status_code == 403
    other = Client(enforce_csrf_checks=True)
    other.force_login(make_person())
    assert other.post(PROFILE, told, headers=ours).status_code == 403


def test_two_tabs_share_the_token(browser: Client) -> None:
    browser.force_login(make_person())
    first = str(browser.get(PROFILE).context["csrf_token"])
    browser.get("/nowhere/")
    browser.get("/account/licenses/")
    told = {"name": "Ana Diaz", "csrfmiddlewaretoken": first}
    assert browser.post(PROFILE, told).status_code == 302
