"""Changing the e-mail address through the pages."""

import pytest
from django.test import Client

from creditable.people.models import Person
from tests.factories.people import make_person
from tests.people.signing import code_for, mails_to, wrong
from tests.promises import promise

pytestmark = pytest.mark.django_db

PAGE, CODES = "/account/email/", "/account/email/codes/"
NEW = "diaz@example.org"


def ask(browser: Client, email: str = NEW) -> None:
    assert browser.post(PAGE, {"email": email}).headers["Location"] == CODES


@promise("C13")
def test_both_codes_change_it_and_codes_go_there_from_then_on(browser: Client, ana: Person) -> None:
    ask(browser)
    assert NEW in browser.get(CODES).content.decode()
    told = {"old_code": code_for(ana.email), "new_code": code_for(NEW)}
    assert browser.post(CODES, told).headers["Location"] == "/account/"
    assert NEW in browser.get("/account/").content.decode()
    before = len(mails_to(NEW))
    Client().post("/account/login/", {"login": NEW})
    Client().post("/account/login/", {"login": ana.email})
    assert len(mails_to(NEW)) == before + 1


def test_a_wrong_code_is_told_at_its_field_and_the_fourth_try_is_too_late(
    browser: Client, ana: Person
) -> None:
    ask(browser)
    right = {"old_code": code_for(ana.email), "new_code": code_for(NEW)}
    for _ in range(3):
        answer = browser.post(CODES, {**right, "new_code": wrong(right["new_code"])})
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["new_code"]
        assert answer.context["form"]["old_code"].value() == right["old_code"]
    answer = browser.post(CODES, right, follow=True)
    assert "no longer work" in answer.content.decode()
    assert Person.objects.get(pk=ana.pk).email == ana.email


def test_an_address_in_use_looks_like_any_other(browser: Client, ana: Person) -> None:
    other = make_person(email="ben@example.com")
    ask(browser, other.email)
    answer = browser.post(CODES, {"old_code": code_for(ana.email), "new_code": "000000"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["new_code"]


@pytest.mark.parametrize("typed", ["", "ana", "ana@example.com", "ANA@EXAMPLE.COM", "a@b\r\nc@d"])
def test_bad_input_is_told_at_its_field(browser: Client, typed: str) -> None:
    answer = browser.post(PAGE, {"email": typed})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["email"]
    assert not mails_to("ana@example.com")


def test_it_can_be_dropped(browser: Client, ana: Person) -> None:
    ask(browser)
    assert browser.get(PAGE).headers["Location"] == CODES
    browser.post("/account/email/keep/")
    assert browser.get(PAGE).status_code == 200
    assert browser.get(CODES).headers["Location"] == PAGE


def test_asking_again_and_again_is_limited(browser: Client) -> None:
    statuses = []
    for number in range(4):
        answer = browser.post(PAGE, {"email": f"n{number}@example.org"})
        statuses.append(answer.status_code)
        browser.post("/account/email/keep/")
    assert statuses == [302, 302, 302, 429]
