"""Signed tokens: what the server said, readable by anyone, changeable by no one."""

import base64
import hmac
import json
import re
from typing import Any

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*")


class BadToken(ValueError):
    """The token was not signed by us for this purpose, or was altered."""


def sign(payload: dict[str, Any], *, key: bytes, purpose: str) -> str:
    """A URL-safe token of `payload`. A token signed for one purpose is worthless for another."""
    body = _encode(json.dumps(payload, separators=(",", ":"), sort_keys=True).encode())
    return f"{body}.{_encode(_mac(body, key, purpose))}"


def read(token: str, *, key: bytes, purpose: str) -> dict[str, Any]:
    """The payload of a token signed for `purpose`; BadToken otherwise."""
    body, _, mac = token.partition(".")
    try:
        genuine = hmac.compare_digest(_decode(mac), _mac(body, key, purpose))
        payload = json.loads(_decode(body)) if genuine else None
    except ValueError as error:
        raise BadToken("not a token") from error
    if not isinstance(payload, dict):
        raise BadToken("not signed for this purpose")
    return payload


def _mac(body: str, key: bytes, purpose: str) -> bytes:
    return hmac.digest(key, f"{purpose}.{body}".encode(), "sha256")


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    if not _ALPHABET.fullmatch(text):
        raise ValueError("not base 64 as we write it")
    return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
