"""Every page that can be reached is in our words and design, and says what the data is for."""

import re
from collections.abc import Iterator
from pathlib import Path

import lxml.html
import pytest
from django.template.loader import get_template, render_to_string
from django.test import Client
from django.urls import reverse

import creditable
from creditable.mail.kinds import Kind
from creditable.people import releases
from creditable.people.models import Person
from creditable.web.account import entrance
from tests.factories.people import make_license
from tests.people.signing import app_code, code_for, enroll

pytestmark = pytest.mark.django_db

HOUSE = Path(creditable.__file__).parent
MESSAGES = (
    "account/messages/logged_in.txt",
    "account/messages/logged_out.txt",
    "account/messages/login_code_sent.txt",
    "account/messages/email_confirmation_sent.txt",
    "account/messages/email_confirmed.txt",
    "account/messages/email_confirmation_failed.txt",
    "account/messages/password_changed.txt",
    "account/messages/password_set.txt",
    "mfa/messages/totp_activated.txt",
    "mfa/messages/totp_deactivated.txt",
    "mfa/messages/recovery_codes_generated.txt",
)


def templates() -> Iterator[str]:
    """What the addresses of the entrance render."""
    for address in entrance.urlpatterns:
        view = getattr(address.callback, "view_class", None)
        if name := getattr(view, "template_name", None):
            yield name
    yield from MESSAGES
    yield "429.html"


def test_no_page_or_message_is_allauths_own() -> None:
    names = set(templates())
    assert len(names) > 25
    for name in names:
        origin = Path(get_template(name).origin.name)
        assert origin.is_relative_to(HOUSE), f"{name} comes from {origin}"


def test_the_way_to_the_content_leads_past_the_navigation_of_the_account(browser: Client) -> None:
    page = lxml.html.fromstring(browser.get("/account/").content)
    (content,) = page.xpath("//*[@id='main']")
    assert page.xpath("//nav[@class='side-nav']")
    assert not content.xpath(".//nav[@class='side-nav']")
    assert content.xpath(".//h1")


def test_every_letter_is_in_our_words() -> None:
    values = {
        "name": "Ana <b>Diaz</b>",
        "code": "482913",
        "change": "X",
        "new_address": "a…@x.y",
        "document": {"authority": "The <Board>", "why": "It has it."},
    }
    kinds = [kind for kind in vars(releases).values() if isinstance(kind, Kind)]
    assert len(kinds) == 8
    for kind in kinds:
        told = {name: values[name] for name in kind.fields if name != "email"}
        text = render_to_string(f"mail/{kind.name}.txt", {**told, "base_url": "https://x.test"})
        subject, empty, *_ = text.splitlines()
        assert re.fullmatch(r"Subject: \S.{8,70}", subject)
        assert empty == ""
        assert re.search(r"^Hello Ana <b>Diaz</b>,\n\n[A-Z]", text, re.MULTILINE)
        said = [word for value in told.values() for word in words_of(value)]
        assert all(word in text for word in said)
        assert kind.secret == ("code" in kind.fields)


def words_of(value: str | dict[str, str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value.values())


def visited(ana: Person) -> Iterator[tuple[str, str]]:
    """Every page with a form, each as somebody comes to it."""
    visitor = Client()
    for name in ("account_signup", "account_login", "account_login_password"):
        yield name, visitor.get(reverse(name)).content.decode()
    yield "account_reset_password", visitor.get("/account/password/").content.decode()
    visitor.post("/account/signup/", {"email": "new@example.com", "name": "Bo Chen"})
    yield "sign-up code", visitor.get("/account/signup/code/").content.decode()
    visitor.post("/account/login/start-over/")
    visitor.post("/account/password/", {"email": ana.email})
    yield "password code", visitor.get("/account/password/code/").content.decode()
    visitor.post("/account/password/code/", {"code": code_for(ana.email)})
    yield "new password", visitor.get("/account/password/new/").content.decode()
    visitor.post("/account/login/", {"login": ana.email})
    yield "sign-in code", visitor.get("/account/login/code/").content.decode()
    enroll(ana)
    visitor.post("/account/login/code/", {"code": code_for(ana.email)})
    yield "second step", visitor.get("/account/login/second-step/").content.decode()
    browser = Client()
    browser.force_login(ana)
    license = make_license(ana)
    for path in (
        "",
        "licenses/add/",
        f"licenses/{license.pk}/",
        "email/",
        "security/password/set/",
        "security/second-step/again/",
    ):
        yield path, browser.get(f"/account/{path}").content.decode()
    other = Client()
    other.force_login(ana)
    other.post("/account/email/", {"email": "n@example.org"})
    yield "address codes", other.get("/account/email/codes/").content.decode()


def test_every_form_says_what_its_data_is_for_and_where_the_policy_is(ana: Person) -> None:
    pages = dict(visited(ana))
    assert len(pages) == 16
    for name, page in pages.items():
        form = page[page.index("<form") :]
        assert "form-notice" in form, name
        assert "/privacy/" in form, name
        assert page.count("<h1") == 1, name
        assert "style=" not in page, name
        assert "<script>" not in page, name
        assert "allauth" not in page, name
        assert "placeholder=" not in page, name


def test_signing_in_leaves_the_app_code_for_the_last_step(ana: Person) -> None:
    """The order of the steps: first the mailbox, then the phone."""
    secret = enroll(ana)
    client = Client()
    client.post("/account/login/second-step/", {"code": app_code(secret)})
    assert client.get("/account/").status_code == 302
