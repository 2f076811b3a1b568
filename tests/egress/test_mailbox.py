"""Mail for us that waits in a mailbox is taken in once, as if a mail server had handed it over."""

import imaplib
import os
import signal
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from creditable.disclosure import alarms, choices, connections, refused_mail
from creditable.disclosure.models import Alarm, Collected, Connection
from creditable.egress import destinations, wire
from creditable.egress.destinations import Mailbox, Misconfigured
from creditable.egress.mailbox import MOST, Collector
from creditable.lib.actor import Actor
from creditable.mail import incoming, return_address
from creditable.mail.models import Arrival
from creditable.mail.return_address import Mailing
from creditable.people.models import Person
from creditable.support import inbound
from tests.egress.imap import PASSWORD, USER, Imap
from tests.egress.test_process import Egress
from tests.factories.people import make_person
from tests.mail.mailing import REPLIES, agree, letters, send
from tests.mail.reception import receiving
from tests.promises import promise
from tests.standins.running import wait_until

__all__ = ["letters"]
pytestmark = pytest.mark.django_db(transaction=True)

TO = f"u+somebody@{REPLIES}"
SIGNATURE = (
    "v=1; a=rsa-sha256; c=relaxed/relaxed; d=post.example; s=k1; h=from:to:subject:date;"
    " bh=AAAA; b=AAAA"
)


