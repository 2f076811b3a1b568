"""Taking mail in by LMTP (RFC 2033) from the mail server that stands before us: kept, and answered
only then, so that none is lost between the two of us."""

import asyncio
import socket
from email.utils import parseaddr

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from creditable.mail import arrivals, incoming

log = structlog.get_logger(__name__)

IDLE = 60
MOST_RECIPIENTS = 20


class Reception:
    """What is done with each mail. The names are aiosmtpd's."""

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        if not _ours(address):
            return "550 5.1.1 There is no such mailbox here"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        try:
            await asyncio.to_thread(_keep, envelope)
        except DatabaseError as error:
            log.warning("not kept", error=type(error).__name__)
            return _for_each(envelope, "451 4.3.0 Not now, try again later")
        return _for_each(envelope, "250 2.0.0 Kept")


async def serve(listener: socket.socket) -> asyncio.Server:
    """Serves on the listener in the loop that runs now."""
    loop = asyncio.get_running_loop()

    def line() -> LMTP:
        return LMTP(
            Reception(),
            data_size_limit=incoming.LARGEST,
            enable_SMTPUTF8=True,
            timeout=IDLE,
            ident="creditable",
            hostname=settings.MAIL_REPLIES,
            loop=loop,
        )

    return await loop.create_server(line, sock=listener)


def _keep(envelope: Envelope) -> None:
    close_old_connections()
    try:
        content = envelope.content
        assert isinstance(content, bytes)
        arrivals.keep(
            raw=content,
            sender=str(envelope.mail_from or "").strip("<>"),
            recipients=[str(address) for address in envelope.rcpt_tos],
        )
    finally:
        close_old_connections()


def _ours(address: str) -> bool:
    address = address.lower()
    own = parseaddr(settings.MAIL_FROM)[1].lower()
    domain = settings.MAIL_REPLIES
    return address == own or bool(domain and address.endswith(f"@{domain}"))


def _for_each(envelope: Envelope, answer: str) -> str:
    """LMTP answers once for each recipient."""
    return "\r\n".join([answer] * len(envelope.rcpt_tos))
