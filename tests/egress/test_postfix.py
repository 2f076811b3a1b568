"""Mail out and in through a mail server that is not ours: Debian's Postfix, set up as the README
says."""

import smtplib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError

from creditable.disclosure import choices
from creditable.egress.channels.smtp import Smtp
from creditable.egress.destinations import MailServer
from creditable.egress.sender import Sender
from creditable.mail import addresses, arrivals, return_address
from creditable.mail.models import Arrival, Message
from creditable.mail.return_address import Mailing
from creditable.people.models import Person
from creditable.support import inbound
from tests.egress import postfix
from tests.factories.people import make_person
from tests.mail.mailing import REPLIES, agree, letters, send
from tests.mail.reception import receiving
from tests.promises import promise
from tests.standins.running import wait_until

__all__ = ["letters"]
ELSEWHERE = "elsewhere.example"
"""Where the reception knows nobody: for Postfix, a place where a mailbox may be gone."""
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("policy", "letters"),
]


@pytest.fixture
def server(settings: Any) -> Iterator[int]:
    settings.MAIL_FROM = "Office <office@provider.example>"
    with (
        tempfile.TemporaryDirectory(prefix="creditable-postfix-") as place,
        receiving() as reception,
        postfix.serving(Path(place), domains=f"{REPLIES} {ELSEWHERE}", lmtp=reception) as port,
    ):
        yield port


def person(email: str) -> Person:
    person = make_person(email=email, name="Ana Diaz")
    agree(person)
    return person


def arrived() -> Arrival:
    wait_until(Arrival.objects.exists, "the mail")
    return Arrival.objects.get()


def answer(sent: Message, settings: Any) -> tuple[str, bytes]:
    """The address of the mailing's answers, and an answer that refuses it."""
    to = return_address.write(
        Mailing(sent.subject_id, sent.number), "u", domain=REPLIES, key=settings.MAIL_KEY
    )
    lines = (
        "From: Ana <ana@post.example>", f"To: {to}", "Subject: Re: New courses",
        "Date: Tue, 03 Nov 2026 08:15:00 -0600", "Message-ID: <r1@post.example>", "", "unsubscribe",
    )  # fmt: skip
    return to, "\r\n".join(lines).encode()


@promise("A16")
def test_a_reply_through_postfix_stops_the_mailing(server: int, settings: Any) -> None:
    ana = person("ana@post.example")
    to, raw = answer(send(ana), settings)
    with smtplib.SMTP("127.0.0.1", server, timeout=30) as line:
        line.sendmail("ana@post.example", [to], raw)
    arrival = arrived()
    assert (arrival.sender, arrival.recipients) == ("ana@post.example", [to])
    inbound.read(arrival_id=arrival.id)
    assert choices.answers(ana.pk) == {"offers.email": False}


def test_what_we_cannot_keep_now_postfix_hands_over_again(
    server: int, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    to, raw = answer(send(person("ana@post.example")), settings)
    keep, failures = arrivals.keep, iter([True, True])

    def fail_twice(**told: Any) -> None:
        if next(failures, False):
            raise DatabaseError("gone")
        keep(**told)

    monkeypatch.setattr(arrivals, "keep", fail_twice)
    with smtplib.SMTP("127.0.0.1", server, timeout=30) as line:
        line.sendmail("ana@post.example", [to], raw)
    assert arrived().recipients == [to]
    assert next(failures, None) is None


def test_postfix_reports_an_address_that_is_gone_and_nothing_more_goes_there(server: int) -> None:
    """Our mail goes out by the sender, comes back as Postfix's own report to the address of that
    mailing, and marks the address."""
    ana = person(f"gone@{ELSEWHERE}")
    send(ana)
    carrier = Smtp(MailServer("smtp", "127.0.0.1", server, "none", "", None))
    assert Sender({"smtp": carrier}).send_one("smtp")
    arrival = arrived()
    assert arrival.sender == ""
    assert arrival.recipients[0].startswith("b+")
    inbound.read(arrival_id=arrival.id)
    arrival.refresh_from_db()
    assert arrival.meaning == "gone"
    assert addresses.is_dead(subject_id=ana.pk, address=ana.email)
    waiting = Message.objects.count()
    with pytest.raises(Message.DoesNotExist):
        send(ana, "next")
    assert Message.objects.count() == waiting
