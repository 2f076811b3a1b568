"""The addresses of one mailing to one person: `u+<person>.<mailing>.<MAC>@domain` for replies,
`b+...` for what mail servers report.

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
from typing import Literal
from uuid import UUID

Use = Literal["u", "b"]

_SHAPE = re.compile(r"([ub])\+([a-z2-7]{26})\.([a-z2-7]{12})\.([a-z2-7]{15})")


@dataclass(frozen=True, slots=True)
class Mailing:
    """One mailing to one person. `number` is a mark of 60 bits, unique among the person's."""

    subject_id: UUID
    number: str


def number(key: str) -> str:
    """The mark of the mailing that this key names: the same each time it is asked."""
    return _base32(hashlib.sha256(key.encode()).digest())[:12]


def write(mailing: Mailing, use: Use, *, domain: str, key: bytes) -> str:
    body = f"{use}+{_base32(mailing.subject_id.bytes)}.{mailing.number}"
    return f"{body}.{_mac(body, key)}@{domain}"


def read(address: str, use: Use, *, domain: str, key: bytes) -> Mailing | None:
    """The mailing that the address stands for in this use; None for any other address."""
    local, _, host = address.strip().lower().rpartition("@")
    shape = _SHAPE.fullmatch(local)
    if shape is None or host != domain.lower():
        return None
    used, person, mark, mac = shape.groups()
    body = f"{used}+{person}.{mark}"
    if used != use or not hmac.compare_digest(mac, _mac(body, key)):
        return None
    try:
        return Mailing(UUID(bytes=base64.b32decode(person.upper() + "======")), mark)
    except (ValueError, binascii.Error):
        return None


def _mac(body: str, key: bytes) -> str:
    return _base32(hmac.digest(key, f"return.{body}".encode(), "sha256"))[:15]


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().lower().rstrip("=")
