"""The Reply-To address of one mailing to one person: `u+<person>.<mailing>.<MAC>@domain`.

It is the same whatever its case, since some mail servers change that, and its local part is 57
characters long, of the 64 that RFC 5321 allows. The MAC has 75 bits, so that nobody makes up an
address for somebody else's mailing.
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from uuid import UUID

_SHAPE = re.compile(r"u\+([a-z2-7]{26})\.([a-z2-7]{12})\.([a-z2-7]{15})")


@dataclass(frozen=True, slots=True)
class Mailing:
    """One mailing to one person. `number` is a mark of 60 bits, unique among the person's."""

    subject_id: UUID
    number: str


def number(key: str) -> str:
    """The mark of the mailing that this key names: the same each time it is asked."""
    return _base32(hashlib.sha256(key.encode()).digest())[:12]


def write(mailing: Mailing, *, domain: str, key: bytes) -> str:
    body = f"{_base32(mailing.subject_id.bytes)}.{mailing.number}"
    return f"u+{body}.{_mac(body, key)}@{domain}"


def read(address: str, *, domain: str, key: bytes) -> Mailing | None:
    """The mailing that the address stands for; None for any other address."""
    local, _, host = address.strip().lower().rpartition("@")
    shape = _SHAPE.fullmatch(local)
    if shape is None or host != domain.lower():
        return None
    person, mark, mac = shape.groups()
    if not hmac.compare_digest(mac, _mac(f"{person}.{mark}", key)):
        return None
    try:
        return Mailing(UUID(bytes=base64.b32decode(person.upper() + "======")), mark)
    except (ValueError, binascii.Error):
        return None


def _mac(body: str, key: bytes) -> str:
    return _base32(hmac.digest(key, f"return.{body}".encode(), "sha256"))[:15]


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().lower().rstrip("=")
