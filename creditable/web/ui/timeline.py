"""One step of a timeline, such as a report on its way to an authority."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class Step:
    """`state`: done (it happened), now (under way), next (still to come), bad (it went wrong)."""

    label: str
    state: Literal["done", "now", "next", "bad"]
    at: datetime | None = None
    note: str = ""
