"""The channels by their names. A new one is a module and a line here."""

from typing import Protocol

from creditable.egress.channels.dns import Dns
from creditable.egress.channels.file_drop import FileDrop
from creditable.egress.channels.https import Https
from creditable.egress.channels.sftp import Sftp
from creditable.egress.channels.smtp import Smtp
from creditable.egress.destinations import (
    Destination,
    Folder,
    Inbox,
    MailServer,
    Resolver,
    Web,
)
from creditable.egress.outbox import Message
from creditable.egress.outcome import Outcome


class Channel(Protocol):
    """Carries messages to one destination. Threads share it."""

    def carry(self, message: Message) -> Outcome:
        """One attempt. Raises Unsendable for a message that no attempt could carry."""
        ...

    def close(self) -> None: ...


THREADS = {"https": 4, "smtp": 2, "file_drop": 1, "sftp": 1, "dns": 1}


def open_channel(destination: Destination) -> Channel:
    match destination:
        case Web():
            return Https(destination)
        case MailServer():
            return Smtp(destination)
        case Folder():
            return FileDrop(destination)
        case Inbox():
            return Sftp(destination)
        case Resolver():
            return Dns(destination)


__all__ = ["THREADS", "Channel", "open_channel"]
