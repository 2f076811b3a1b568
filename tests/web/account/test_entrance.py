"""Signing up and in with codes by mail; what others can and cannot find out or guess."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client

from creditable.audit.models import Event
from creditable.disclosure.models import Outbox, Release
from creditable.mail import addresses
from creditable.mail.models import Message
from creditable.people.models import Person, Session
from tests.factories.people import make_person
from tests.people.signing import app_code, code_for, enroll, mails_to, text_of, wrong
from tests.promises import promise

pytestmark = pytest.mark.django_db

ANA = "ana@example.com"
SIGN_UP, SIGN_UP_CODE = "/account/signup/", "/account/signup/code/"
SIGN_IN, SIGN_IN_CODE = "/account/login/", "/account/login/code/"
BY_PASSWORD, SECOND_STEP = "/account/login/password/", "/account/login/second-step/"
PASSWORD = "nine volts in a drawer"


def sign_up(client: Client, email: str = ANA, name: str = "Ana Diaz", **more: str) -> Any:
    return client.post(SIGN_UP, {"email": email, "name": name, **more})


def ask_for_code(client: Client, email: str = ANA, **more: str) -> Any:
    return client.post(SIGN_IN, {"login": email, **more})


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def shown(answer: Any) -> str:
    """The page without what differs by nature: tokens and the address that was typed."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return re.sub(r"[\w.]+@example\.com", "ADDRESS", text)


class TestSignUp:
    @promise("A2")
    def test_an_address_a_name_and_a_code_are_enough(self, client: Client) -> None:
        answer = sign_up(client, next="/courses/wiring/")
        assert answer.headers["Location"] == SIGN_UP_CODE
        assert ANA in client.get(SIGN_UP_CODE).content.decode()
        answer = client.post(SIGN_UP_CODE, {"code": code_for(ANA)})
        assert answer.headers["Location"] == "/courses/wiring/"
        assert is_in(client)
        person = Person.objects.get()
        assert (person.email, person.name, person.pk) == (ANA, "Ana Diaz", person.subject_id)
        assert EmailAddress.objects.get(user=person).verified

    def test_before_the_code_nobody_is_signed_in(self, client: Client) -> None:
        sign_up(client)
        assert not is_in(client)
        assert not EmailAddress.objects.get().verified

    def test_a_wrong_code_is_told_at_its_field_and_three_end_it(self, client: Client) -> None:
        sign_up(client)
        right = code_for(ANA)
        for _ in range(2):
            answer = client.post(SIGN_UP_CODE, {"code": wrong(right)})
            assert answer.status_code == 422
            assert "not the code that we sent" in answer.content.decode()
        assert client.post(SIGN_UP_CODE, {"code": wrong(right)}).status_code == 302
        client.post(SIGN_UP_CODE, {"code": right})
        assert not is_in(client)

    @pytest.mark.parametrize("typed", ["12345", "1234567", "abcdef"])
    def test_what_has_not_six_digits_is_told_so(self, client: Client, typed: str) -> None:
        sign_up(client)
        right = code_for(ANA)
        answer = client.post(SIGN_UP_CODE, {"code": typed})
        assert answer.status_code == 422
        assert "The code has six digits." in answer.content.decode()
        client.post(SIGN_UP_CODE, {"code": f"{right[:3]} {right[3:]}"})
        assert is_in(client)

    def test_a_code_ends_after_fifteen_minutes(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sign_up(client)
        later = time() + 15 * 60 + 1
        monkeypatch.setattr("time.time", lambda: later)
        client.post(SIGN_UP_CODE, {"code": code_for(ANA)})
        assert not is_in(client)

    def test_the_code_of_one_browser_is_worth_nothing_in_another(self, client: Client) -> None:
        sign_up(client)
        stranger = Client()
        stranger.post(SIGN_UP_CODE, {"code": code_for(ANA)})
        assert not is_in(stranger)

    def test_an_abandoned_sign_up_is_finished_by_signing_in(self, client: Client) -> None:
        sign_up(client)
        elsewhere = Client()
        ask_for_code(elsewhere)
        elsewhere.post(SIGN_IN_CODE, {"code": code_for(ANA)})
        assert is_in(elsewhere)

    def test_who_mistyped_the_address_starts_over(self, client: Client) -> None:
        sign_up(client, email="anna@example.com")
        assert client.get(SIGN_UP).headers["Location"] == SIGN_UP_CODE
        assert client.post("/account/login/start-over/").headers["Location"] == SIGN_UP
        assert client.get(SIGN_UP).status_code == 200

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("email", ""),
            ("email", "ana"),
            ("email", "a" * 250 + "@example.com"),
            ("email", "ana@example.com\r\nBcc: all@example.com"),
            ("name", ""),
            ("name", "<script>alert(1)</script>"),
            ("name", "Ana\u202eziD"),
            ("name", "x" * 121),
        ],
    )
    def test_bad_input_is_told_at_its_field_and_what_was_typed_stays(
        self, client: Client, field: str, typed: str
    ) -> None:
        told = {"email": ANA, "name": "Ana Diaz", field: typed}
        answer = client.post(SIGN_UP, told)
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
        assert all(answer.context["form"][name].value() == told[name] for name in told)
        assert not Person.objects.exists()
        assert "<script>alert" not in answer.content.decode()
        (errors,) = answer.context["form"].errors.values()
        assert all(message.isprintable() for message in errors)


