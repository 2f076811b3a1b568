"""Mail comes in by LMTP: kept before it is acknowledged, refused when it is not for us."""

import smtplib
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError

from creditable.mail import arrivals, incoming
from creditable.mail.models import Arrival
from tests.mail.reception import receiving

pytestmark = pytest.mark.django_db(transaction=True)

TO = "u+somebody@replies.provider.example"
RAW = b"From: ana@post.example\r\nTo: x\r\nSubject: unsubscribe\r\n\r\n.\r\nunsubscribe\r\n"


@pytest.fixture
def line(settings: Any) -> Iterator[smtplib.LMTP]:
    """A line to the reception, as our own mail server would open it."""
    settings.MAIL_REPLIES = "replies.provider.example"
    settings.MAIL_FROM = "Office <office@provider.example>"
    with receiving() as port:
        client = smtplib.LMTP("127.0.0.1", port, timeout=20)
        yield client
        client.close()


def test_mail_is_kept_as_it_came_with_its_envelope(line: smtplib.LMTP) -> None:
    assert line.sendmail("ana@post.example", [TO], RAW) == {}
    arrival = Arrival.objects.get()
    assert bytes(arrival.raw) == RAW
    assert arrival.sender == "ana@post.example"
    assert arrival.recipients == [TO]


def test_a_report_from_nobody_is_taken(line: smtplib.LMTP) -> None:
    line.sendmail("", [TO], RAW)
    assert Arrival.objects.get().sender == ""


def test_each_recipient_gets_an_answer_and_strangers_are_refused(line: smtplib.LMTP) -> None:
    refused = line.sendmail(
        "a@b.example", [TO, "x@elsewhere.example", "Office@provider.example"], RAW
    )
    assert list(refused) == ["x@elsewhere.example"]
    assert line.noop()[0] == 250, "no answer is left over"
    assert len(Arrival.objects.get().recipients) == 2


def test_what_cannot_be_kept_stays_with_the_mail_server(
    line: smtplib.LMTP, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(arrivals, "keep", fail)
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        line.sendmail("a@b.example", [TO], RAW)
    assert refusal.value.smtp_code == 451


def test_what_is_too_large_is_refused(line: smtplib.LMTP) -> None:
    with pytest.raises(smtplib.SMTPException):
        line.sendmail("a@b.example", [TO], RAW + b"x\r\n" * incoming.LARGEST)
    assert not Arrival.objects.exists()
