"""A mail of these tests that people may refuse, and one that comes anyway."""

from pathlib import Path
from typing import Any

import pytest

from creditable.disclosure import choices
from creditable.disclosure.models import Outbox
from creditable.lib.actor import Actor
from creditable.mail import post
from creditable.mail.kinds import Kind
from creditable.mail.models import Message
from creditable.people.models import Person

BY = Actor.system("tests")
FIELDS = {"email": "user.contact.email", "name": "user.name"}
OFFERS = Kind("tests.offers", "offers", FIELDS, choice="offers.email")
RECEIPT = Kind("tests.receipt", "account", FIELDS)
CODE = Kind("tests.code", "account", FIELDS, secret=True)
REPLIES = "replies.provider.example"


@pytest.fixture
def letters(settings: Any) -> None:
    """The texts of these mails can be found, and replies to them come in."""
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [Path(__file__).parent / "templates"]}]
    settings.MAIL_REPLIES = REPLIES


def agree(person: Person, choice: str = "offers.email", *, agrees: bool = True) -> None:
    choices.say(
        subject_id=person.pk, choice=choice, agrees=agrees, source="account", by=person.actor
    )


def send(person: Person, key: str = "spring", kind: Kind = OFFERS) -> Message:
    post.send(
        kind=kind,
        subject_id=person.pk,
        to=person.email,
        values={"name": person.name},
        by=BY,
        key=f"{key}:{person.pk}",
    )
    return Message.objects.get(key=f"mail:{key}:{person.pk}")


def queued(message: Message) -> Outbox:
    return Outbox.objects.get(batch=message.batch)
