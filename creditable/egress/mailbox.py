"""Mail that waits in a mailbox, taken in over IMAP (RFC 3501) where no mail server hands it over.

Each new message goes to our own reception by LMTP, as from a mail server, and is noted only then.
Whoever dies between the two hands it over again, and the reception keeps it once. The mailbox
itself is only read.
"""

import imaplib
import smtplib
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses

import structlog
from django.db import InterfaceError, OperationalError, connection

from creditable.disclosure.models import Collected
from creditable.egress import outbox, wire
from creditable.egress.destinations import Mailbox

log = structlog.get_logger(__name__)

TIMEOUT = 30.0
REST = 60.0
MOST = 900_000
"""So many bytes of a message are read, which is less than the reception takes. What somebody wrote
stands before what they attached; a signature that no longer fits makes no reply a forged one."""
MOST_RECIPIENTS = 20
LONGEST_REASON = 200
_LOCK = "SELECT pg_try_advisory_lock(hashtext('egress.mailbox'))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtext('egress.mailbox'))"
_ENVELOPE = ("X-Original-To", "Envelope-To", "Delivered-To", "To", "Cc")
"""Where a mail server writes for whom a message came, the surest first."""

BROKEN = (OSError, imaplib.IMAP4.error, smtplib.SMTPException)
GONE = (OperationalError, InterfaceError)


class Refused(Exception):
    """The reception will never take this message; the text says why."""


class Collector:
    """Looks into the mailbox until `stop`."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="mailbox")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def collect(self) -> int:
        """Takes in what is new and says how many messages that were. One process at a time."""
        with connection.cursor() as cursor:
            cursor.execute(_LOCK)
            (mine,) = cursor.fetchone()
        if not mine:
            return 0
        opened: list[wire.Connection] = []
        try:
            with wire.watched() as opened:
                return self._collect()
        finally:
            outbox.note(None, opened, errand="mailbox")
            with connection.cursor() as cursor:
                cursor.execute(_UNLOCK)

    def _collect(self) -> int:
        taken = 0
        with _signed_in(self._mailbox) as line:
            validity = _validity(line)
            for uid in _new(line, self._last(validity)):
                taken += self._take(line, validity, uid)
                if self._stopped.is_set():
                    break
        return taken

    def _take(self, line: imaplib.IMAP4, validity: int, uid: int) -> bool:
        """Hands one message over. What can never be taken stays in the mailbox; the log and the
        office are told why."""
        refused = ""
        try:
            raw = _message(line, uid)
            if raw is not None:
                _hand_over(self._mailbox, raw)
        except Refused as refusal:
            log.warning("left in the mailbox", uid=uid, validity=validity, why=str(refusal))
            raw, refused = None, str(refusal)[:LONGEST_REASON]
        Collected.objects.create(
            mailbox=self._mailbox.name, validity=validity, uid=uid, refused=refused
        )
        return raw is not None

    def _last(self, validity: int) -> int:
        noted = Collected.objects.filter(mailbox=self._mailbox.name, validity=validity)
        return noted.order_by("-uid").values_list("uid", flat=True).first() or 0

    def _work(self) -> None:
        while not self._stopped.is_set():
            try:
                if taken := self.collect():
                    log.info("collected", messages=taken)
            except BROKEN as error:
                log.warning("the mailbox cannot be read", error=f"{type(error).__name__}: {error}")
            except GONE as error:
                log.warning("the database is away", error=type(error).__name__)
                connection.close()
            self._stopped.wait(REST)
        connection.close()


@contextmanager
def _signed_in(mailbox: Mailbox) -> Iterator[imaplib.IMAP4]:
    """The folder, opened to be read and not changed."""
    context = ssl.create_default_context()
    line: imaplib.IMAP4
    if mailbox.security == "tls":
        line = imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=TIMEOUT)
    else:
        line = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=TIMEOUT)
    try:
        if mailbox.security == "starttls":
            line.starttls(context)
        line.login(mailbox.user, mailbox.password_file.read_text(encoding="utf-8").strip())
        _asked(line.select(f'"{mailbox.folder}"', readonly=True))
        yield line
    finally:
        with suppress(*BROKEN):
            line.logout()


def _asked(answer: tuple[str, Sequence[object]]) -> Sequence[object]:
    status, said = answer
    if status != "OK":
        raise imaplib.IMAP4.error(f"{status} {said}")
    return said


def _validity(line: imaplib.IMAP4) -> int:
    """A server that numbers its messages anew says so by another one (RFC 3501, 2.3.1.1)."""
    _, said = line.response("UIDVALIDITY")
    if not said or not isinstance(said[0], bytes):
        raise imaplib.IMAP4.error("the server says no UIDVALIDITY")
    return int(said[0])


def _new(line: imaplib.IMAP4, last: int) -> list[int]:
    """The numbers of the messages after `last`. A range to the end names the last message even
    where it comes before the range."""
    said = _asked(line.uid("SEARCH", f"UID {last + 1}:*"))
    words = said[0].split() if said and isinstance(said[0], bytes) else []
    return sorted(uid for uid in map(int, words) if uid > last)


def _message(line: imaplib.IMAP4, uid: int) -> bytes | None:
    """The beginning of the message as it lies there; None when somebody has taken it away."""
    parts = _asked(line.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{MOST}>)"))
    return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), None)


def _hand_over(mailbox: Mailbox, raw: bytes) -> None:
    """Gives the message to our reception, for the first of those it came for whom that knows."""
    headers = BytesHeaderParser().parsebytes(raw)
    sender = _sender(headers)
    with smtplib.LMTP(*mailbox.reception, timeout=TIMEOUT) as line:
        line.ehlo()
        _said(line.mail(sender, _options(line, sender)))
        if not any(_knows(line, address) for address in _recipients(headers)):
            raise Refused("it came for nobody whom we know")
        _said(line.data(raw))


def _knows(line: smtplib.SMTP, address: str) -> bool:
    code, said = line.rcpt(address)
    if 400 <= code < 500:
        raise smtplib.SMTPResponseException(code, said)
    return code < 300


def _said(answer: tuple[int, bytes]) -> None:
    code, said = answer
    if code >= 500:
        raise Refused(f"{code} {said.decode(errors='replace')}")
    if code >= 400:
        raise smtplib.SMTPResponseException(code, said)


def _options(line: smtplib.SMTP, sender: str) -> list[str]:
    wanted = [] if sender.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
    return wanted if line.has_extn("smtputf8") else []


def _sender(headers: Message) -> str:
    """Whom the mail server had it from: nobody, for a notice about mail."""
    for name in ("Return-Path", "From"):
        if (value := headers.get(name)) is not None:
            return next(iter(_addresses([str(value)])), "")
    return ""


def _recipients(headers: Message) -> list[str]:
    """For whom it came, each once, the surest first."""
    named = [str(value) for name in _ENVELOPE for value in headers.get_all(name, [])]
    return list(dict.fromkeys(_addresses(named)))[:MOST_RECIPIENTS]


def _addresses(values: list[str]) -> list[str]:
    return [
        address
        for _, address in getaddresses(values)
        if "@" in address and address.isprintable() and " " not in address and len(address) <= 254
    ]
