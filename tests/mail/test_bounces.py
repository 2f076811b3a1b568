"""A report about a mail says what became of it, or is left to a person."""

import csv
from pathlib import Path

import pytest

from creditable.mail import bounces
from creditable.mail.bounces import Kind
from creditable.mail.incoming import LARGEST, Envelope, Unreadable

SAMPLES = Path(__file__).parent / "data" / "bounces"
BY_NOBODY = Envelope("", ["b+x@example.com"])


def expected() -> dict[str, str]:
    with (SAMPLES / "expected.csv").open(encoding="ascii") as lines:
        return {line["file"]: line["kind"] for line in csv.DictReader(lines)}


def test_every_sample_is_expected_to_say_something() -> None:
    assert {path.stem for path in SAMPLES.glob("*.eml")} == set(expected())
    assert len(expected()) == 149


@pytest.mark.parametrize(("name", "kind"), expected().items())
def test_what_servers_send_back(name: str, kind: str) -> None:
    raw = (SAMPLES / f"{name}.eml").read_bytes()
    assert bounces.read(raw, BY_NOBODY).kind == kind


def mail(*head: str, text: str) -> bytes:
    return ("\r\n".join(head) + "\r\n\r\n" + text).encode()


def test_a_person_who_writes_about_a_failed_delivery_is_no_mail_server() -> None:
    raw = mail(
        "From: Ana Diaz <ana@example.com>",
        "Subject: Re: my certificate",
        text="My last mail to you failed permanently: 550 5.1.1 user unknown. What now?",
    )
    assert bounces.read(raw, Envelope("ana@example.com", [])).kind == Kind.OTHER


def test_an_absence_notice_is_no_bounce() -> None:
    raw = mail(
        "From: Ana Diaz <ana@example.com>",
        "Subject: Automatic reply: New courses",
        "Auto-Submitted: auto-replied",
        text="I am away. My mailbox is full of dreams.",
    )
    assert bounces.read(raw, Envelope("", [])).kind == Kind.AUTO_REPLY


def test_a_report_that_the_mail_arrived_is_no_failure() -> None:
    raw = mail(
        "From: MAILER-DAEMON@example.com",
        "Subject: Successful mail delivery report",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
        text="--b\r\n\r\nDelivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; a.example\r\n\r\nFinal-Recipient: rfc822; ana@example.com\r\n"
        "Action: delivered\r\nStatus: 2.0.0\r\n\r\n--b--\r\n",
    )
    assert bounces.read(raw, BY_NOBODY).kind == Kind.OTHER


def test_a_complaint_names_the_mail_that_it_encloses() -> None:
    raw = (SAMPLES / "arf-18.eml").read_bytes()
    assert bounces.original_message_id(raw).startswith("<000000002.2222222.")
    assert bounces.original_message_id(b"Subject: x\r\n\r\nMessage-ID: <a@b>") == ""


def test_what_is_too_large_is_not_read() -> None:
    with pytest.raises(Unreadable):
        bounces.read(b"Subject: x\r\n\r\n" + b"x" * LARGEST, BY_NOBODY)


def test_what_is_nested_without_end_is_not_read() -> None:
    levels = 3000
    raw = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (level, level)
        for level in range(levels)
    )
    with pytest.raises(Unreadable):
        bounces.read(b"From: a@example.com\r\n" + raw, BY_NOBODY)
