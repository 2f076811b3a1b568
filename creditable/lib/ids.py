"""Identifiers: ordered row ids, serials that people type, tokens that cannot be guessed."""

import os
import secrets
import time
import unicodedata
from uuid import UUID

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SERIAL_LENGTH = 26
_GROUPS = (5, 5, 5, 5, 6)


def uuid7() -> UUID:
    """A row id (RFC 9562, version 7): 48 bits of milliseconds, then 74 random bits, so that
    rows made together lie together. The time in it orders pages on disk and proves nothing."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (random >> 68 & 0xFFF) << 64
    value |= 0b10 << 62 | random & (1 << 62) - 1
    return UUID(int=value)


def uuid7s(number: int) -> list[bytes]:
    """The bytes of so many row ids of this moment, in their order."""
    random = bytearray(os.urandom(10 * number))
    random[0::10] = bytes(0x70 | byte & 0x0F for byte in random[0::10])
    random[2::10] = bytes(0x80 | byte & 0x3F for byte in random[2::10])
    moment = (time.time_ns() // 1_000_000).to_bytes(6, "big")
    return sorted(moment + random[start : start + 10] for start in range(0, 10 * number, 10))


def serial() -> str:
    """A serial of 128 random bits in Crockford's base 32, grouped so that people can read it."""
    number = secrets.randbits(128)
    digits = "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
    return _grouped(digits)


def read_serial(text: str) -> str | None:
    """The serial as it is stored, however it was typed: case, spaces, hyphens, invisible
    characters and the letters O, I and L do not matter. None when it cannot be one."""
    seen = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    digits = "".join(seen.upper().translate(_LOOKALIKES).replace("-", " ").split())
    if len(digits) != _SERIAL_LENGTH or any(digit not in _CROCKFORD for digit in digits):
        return None
    return _grouped(digits)


def token() -> str:
    """128 random bits, safe in a URL or a cookie."""
    return secrets.token_urlsafe(16)


def _grouped(digits: str) -> str:
    parts, start = [], 0
    for length in _GROUPS:
        parts.append(digits[start : start + length])
        start += length
    return "-".join(parts)
