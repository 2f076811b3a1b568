"""What a reply to a mailing means: does the person who got it ask to get no more of it?

The law lets us ask for no more than one step (16 CFR 316.5, read 2026-11-30 as quoted in the
project's notes; a lawyer should confirm). So whoever writes from the right address to the right
Reply-To address is believed at once: a signed reply is final, one without a signature is answered
with a way back. Everybody else is told the page where one more step is enough, and a person of
the office sees what they wrote.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from creditable.mail import signatures
from creditable.mail.incoming import Incoming
from creditable.mail.signatures import Signature

_WORD = re.compile(r"[\W_]*unsubscribe\b", re.IGNORECASE)


class Meaning(StrEnum):
    GENUINE = "genuine"  # signed by the sender's own mail service: it is final
    UNSIGNED = "unsigned"  # right address, right token: believed, with a way back
    WRONG_ADDRESS = "wrong_address"  # the mailing went to another address
    STALE = "stale"  # the person has agreed again since that mailing
    AUTOMATIC = "automatic"  # a program wrote it: never answered
    OTHER = "other"  # it asks for something else: for a person to read


@dataclass(frozen=True, slots=True)
class Sent:
    """The mailing that is answered: to which address it went, when, and when the person last
    agreed to its choice. `by_token` is whether the reply came to its own Reply-To address, and
    `reply_to` is that address."""

    address: str
    reply_to: str
    at: datetime
    agreed_at: datetime | None
    by_token: bool


def asks(mail: Incoming) -> bool:
    """Whether the subject or the first line of their own begins with the word."""
    return bool(_WORD.match(mail.subject) or _WORD.match(mail.first_line))


def worth_keys(mail: Incoming, sent: Sent | None, found: list[Signature]) -> list[Signature]:
    """The signatures whose keys decide something about this reply."""
    if sent is None or mail.automatic or not asks(mail) or not _same(mail.sender, sent.address):
        return []
    return [signature for signature in found if signatures.usable(signature, sent.address)]


def meaning(
    raw: bytes,
    mail: Incoming,
    sent: Sent | None,
    found: list[Signature],
    keys: Mapping[str, bytes],
) -> Meaning:
    """What the message means; `sent` is None when it answers nothing that we sent."""
    if mail.automatic:
        return Meaning.AUTOMATIC
    if sent is None or not asks(mail):
        return Meaning.OTHER
    if not _same(mail.sender, sent.address):
        return Meaning.WRONG_ADDRESS
    good = [
        signature
        for signature in worth_keys(mail, sent, found)
        if signatures.valid(raw, signature, keys)
    ]
    if not _written_since(mail, sent, good):
        return Meaning.STALE
    meant_for_us = not sent.by_token or _same(mail.recipient, sent.reply_to)
    if good and meant_for_us:
        return Meaning.GENUINE
    return Meaning.UNSIGNED if sent.by_token else Meaning.OTHER


def _written_since(mail: Incoming, sent: Sent, good: list[Signature]) -> bool:
    """Whether it was written after the person last agreed, so that an old reply sent again undoes
    nothing. Only a signed date proves that for a mailing from before they agreed."""
    if sent.agreed_at is None or sent.at >= sent.agreed_at:
        return True
    dated = any("date" in signature.signed for signature in good)
    return dated and mail.date is not None and mail.date > sent.agreed_at


def _same(one: str | None, other: str) -> bool:
    """Whether two addresses are the same, letter by letter. Case alone does not matter, and it is
    that of ASCII: no look-alike becomes the letter that it looks like."""
    return one is not None and _lower(one) == _lower(other)


def _lower(address: str) -> str:
    return "".join(sign.lower() if sign.isascii() else sign for sign in address.strip())
