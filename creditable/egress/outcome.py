"""What came of one attempt to carry a message."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class Unsendable(Exception):
    """The message itself cannot be carried by its channel, now or ever. The text says why."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The recipient took it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Refused:
    """The recipient said no, and would say so again."""

    status: int | None
    error: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not work this time. `arrived` is True when the recipient may nevertheless have
    acted on it; `wait` are the seconds that the recipient asked us to wait."""

    error: str
    arrived: bool
    status: int | None = None
    wait: float = 0.0


Outcome = Delivered | Refused | Failed