def mail(to: str = TO, *, delivered: str = "", text: str = "unsubscribe", number: int = 1) -> bytes:
    lines = [
        "Return-Path: <ana@post.example>",
        *([f"Delivered-To: {delivered}"] if delivered else []),
        "From: Ana <ana@post.example>", f"To: {to}", "Subject: Re: New courses",
        "Date: Tue, 03 Nov 2026 08:15:00 -0600", f"Message-ID: <r{number}@post.example>",
    ]  # fmt: skip
    return ("\r\n".join(lines) + f"\r\n\r\n{text}\r\n").encode()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Imap]:
    server = Imap(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def reception(settings: Any) -> Iterator[int]:
    settings.MAIL_REPLIES = REPLIES
    settings.MAIL_FROM = "Office <office@provider.example>"
    with receiving() as port:
        yield port


@pytest.fixture
def mailbox(
    server: Imap, reception: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Mailbox:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    found = destinations.mailbox(entry(server, reception, tmp_path))
    assert found is not None
    return found


@pytest.fixture
def mailed(policy: None, letters: None, reception: int, settings: Any) -> tuple[Person, str]:
    """Somebody who got a mailing that they had agreed to, and where a reply to it goes."""
    ana = make_person(email="ana@post.example", name="Ana Diaz")
    agree(ana)
    sent = send(ana)
    mailing = Mailing(sent.subject_id, sent.number)
    return ana, return_address.write(mailing, "u", domain=REPLIES, key=settings.MAIL_KEY)


def entry(server: Imap, reception: int, folder: Path) -> dict[str, Any]:
    password = folder / "password"
    password.write_text(f"{PASSWORD}\n")
    password.chmod(0o600)
    return {
        "host": "localhost",
        "port": server.port,
        "security": "starttls",
        "user": USER,
        "password_file": str(password),
        "reception": f"127.0.0.1:{reception}",
    }


def test_what_waits_is_taken_in_once_with_its_envelope(server: Imap, mailbox: Mailbox) -> None:
    server.lay(mail())
    server.lay(mail("Office <x@elsewhere.example>", delivered="office@provider.example", number=2))
    assert Collector(mailbox).collect() == 2
    first, second = Arrival.objects.order_by("at")
    assert bytes(first.raw) == mail()
    assert (first.sender, first.recipients) == ("ana@post.example", [TO])
    assert second.recipients == ["office@provider.example"]
    assert Collector(mailbox).collect() == 0
    server.lay(mail(number=3))
    assert Collector(mailbox).collect() == 1
    assert Arrival.objects.count() == 3
    assert server.unseen() == 3, "the mailbox is only read"


@promise("A16")
def test_a_reply_from_the_mailbox_stops_the_mailing(
    mailed: tuple[Person, str], server: Imap, mailbox: Mailbox
) -> None:
    ana, own = mailed
    server.lay(mail(own))
    Collector(mailbox).collect()
    inbound.read(arrival_id=Arrival.objects.get().id)
    assert choices.answers(ana.pk) == {"offers.email": False}


def test_whoever_dies_before_noting_it_hands_it_over_again_and_it_is_kept_once(
    server: Imap, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.lay(mail())

    def die(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Collected.objects, "create", die)
        Collector(mailbox).collect()
    assert Arrival.objects.count() == 1
    assert Collector(mailbox).collect() == 1
    assert Arrival.objects.count() == Collected.objects.count() == 1


def test_a_server_that_counts_anew_is_read_anew_and_nothing_is_kept_twice(
    server: Imap, mailbox: Mailbox
) -> None:
    server.lay(mail())
    Collector(mailbox).collect()
    server.stop()
    server.start()
    server.lay(mail())
    server.lay(mail(number=2))
    assert Collector(mailbox).collect() == 2
    assert Arrival.objects.count() == 2
    assert len(set(Collected.objects.values_list("validity", flat=True))) == 2


def test_what_can_never_be_taken_holds_nothing_up(server: Imap, mailbox: Mailbox) -> None:
    server.lay(mail("nobody@elsewhere.example"))
    server.lay(b"\xff\x00: \xfe\r\n\r\n")
    server.lay(mail(number=4))
    assert Collector(mailbox).collect() == 1
    assert Arrival.objects.get().recipients == [TO]
    assert Collected.objects.count() == 3


def test_what_the_reception_refused_rings_until_somebody_has_looked(
    server: Imap, mailbox: Mailbox
) -> None:
    """A hundred of them ring once; one that comes after the look rings again."""
    server.lay(mail(number=1))
    Collector(mailbox).collect()
    assert refused_mail.watch() == 0
    for number in (2, 3):
        server.lay(mail("nobody@elsewhere.example", number=number))
    Collector(mailbox).collect()
    assert [refused_mail.watch() for _ in range(2)] == [1, 0]
    alarm = alarms.waiting().get()
    assert (alarm.kind, alarm.words) == (
        Alarm.Kind.MAIL,
        f"mail was left in {mailbox.name}: it came for nobody whom we know",
    )
    alarms.settle(alarm_id=alarm.pk, by=Actor.system("tests"))
    assert refused_mail.watch() == 0
    server.lay(mail("nobody@elsewhere.example", number=4))
    Collector(mailbox).collect()
    assert refused_mail.watch() == 1


@promise("A16")
def test_a_reply_with_a_large_attachment_stops_the_mailing(
    mailed: tuple[Person, str], server: Imap, mailbox: Mailbox
) -> None:
    ana, own = mailed
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = "ana@post.example", own, "Re: New courses"
    reply["DKIM-Signature"] = SIGNATURE
    reply.set_content("unsubscribe\n")
    photo = os.urandom(2_000_000)
    reply.add_attachment(photo, maintype="image", subtype="jpeg", filename="photo.jpg")
    assert len(bytes(reply)) > 2 * incoming.LARGEST > 2 * MOST
    server.lay(reply.as_bytes(policy=SMTP))
    assert Collector(mailbox).collect() == 1
    inbound.read(arrival_id=Arrival.objects.get().id, keys={})
    assert choices.answers(ana.pk) == {"offers.email": False}


def test_while_the_reception_is_away_it_waits_in_the_mailbox(
    server: Imap, mailbox: Mailbox
) -> None:
    server.lay(mail())
    with pytest.raises(OSError, match="refused"):
        Collector(replace(mailbox, reception=("127.0.0.1", 1))).collect()
    assert not Collected.objects.exists()
    assert Collector(mailbox).collect() == 1


def test_no_other_server_gets_the_password(
    server: Imap, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ssl.SSLCertVerificationError):
        Collector(mailbox).collect()
    with pytest.raises(ssl.SSLError):
        Collector(replace(mailbox, security="tls")).collect()


def test_over_tls_from_the_first_byte_the_same_is_taken(server: Imap, mailbox: Mailbox) -> None:
    server.lay(mail())
    with server.behind_tls() as port:
        over = replace(mailbox, security="tls", port=port)
        assert Collector(over).collect() == 1
        assert Collector(over).collect() == 0
    assert bytes(Arrival.objects.get().raw) == mail()


def test_over_tls_a_server_that_nobody_vouches_for_gets_no_password(
    server: Imap, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with server.behind_tls() as port, pytest.raises(ssl.SSLCertVerificationError):
        Collector(replace(mailbox, security="tls", port=port)).collect()


def test_a_wrong_password_is_an_error_that_says_so(server: Imap, mailbox: Mailbox) -> None:
    mailbox.password_file.write_text("guess")
    with pytest.raises(imaplib.IMAP4.error):
        Collector(mailbox).collect()


def test_a_look_into_the_mailbox_is_an_errand_that_the_reconciliation_knows(
    server: Imap, mailbox: Mailbox, move_clock: Callable[..., None]
) -> None:
    wire.observe()
    server.lay(mail())
    Collector(mailbox).collect()
    ports = set(Connection.objects.filter(errand="mailbox").values_list("port", flat=True))
    assert ports == {server.port, mailbox.reception[1]}
    move_clock(timedelta(minutes=10))
    found = connections.reconcile(by=Actor.system("tests"))
    assert (found.connections, found.wrong) == (Connection.objects.count(), [])


def test_the_sender_looks_by_itself_with_its_own_rights(
    server: Imap, mailbox: Mailbox, reception: int
) -> None:
    server.lay(mail())
    address = urlsplit(os.environ["CREDITABLE_EGRESS_DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    hidden = {"DATABASE_URL", "CREDITABLE_APP_DATABASE_URL", "CREDITABLE_REPORT_DATABASE_URL"}
    egress = Egress(
        {
            **{key: value for key, value in os.environ.items() if key not in hidden},
            "CREDITABLE_DATABASE_LOGIN": "egress",
            "CREDITABLE_EGRESS_DATABASE_URL": urlunsplit(address._replace(path=f"/{name}")),
            "CREDITABLE_IMAP_HOST": "localhost",
            "CREDITABLE_IMAP_PORT": str(server.port),
            "CREDITABLE_IMAP_SECURITY": "starttls",
            "CREDITABLE_IMAP_USER": USER,
            "CREDITABLE_IMAP_PASSWORD_FILE": str(mailbox.password_file),
            "CREDITABLE_LMTP_LISTEN": f"127.0.0.1:{reception}",
        }
    )
    egress.start()
    try:
        wait_until(Collected.objects.exists, "the message to be noted")
    finally:
        code = egress.stop(signal.SIGTERM)
    assert code == 0
    assert Arrival.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "cure"),
    [
        ({"security": "none", "host": "imap.example"}, "starttls or tls"),
        ({"security": "ssl"}, "none, starttls or tls"),
        ({"user": ""}, "a user and a password_file"),
        ({"password_file": "/nowhere"}, "no file /nowhere"),
        ({"folder": 'a"b'}, "no name of a folder"),
        ({"reception": ""}, "CREDITABLE_LMTP_LISTEN"),
    ],
)
def test_a_mistake_in_the_settings_is_told(
    change: dict[str, Any], cure: str, tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured, match=cure):
        destinations.mailbox(entry(Imap(tmp_path), 24, tmp_path) | change)


def test_a_password_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    told = entry(Imap(tmp_path), 24, tmp_path)
    Path(told["password_file"]).chmod(0o640)
    with pytest.raises(Misconfigured, match="chmod 600"):
        destinations.mailbox(told)


def test_without_a_host_there_is_no_mailbox() -> None:
    assert destinations.mailbox({"host": "", "port": 993}) is None
