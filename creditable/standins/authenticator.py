"""The authenticator app of the demo's staff: current codes (RFC 6238) on a page."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from creditable.standins.http import Answer, Request, Standin, as_json
from creditable.standins.pages import page, tag

STEP = 30
DIGITS = 6


def code(secret: str, at: float) -> str:
    """The code at an instant: HMAC-SHA1 over the number of the 30-second step, six digits."""
    key = base64.b32decode(secret.replace(" ", "").upper() + "=" * (-len(secret) % 8))
    digest = hmac.new(key, int(at // STEP).to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


class Authenticator:
    """Reads the file at each request, so that it may come later than the stand-in."""

    def __init__(
        self, standin: Standin, file: Path | None, *, name: str, note: str, links: Mapping[str, str]
    ) -> None:
        self._clock = standin.clock
        self._file = file
        self._name = name
        self._note = note
        self._links = links
        standin.route("GET", "/authenticator/", self._page)
        standin.route("GET", "/api/authenticator", lambda _: as_json(self._codes()))

    def _codes(self) -> list[dict[str, Any]]:
        if self._file is None or not self._file.exists():
            return []
        now = self._clock()
        left = STEP - int(now % STEP)
        entries = json.loads(self._file.read_text(encoding="utf-8"))
        return [
            {"name": entry["name"], "code": _code(entry["secret"], now), "seconds_left": left}
            for entry in entries
        ]

    def _page(self, request: Request) -> Answer:
        cards = [
            tag(
                "li",
                tag("p", entry["name"]),
                tag("p", entry["code"], class_="code"),
                tag("p", f"{entry['seconds_left']} s left", class_="soft"),
                class_="card",
            )
            for entry in self._codes()
        ]
        return page(
            self._name,
            "Codes of the demo's staff",
            tag(
                "p",
                "What each one's authenticator app shows now. ",
                tag("a", "Show the next codes", href="/authenticator/"),
            ),
            tag("ul", *cards, class_="codes")
            if cards
            else tag("p", "Nobody has a second factor yet.", class_="empty"),
            note=self._note,
            links=self._links,
        )


def _code(secret: str, at: float) -> str:
    try:
        return code(secret, at)
    except binascii.Error:
        return "(not a base32 secret)"