class TestSignIn:
    @promise("A14")
    def test_a_code_by_mail_is_all_it_takes(self, client: Client, ana: Person) -> None:
        answer = ask_for_code(client, "ANA@Example.com", next="/account/licenses/")
        onward = answer.headers["Location"]
        assert onward == f"{SIGN_IN_CODE}?next=%2Faccount%2Flicenses%2F"
        code = code_for(ANA)
        answer = client.post(onward, {"code": f" {code[:3]} {code[3:]}"})
        assert answer.headers["Location"] == "/account/licenses/"
        assert is_in(client)
        assert Event.objects.filter(verb="entrance.sign_in", about=ana.pk).count() == 1

    def test_a_code_that_arrived_shows_that_the_address_takes_mail_again(
        self, client: Client, ana: Person
    ) -> None:
        addresses.mark_dead(subject_id=ana.pk, address=ana.email, status="5.1.1")
        ask_for_code(client)
        assert addresses.is_dead(subject_id=ana.pk, address=ana.email)
        client.post(SIGN_IN_CODE, {"code": code_for(ANA)})
        assert is_in(client)
        assert not addresses.is_dead(subject_id=ana.pk, address=ana.email)

    def test_a_page_for_people_leads_to_sign_in_and_back(self, client: Client) -> None:
        answer = client.get("/account/licenses/")
        assert answer.headers["Location"] == f"{SIGN_IN}?next=/account/licenses/"
        page = client.get(answer.headers["Location"]).content.decode()
        assert 'name="next" value="/account/licenses/"' in page

    @pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "javascript:x"])
    def test_nobody_is_led_to_another_site(self, client: Client, ana: Person, onward: str) -> None:
        ask_for_code(client, next=onward)
        answer = client.post(SIGN_IN_CODE, {"code": code_for(ANA), "next": onward})
        assert answer.headers["Location"] == "/learn/"

    def test_whoever_works_in_the_office_begins_there(self, client: Client) -> None:
        make_person(email="ruth@example.com", role="office")
        ask_for_code(client, "ruth@example.com")
        answer = client.post(SIGN_IN_CODE, {"code": code_for("ruth@example.com")})
        assert answer.headers["Location"] == "/console/"

    def test_a_code_works_once(self, client: Client, ana: Person) -> None:
        ask_for_code(client)
        code = code_for(ANA)
        client.post(SIGN_IN_CODE, {"code": code})
        client.post("/account/logout/")
        assert not is_in(client)
        client.post(SIGN_IN_CODE, {"code": code})
        assert not is_in(client)

    def test_three_wrong_codes_end_it(self, client: Client, ana: Person) -> None:
        ask_for_code(client)
        right = code_for(ANA)
        answers = [client.post(SIGN_IN_CODE, {"code": wrong(right)}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [422, 422, 302]
        assert "Too many tries" in client.get(SIGN_IN).content.decode()
        client.post(SIGN_IN_CODE, {"code": right})
        assert not is_in(client)

    @pytest.mark.parametrize("typed", ["", " ", "12345", "1234567", "١٢٣٤٥٦", "x" * 5000, "\x00"])
    def test_what_is_no_code_is_told_at_its_field(
        self, client: Client, ana: Person, typed: str
    ) -> None:
        ask_for_code(client)
        answer = client.post(SIGN_IN_CODE, {"code": typed})
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["code"]

    def test_a_code_ends_after_fifteen_minutes(
        self, client: Client, ana: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask_for_code(client)
        later = time() + 15 * 60 + 1
        monkeypatch.setattr("time.time", lambda: later)
        client.post(SIGN_IN_CODE, {"code": code_for(ANA)})
        assert not is_in(client)

    def test_a_new_code_voids_the_one_before(self, client: Client, ana: Person) -> None:
        ask_for_code(client)
        first = code_for(ANA)
        client.post(SIGN_IN_CODE, {"action": "resend"})
        second = code_for(ANA)
        assert len(mails_to(ANA)) == 2
        if first != second:
            client.post(SIGN_IN_CODE, {"code": first})
            assert not is_in(client)
        client.post(SIGN_IN_CODE, {"code": second})
        assert is_in(client)

    def test_signing_in_gives_the_browser_a_new_number(self, client: Client, ana: Person) -> None:
        ask_for_code(client)
        before = client.cookies[settings.SESSION_COOKIE_NAME].value
        client.post(SIGN_IN_CODE, {"code": code_for(ANA)})
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        assert cookie.value != before
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
        assert Session.objects.get().subject_id == ana.pk

    def test_a_closed_account_stays_closed(self, client: Client, ana: Person) -> None:
        Person.objects.filter(pk=ana.pk).update(is_active=False)
        ask_for_code(client)
        assert not mails_to(ANA)
        assert not is_in(client)

    def test_signing_out_takes_a_post_and_ends_the_session(self, browser: Client) -> None:
        assert "Sign out?" in browser.get("/account/logout/").content.decode()
        assert is_in(browser)
        assert 'href="/account/logout/"' in browser.get("/account/").content.decode()
        page = browser.post("/account/logout/", follow=True).content.decode()
        assert "You are signed out." in page
        assert not is_in(browser)
        assert not Session.objects.exists()


class TestCodesStaySecret:
    def test_the_archive_keeps_that_a_code_was_sent_and_not_the_code(
        self, client: Client, ana: Person
    ) -> None:
        ask_for_code(client)
        code = code_for(ANA)
        kept = Message.objects.get()
        assert (kept.kind, kept.title, kept.text) == ("people.sign_in_code", "", "")
        assert Release.objects.get().subject_id == ana.pk
        with connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            tables = [name for (name,) in cursor.fetchall()]
            holding = []
            for table in tables:
                cursor.execute(f'SELECT 1 FROM "{table}" t WHERE t::text LIKE %s', [f"%{code}%"])
                holding += [table] if cursor.fetchone() else []
        assert len(tables) > 20
        assert set(holding) <= {"disclosure_outbox"}

    def test_the_code_is_random(self, client: Client, ana: Person) -> None:
        codes = set()
        for number in range(4):
            address = f"p{number}@example.com"
            make_person(email=address)
            ask_for_code(Client(), address)
            codes.add(code_for(address))
        assert len(codes) > 2


class TestNobodyFindsOutWhoHasAnAccount:
    def test_sign_in_answers_alike_and_writes_to_nobody_unknown(
        self, client: Client, ana: Person
    ) -> None:
        known, unknown = Client(), Client()
        ask_for_code(known), ask_for_code(unknown, "nobody@example.com")
        assert len(mails_to(ANA)) == 1
        assert not mails_to("nobody@example.com")
        assert shown(known.get(SIGN_IN_CODE)) == shown(unknown.get(SIGN_IN_CODE))
        told = {"code": "000000" if code_for(ANA) != "000000" else "000001"}
        assert shown(known.post(SIGN_IN_CODE, told)) == shown(unknown.post(SIGN_IN_CODE, told))

    def test_sign_up_answers_alike_and_tells_the_owner(self, client: Client, ana: Person) -> None:
        known, unknown = Client(), Client()
        answers = sign_up(known, name="Somebody Else"), sign_up(unknown, "new@example.com")
        assert answers[0].headers["Location"] == answers[1].headers["Location"] == SIGN_UP_CODE
        assert shown(known.get(SIGN_UP_CODE)) == shown(unknown.get(SIGN_UP_CODE))
        (mail,) = mails_to(ANA)
        assert "You have an account" in text_of(mail)
        assert "Somebody Else" not in text_of(mail)
        assert Person.objects.get(pk=ana.pk).name == "Ana Diaz"
        told = {"code": wrong(code_for("new@example.com"))}
        assert shown(known.post(SIGN_UP_CODE, told)) == shown(unknown.post(SIGN_UP_CODE, told))
        for guess in ("", "000000"):
            known.post(SIGN_UP_CODE, {"code": guess})
        assert not is_in(known)

    def test_password_sign_in_answers_alike(self, client: Client, ana: Person) -> None:
        ana.set_password(PASSWORD)
        ana.save()
        pages = [
            client.post(BY_PASSWORD, {"login": email, "password": "wrong " + PASSWORD})
            for email in (ANA, "nobody@example.com")
        ]
        assert [page.status_code for page in pages] == [422, 422]
        assert shown(pages[0]) == shown(pages[1])
        assert "is not right" in pages[0].content.decode()

    def test_a_new_password_is_asked_for_alike(self, client: Client, ana: Person) -> None:
        known, unknown = Client(), Client()
        for browser, email in ((known, ANA), (unknown, "nobody@example.com")):
            browser.post("/account/password/", {"email": email})
        assert shown(known.get("/account/password/code/")) == shown(
            unknown.get("/account/password/code/")
        )
        assert not mails_to("nobody@example.com")


class TestLimits:
    def test_codes_for_one_address_are_limited_wherever_the_asker_sits(
        self, client: Client, ana: Person
    ) -> None:
        answers = [
            Client(REMOTE_ADDR=f"198.51.100.{number}").post(SIGN_IN, {"login": ANA})
            for number in range(4)
        ]
        assert [answer.status_code for answer in answers] == [302, 302, 302, 422]
        assert len(mails_to(ANA)) == 3
        assert answers[3].context["form"]["login"].value() == ANA

    def test_an_unknown_address_is_limited_alike(self, client: Client) -> None:
        answers = [ask_for_code(Client(), "nobody@example.com") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [302, 302, 302, 422]

    def test_the_counts_stand_in_the_database_under_a_hash(
        self, client: Client, ana: Person
    ) -> None:
        ask_for_code(client)
        with connection.cursor() as cursor:
            cursor.execute("SELECT cache_key FROM creditable_cache")
            keys = [key for (key,) in cursor.fetchall()]
        assert any("request_login_code" in key for key in keys)
        assert not any("ana" in key for key in keys)

    def test_sign_ups_from_one_place_are_limited_with_a_page_that_says_so(
        self, client: Client
    ) -> None:
        for number in range(20):
            sign_up(Client(), f"p{number}@example.com")
        answer = sign_up(client, "late@example.com")
        assert answer.status_code == 429
        assert "A little too fast" in answer.content.decode()
        assert not Person.objects.filter(email="late@example.com").exists()

    def test_passwords_are_limited_even_when_the_last_is_right(
        self, client: Client, ana: Person
    ) -> None:
        ana.set_password(PASSWORD)
        ana.save()
        for _ in range(5):
            client.post(BY_PASSWORD, {"login": ANA, "password": "wrong " + PASSWORD})
        answer = client.post(BY_PASSWORD, {"login": ANA, "password": PASSWORD})
        assert answer.status_code == 422
        assert "Too many tries" in answer.content.decode()
        assert not is_in(client)

    def test_many_counts_do_not_push_out_others(self, client: Client, ana: Person) -> None:
        for _ in range(3):
            ask_for_code(Client())
        for number in range(400):
            cache.set(f"flood-{number}", [1.0], 600)
        assert ask_for_code(Client()).status_code == 422


class TestPassword:
    @pytest.fixture(autouse=True)
    def has_password(self, ana: Person) -> None:
        ana.set_password(PASSWORD)
        ana.save()

    def test_who_set_a_password_signs_in_with_it(self, client: Client) -> None:
        told = {"login": "ANA@example.com", "password": PASSWORD, "next": "/account/"}
        answer = client.post(BY_PASSWORD, told, follow=True)
        assert answer.request["PATH_INFO"] == "/account/"
        assert is_in(client)

    def test_a_code_still_works(self, client: Client) -> None:
        ask_for_code(client)
        client.post(SIGN_IN_CODE, {"code": code_for(ANA)})
        assert is_in(client)

    @promise("C13")
    def test_a_new_password_takes_the_place_of_the_old_one(self, client: Client) -> None:
        client.post(BY_PASSWORD, {"login": ANA, "password": PASSWORD})
        new = "four spoons under a lamp"
        told = {"oldpassword": PASSWORD, "password1": new, "password2": new}
        assert client.post("/account/security/password/", told).status_code == 302
        for password, works in ((PASSWORD, False), (new, True)):
            browser = Client()
            browser.post(BY_PASSWORD, {"login": ANA, "password": password})
            assert is_in(browser) is works

    @promise("A14")
    def test_a_forgotten_password_is_set_anew_with_a_code_at_any_time(
        self, client: Client, ana: Person
    ) -> None:
        elsewhere = Client()
        elsewhere.force_login(ana)
        client.post("/account/password/", {"email": ANA})
        answer = client.post("/account/password/code/", {"code": code_for(ANA)})
        assert answer.headers["Location"] == "/account/password/new/"
        new = "four spoons under a lamp"
        weak = client.post("/account/password/new/", {"password1": "short", "password2": "short"})
        assert weak.status_code == 422
        assert "15 characters" in weak.content.decode()
        client.post("/account/password/new/", {"password1": new, "password2": new})
        assert is_in(client)
        assert Person.objects.get(pk=ana.pk).check_password(new)
        assert not is_in(elsewhere)
        assert "set anew" in text_of(mails_to(ANA)[-1])

    def test_without_the_code_there_is_no_new_password(self, client: Client, ana: Person) -> None:
        client.post("/account/password/", {"email": ANA})
        answer = client.post("/account/password/new/", {"password1": "x" * 20, "password2": "x"})
        assert answer.headers["Location"] == "/account/password/code/"
        right = code_for(ANA)
        for _ in range(3):
            client.post("/account/password/code/", {"code": wrong(right)})
        client.post("/account/password/code/", {"code": right})
        assert client.get("/account/password/new/").status_code == 302
        assert Person.objects.get(pk=ana.pk).check_password(PASSWORD)


class TestSecondStep:
    def test_after_the_code_comes_the_app(self, client: Client, ana: Person) -> None:
        secret = enroll(ana)
        ask_for_code(client)
        answer = client.post(SIGN_IN_CODE, {"code": code_for(ANA)})
        assert answer.headers["Location"] == SECOND_STEP
        assert not is_in(client)
        assert client.post(SECOND_STEP, {"code": "000"}).status_code == 422
        client.post(SECOND_STEP, {"code": app_code(secret)})
        assert is_in(client)

    def test_a_code_of_the_app_works_once(self, client: Client, ana: Person) -> None:
        secret = enroll(ana)
        code = app_code(secret)
        for browser in (client, Client()):
            ask_for_code(browser)
            browser.post(SIGN_IN_CODE, {"code": code_for(ANA)})
            browser.post(SECOND_STEP, {"code": code})
        assert is_in(client)
        assert not is_in(browser)

    def test_guessing_the_second_step_is_limited(self, client: Client, ana: Person) -> None:
        secret = enroll(ana)
        ask_for_code(client)
        client.post(SIGN_IN_CODE, {"code": code_for(ANA)})
        for _ in range(5):
            client.post(SECOND_STEP, {"code": wrong(app_code(secret, steps=9))})
        answer = client.post(SECOND_STEP, {"code": app_code(secret)})
        assert answer.status_code == 422
        assert not is_in(client)


@promise("A1")
def test_the_entrance_sets_no_cookie_before_something_is_sent(client: Client) -> None:
    for page in (SIGN_UP, SIGN_IN, BY_PASSWORD, "/account/password/"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert not answer.cookies
    assert not Outbox.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_sign_ups_in_the_same_instant_make_one_account(policy: None) -> None:
    start = Barrier(2)

    def enter(number: int) -> Any:
        client = Client()
        start.wait(timeout=20)
        try:
            answer = client.post(SIGN_UP, {"email": ANA, "name": f"Ana {'Bo'[number]}"})
        finally:
            connection.close()
        return answer.status_code, answer.headers.get("Location")

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(enter, range(2)))
    assert set(answers) <= {(302, SIGN_UP_CODE), (429, None)}
    assert Person.objects.count() == 1
    assert EmailAddress.objects.count() == 1
