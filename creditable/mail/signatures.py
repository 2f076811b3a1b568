"""DKIM signatures on a message (RFC 6376), judged more strictly than their verification alone.

A signature counts when it is valid, made by the domain of the sender's own address or one above
it, covers the whole body, and covers all that we decide by.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

NEEDED = frozenset({"from", "to", "subject"})
MOST_SIGNATURES = 8
_SHARED = re.compile(r"(?:[a-z]{2,3}|(?:ac|co|com|edu|gov|net|org)\.[a-z]{2})")


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as it stands in the message, whether or not it is valid. `place` is its number
    among the message's signatures, from the top."""

    place: int
    domain: str
    selector: str
    signed: frozenset[str]
    partial: bool

    @property
    def key_name(self) -> str:
        """Where the DNS holds its key."""
        return f"{self.selector}._domainkey.{self.domain}."


def found(fields: list[tuple[str, str]]) -> list[Signature]:
    """The message's signatures, at most as many as any honest message bears."""
    values = [value for name, value in fields if name == "dkim-signature"]
    read = (_read(place, value) for place, value in enumerate(values[:MOST_SIGNATURES]))
    return [signature for signature in read if signature is not None]


def usable(signature: Signature, sender: str) -> bool:
    """Whether the signature, once it is valid, vouches for the sender and all we decide by."""
    return (
        not signature.partial
        and signature.signed >= NEEDED
        and aligned(signature.domain, sender.rpartition("@")[2])
    )


def aligned(signing: str, sending: str) -> bool:
    """Whether a domain may sign for another: itself, and those below it. A domain under which
    anybody registers (com, co.uk) signs for nobody."""
    signing, sending = signing.lower().rstrip("."), sending.lower().rstrip(".")
    if not signing or _SHARED.fullmatch(signing):
        return False
    return sending == signing or sending.endswith(f".{signing}")


_LOG = logging.getLogger("creditable.dkim")
_LOG.setLevel(logging.CRITICAL)  # what strangers get wrong is not for our log


def valid(raw: bytes, signature: Signature, keys: Mapping[str, bytes]) -> bool:
    """Whether the signature is genuine under the key that the DNS holds. `keys` are the texts
    that were found, by name; one that is not there makes no signature valid."""

    import dkim  # is large, and only those who take mail in need it

    def text(name: bytes, timeout: int = 0) -> bytes | None:
        return keys.get(name.decode("ascii", errors="replace").lower())

    try:
        return bool(dkim.DKIM(raw, logger=_LOG).verify(idx=signature.place, dnsfunc=text))
    except (dkim.DKIMException, ValueError, LookupError, TypeError, AttributeError):
        return False


_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*?)\s*", re.DOTALL)
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,250}[a-z0-9])?")


def _read(place: int, value: str) -> Signature | None:
    tags: dict[str, str] = {}
    for part in value.rstrip().rstrip(";").split(";"):
        match = _TAG.fullmatch(part)
        if match is None or match[1] in tags:
            return None
        tags[match[1]] = match[2]
    domain, selector = tags.get("d", "").lower(), tags.get("s", "").lower()
    if not (_NAME.fullmatch(domain) and _NAME.fullmatch(selector)):
        return None
    signed = frozenset(name.strip().lower() for name in tags.get("h", "").split(":"))
    return Signature(place, domain, selector, signed, partial="l" in tags)
