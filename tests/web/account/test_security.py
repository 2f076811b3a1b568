"""Where one is signed in, and the ways to sign in."""

from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from creditable.people.models import Person, Session
from tests.factories.people import make_person
from tests.people.signing import (
    app_code,
    code_for,
    enroll,
    mails_to,
    secret_of,
    text_of,
    wrong,
)

pytestmark = pytest.mark.django_db

PAGE = "/account/security/"
NEW_STEP, STEP_OFF = f"{PAGE}second-step/new/", f"{PAGE}second-step/off/"
CODES = f"{PAGE}recovery-codes/"
PASSWORD = "nine volts in a drawer"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def signed_in(person: Person, agent: str = FIREFOX) -> Client:
    """A browser in which the person signed in with a code."""
    client = Client(headers={"User-Agent": agent})
    client.post("/account/login/", {"login": person.email})
    client.post("/account/login/code/", {"code": code_for(person.email)})
    return client


def is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


class TestBrowsers:
    def test_they_are_listed_and_one_is_signed_out_at_once(self, ana: Person) -> None:
        here, there = signed_in(ana), signed_in(ana, "Version/17 (iPhone) Safari/604.1")
        answer = here.get(PAGE)
        listed = answer.context["browsers"]
        assert {(b.device, b.here) for b in listed} == {
            ("Firefox on Linux", True),
            ("Safari on iPhone", False),
        }
        assert "This browser" in answer.content.decode()
        (other,) = (browser for browser in listed if not browser.here)
        here.post(f"{PAGE}browsers/{other.id}/end/")
        assert not is_in(there)
        assert is_in(here)

    def test_everywhere_else_is_one_press(self, ana: Person) -> None:
        here, *others = (signed_in(ana) for _ in range(3))
        answer = here.post(f"{PAGE}browsers/end-others/", follow=True)
        assert "2 signed out." in answer.content.decode()
        assert is_in(here)
        assert not any(is_in(other) for other in others)

    def test_somebody_elses_browser_does_not_exist(self, browser: Client) -> None:
        other = make_person(email="ben@example.com")
        theirs = signed_in(other)
        row = Session.objects.get(subject_id=other.pk)
        for session_id in (row.id, uuid4()):
            assert browser.post(f"{PAGE}browsers/{session_id}/end/").status_code == 404
        assert is_in(theirs)


class TestPassword:
    def test_one_is_set_and_told_by_mail(self, browser: Client, ana: Person) -> None:
        assert browser.get(f"{PAGE}password/").headers["Location"] == f"{PAGE}password/set/"
        told = {"password1": PASSWORD, "password2": PASSWORD}
        assert browser.post(f"{PAGE}password/set/", told).headers["Location"] == PAGE
        assert Person.objects.get(pk=ana.pk).check_password(PASSWORD)
        assert is_in(browser)
        assert "A password was set" in text_of(mails_to(ana.email)[-1])

    @pytest.mark.parametrize(
        ("one", "other", "field"),
        [
            ("short", "short", "password1"),
            ("123456789987654321", "123456789987654321", "password1"),
            (PASSWORD, PASSWORD + "x", "password2"),
            ("", "", "password1"),
        ],
    )
    def test_a_weak_or_mistyped_one_is_told_at_its_field(
        self, browser: Client, ana: Person, one: str, other: str, field: str
    ) -> None:
        answer = browser.post(f"{PAGE}password/set/", {"password1": one, "password2": other})
        assert answer.status_code == 422
        assert field in answer.context["form"].errors
        assert PASSWORD not in answer.content.decode()
        assert not Person.objects.get(pk=ana.pk).has_usable_password()

    def test_changing_it_takes_the_old_one_and_signs_other_browsers_out(self, ana: Person) -> None:
        ana.set_password(PASSWORD)
        ana.save()
        here, there = signed_in(ana), signed_in(ana)
        new = "four spoons under a lamp"
        told = {"oldpassword": "not this one at all", "password1": new, "password2": new}
        answer = here.post(f"{PAGE}password/", told)
        assert answer.status_code == 422
        assert "not your current password" in answer.content.decode()
        here.post(f"{PAGE}password/", {**told, "oldpassword": PASSWORD})
        assert Person.objects.get(pk=ana.pk).check_password(new)
        assert Session.objects.filter(subject_id=ana.pk).count() == 1
        assert is_in(here)
        assert not is_in(there)


class TestSecondStep:
    def test_it_is_set_up_with_a_code_and_told_by_mail(
        self, browser: Client, ana: Person, django_capture_on_commit_callbacks: Any
    ) -> None:
        page = browser.get(NEW_STEP)
        secret = page.context["form"].secret
        assert secret in page.content.decode()
        assert "<svg" in page.content.decode()
        assert "style=" not in page.content.decode()
        assert browser.post(NEW_STEP, {"code": wrong(app_code(secret))}).status_code == 422
        assert not Authenticator.objects.exists()
        with django_capture_on_commit_callbacks(execute=True):
            answer = browser.post(NEW_STEP, {"code": app_code(secret)})
        assert answer.headers["Location"] == CODES
        assert secret_of(ana) == secret
        assert secret not in str(Authenticator.objects.values_list("data", flat=True))
        assert "authenticator app was set up" in text_of(mails_to(ana.email)[-1])
        assert len(browser.get(CODES).context["unused_codes"]) == 10

    def test_a_recovery_code_signs_in_once(self, browser: Client, ana: Person) -> None:
        page = browser.get(NEW_STEP)
        browser.post(NEW_STEP, {"code": app_code(page.context["form"].secret)})
        code = browser.get(CODES).context["unused_codes"][0]
        assert code in browser.get(f"{CODES}download/").content.decode()
        results = []
        for client in (Client(), Client()):
            client.post("/account/login/", {"login": ana.email})
            client.post("/account/login/code/", {"code": code_for(ana.email)})
            client.post("/account/login/second-step/", {"code": code})
            results.append(is_in(client))
        assert results == [True, False]

    def test_turning_it_off_or_reading_the_codes_takes_the_app(
        self, browser: Client, ana: Person
    ) -> None:
        secret = enroll(ana)
        answer = browser.get(STEP_OFF)
        again = answer.headers["Location"]
        assert again.startswith(f"{PAGE}second-step/again/")
        other = Client()
        other.force_login(ana)
        other.post(STEP_OFF)
        assert Authenticator.objects.filter(user=ana).exists()
        browser.post(again, {"code": app_code(secret)})
        assert "Turn the second step off?" in browser.get(STEP_OFF).content.decode()
        browser.post(STEP_OFF)
        assert not Authenticator.objects.filter(user=ana).exists()
        assert "turned off" in text_of(mails_to(ana.email)[-1])

    def test_new_recovery_codes_void_the_old_ones(self, browser: Client, ana: Person) -> None:
        page = browser.get(NEW_STEP)
        browser.post(NEW_STEP, {"code": app_code(page.context["form"].secret)})
        before = browser.get(CODES).context["unused_codes"]
        browser.post(f"{CODES}new/")
        after = browser.get(CODES).context["unused_codes"]
        assert len(after) == 10
        assert not set(before) & set(after)

    def test_with_a_password_setting_it_up_takes_the_password(
        self, browser: Client, ana: Person
    ) -> None:
        ana.set_password(PASSWORD)
        ana.save()
        browser.force_login(ana)
        again = browser.get(NEW_STEP).headers["Location"]
        assert again.startswith(f"{PAGE}again/")
        assert browser.post(again, {"password": "not this one"}).status_code == 422
        browser.post(again, {"password": PASSWORD})
        assert "Set up the second step" in browser.get(NEW_STEP).content.decode()
