"""The time, as a protocol: rules are handed instants, and only the database knows the time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The current instant, with its zone."""
        ...
