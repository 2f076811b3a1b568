"""Whoever wants to hear of new versions of the policy gets one letter for each, and none after they
said no."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client

from creditable.disclosure import choices, subjects
from creditable.disclosure.models import Answer
from creditable.lib.actor import Actor
from creditable.rights import followers, publication
from creditable.rights.models import Follower
from tests.factories.people import make_person
from tests.people.signing import mails_to, text_of
from tests.promises import promise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]

BY = Actor.system("tests")
READER = "reader@example.com"


def found(mail: EmailMessage) -> str:
    """The token in a mail that asks whether somebody wants to follow."""
    token = re.search(r"/privacy/versions/follow/([^/\s]+)/", text_of(mail))
    assert token
    return token[1]


def ask(email: str = READER) -> str:
    """Asks by the form, signed out, and gives the page that the mail leads to."""
    answer = Client().post("/privacy/versions/follow/", {"email": email})
    assert answer.status_code == 200
    return f"/privacy/versions/follow/{found(mails_to(email)[-1])}/"


def publish_next(run_jobs: Callable[[], int]) -> int:
    """The next version, with one paragraph changed, published as the office does it."""
    draft = publication.begin(by=BY)
    said = "A new version is posted here"
    assert said in draft.files["clauses.yaml"]
    text = draft.files["clauses.yaml"].replace(said, f"{said} (look closely)", 1)
    publication.write(draft=draft, files=dict(draft.files) | {"clauses.yaml": text}, by=BY)
    policy = publication.preview(draft.files).policy
    assert policy
    publication.publish(draft=draft, sha256=policy.sha256, by=BY)
    run_jobs()
    return policy.version


def letters(address: str) -> list[EmailMessage]:
    return [mail for mail in mails_to(address) if "of our privacy policy" in mail["Subject"]]


@promise("C17")
def test_signed_out_the_address_says_yes_itself(run_jobs: Callable[[], int]) -> None:
    page = ask()
    assert Client().get(page).status_code == 200
    assert not Answer.objects.exists(), "looking says nothing"
    publish_next(run_jobs)
    assert letters(READER) == []
    assert Client().post(page).status_code == 200
    number = publish_next(run_jobs)
    (letter,) = letters(READER)
    assert letter["Subject"] == f"Version {number} of our privacy policy"
    assert f"/privacy/versions/{number}/" in text_of(letter)
    assert "It changes 2 paragraphs." in text_of(letter), "and the one that names the version"


@promise("C17")
def test_signed_in_it_takes_one_click(run_jobs: Callable[[], int]) -> None:
    ana = make_person(name="Ana Diaz")
    client = Client()
    client.force_login(ana)
    answer = client.post("/privacy/versions/follow/")
    assert answer["Location"] == "/privacy/versions/"
    assert "You get a mail whenever" in client.get("/privacy/versions/").content.decode()
    number = publish_next(run_jobs)
    followers.tell(version=number, by=BY)
    (letter,) = letters(ana.email)
    assert "Hello Ana Diaz," in text_of(letter)


@promise("C17", "C12")
@pytest.mark.parametrize("account", [True, False])
def test_one_click_ends_it_with_an_account_and_without(
    account: bool, run_jobs: Callable[[], int]
) -> None:
    address = make_person(name="Ana Diaz").email if account else READER
    Client().post(ask(address))
    publish_next(run_jobs)
    (letter,) = letters(address)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = re.search(r"https?://[^/]+(/choices/[^>]+/stop/)>", letter["List-Unsubscribe"])
    assert stop
    assert Client().get(stop[1]).status_code == 200
    assert Client().post(stop[1], {"List-Unsubscribe": "One-Click"}).content == b"Stopped."
    publish_next(run_jobs)
    assert len(letters(address)) == 1


def test_an_address_is_asked_once_a_day(move_clock: Callable[..., None]) -> None:
    for _time in range(3):
        ask()
    assert len(mails_to(READER)) == 1
    move_clock(timedelta(days=1))
    ask(READER.upper())
    assert Follower.objects.get().email == READER


def test_whether_there_is_an_account_is_told_to_nobody() -> None:
    known = make_person()
    pages = [
        Client().post("/privacy/versions/follow/", {"email": email}).content
        for email in (known.email, READER)
    ]
    assert pages[0] == pages[1]
    assert Follower.objects.get().email == READER


@pytest.mark.parametrize("days", [8, 400])
def test_an_old_link_says_nothing(days: int, move_clock: Callable[..., None]) -> None:
    page = ask()
    move_clock(timedelta(days=days))
    assert Client().post(page).status_code == 404
    assert not Answer.objects.exists()


@pytest.mark.parametrize("email", ["", "no address", "a" * 300 + "@example.com"])
def test_what_is_no_address_is_said_beside_it(email: str) -> None:
    answer = Client().post("/privacy/versions/follow/", {"email": email})
    assert answer.status_code == 422
    assert not Follower.objects.exists()


def test_a_forged_link_leads_nowhere(settings: Any) -> None:
    page = ask()
    settings.MAIL_KEY = b"another"
    assert Client().get(page).status_code == 404
    assert Client().get("/privacy/versions/follow/x.y/").status_code == 404


def test_a_yes_to_something_else_follows_nothing(run_jobs: Callable[[], int]) -> None:
    ana = make_person()
    choices.say(
        subject_id=ana.pk, choice="offers.email", agrees=True, source="account", by=ana.actor
    )
    subjects.create()
    publish_next(run_jobs)
    assert letters(ana.email) == []


def test_an_address_that_does_not_confirm_is_forgotten(move_clock: Callable[..., None]) -> None:
    Client().post(ask("kept@example.com"))
    ask()
    move_clock(timedelta(days=8))
    followers.forget(by=BY)
    assert Follower.objects.get().email == "kept@example.com"


def test_the_form_does_not_write_to_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followers, "NEW_AN_HOUR", 2)
    asked = [
        Client().post("/privacy/versions/follow/", {"email": f"a{number}@example.com"}).status_code
        for number in range(3)
    ]
    assert asked == [200, 200, 409]
    assert Follower.objects.count() == 2
