"""Mail over SMTP submission, one message a connection."""

import smtplib
import ssl
from collections.abc import Iterator
from email.message import Message as Parsed
from email.parser import BytesHeaderParser
from email.utils import format_datetime, parseaddr

import dkim

from creditable.egress.destinations import MailServer
from creditable.egress.outbox import Message
from creditable.egress.outcome import Delivered, Failed, Outcome, Refused, Unsendable

TIMEOUT = 30.0
WHO_ARE_YOU = 530  # authentication required (RFC 4954): our setting is at fault, not the message


SIGNED = (
    b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"list-unsubscribe",
    b"list-unsubscribe-post", b"mime-version", b"content-type",
)  # fmt: skip


class Unsigned(Exception):
    """The mail could not be signed."""


class Smtp:
    def __init__(self, destination: MailServer) -> None:
        self._destination = destination

    def carry(self, message: Message) -> Outcome:
        sender = _address(message, "return_path" if "return_path" in message.head else "sender")
        recipient = _address(message, "to")
        try:
            content = self._signed(_dated(message))
        except Unsigned as error:
            return Failed(str(error), arrived=False)
        try:
            connection = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            return Failed(_name(error), arrived=False)
        try:
            return _submit(connection, sender, recipient, content)
        finally:
            connection.close()

    def close(self) -> None:
        """Nothing is kept open."""

    def _signed(self, content: bytes) -> bytes:
        where = self._destination.dkim
        if where is None:
            return content
        try:
            key = where.key_file.read_bytes()
            signature = dkim.DKIM(content).sign(
                where.selector.encode(),
                where.domain.encode(),
                key,
                canonicalize=(b"relaxed", b"relaxed"),
                include_headers=list(_covered(content)),
            )
        except (OSError, dkim.DKIMException) as error:
            # The setting is at fault and not the message, which waits.
            raise Unsigned(_name(error)) from error
        return bytes(signature) + content

    def _connect(self) -> smtplib.SMTP:
        where = self._destination
        context = ssl.create_default_context()
        connection: smtplib.SMTP
        if where.security == "tls":
            connection = smtplib.SMTP_SSL(where.host, where.port, timeout=TIMEOUT, context=context)
        else:
            connection = smtplib.SMTP(where.host, where.port, timeout=TIMEOUT)
        try:
            if where.security == "starttls":
                connection.starttls(context=context)
            if where.user and where.password_file is not None:
                password = where.password_file.read_text(encoding="utf-8").strip()
                connection.login(where.user, password)
            connection.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException):
            connection.close()
            raise
        return connection


def _submit(connection: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> Outcome:
    """From MAIL to the reply to DATA. Until the content is on its way nothing has left."""
    international = not (sender + recipient).isascii()
    if international and not connection.has_extn("smtputf8"):
        return Refused(None, "the mail server does not take this address")
    options = ["SMTPUTF8", "BODY=8BITMIME"] if international else []
    try:
        status, said = connection.mail(sender, options)
        if status == 250:
            status, said = connection.rcpt(recipient)
        if status not in {250, 251}:
            return _said(status, said, before_data=True)
    except (OSError, smtplib.SMTPException) as error:
        return Failed(_name(error), arrived=False)
    try:
        status, said = connection.data(content)
    except smtplib.SMTPDataError as error:
        return _said(int(error.smtp_code), error.smtp_error, before_data=True)
    except (OSError, smtplib.SMTPException) as error:
        return Failed(_name(error), arrived=True)
    return _said(status, said, before_data=False)


def _said(status: int, said: bytes | str, *, before_data: bool) -> Outcome:
    """The server's reply: 2xx took it, 5xx refused it for good, 4xx and 421 not now."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    if 200 <= status < 300 and not before_data:
        return Delivered(status, body=text.encode())
    if 500 <= status < 600 and status != WHO_ARE_YOU:
        return Refused(status, text[:200])
    return Failed(f"{status} {text}"[:200], arrived=False, status=status)


def _address(message: Message, key: str) -> str:
    """The bare address of "Name <address>"."""
    value = message.head.get(key)
    _, address = parseaddr(value if isinstance(value, str) and value.isprintable() else "")
    if "@" not in address or " " in address:
        raise Unsendable(f"{key} is no mail address")
    return address


def _dated(message: Message) -> bytes:
    """The content with the Date of the moment in which it was queued, when it brings none."""
    parsed: Parsed = BytesHeaderParser().parsebytes(message.body)
    if parsed["Date"] is not None:
        return message.body
    return f"Date: {format_datetime(message.created_at)}\r\n".encode() + message.body


def _covered(content: bytes) -> Iterator[bytes]:
    """What the signature covers: each header that there is, and each once more than there is, so
    that none can be added on the way."""
    present = [name.lower().encode() for name in BytesHeaderParser().parsebytes(content)]
    for name in SIGNED:
        yield from [name] * (present.count(name) + 1)


def _name(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
