"""File formats of authorities: the exact bytes that leave, and how answers are read. Pure.

A format is a module of this package; a pack's report.yaml names it as it is named here.
"""

from collections.abc import Mapping
from typing import Protocol

from creditable.credit.formats import demo_board_json, typein_list
from creditable.credit.pack import Layout
from creditable.credit.roster import Decision, Receipt, Roster


class Format(Protocol):
    """What leaves."""

    def write(self, roster: Roster, layout: Layout) -> bytes: ...


class Answers(Protocol):
    """What comes back from an authority that answers by machine. Reading a receipt or a decision
    raises roster.Unreadable; reading errors gives "" when there is nothing to read."""

    def read_receipt(self, body: bytes) -> Receipt: ...

    def read_decision(self, body: bytes) -> Decision: ...

    def read_errors(self, body: bytes) -> str: ...

    def is_signed(
        self, headers: Mapping[str, str], body: bytes, *, secret: bytes, now: float
    ) -> bool: ...


WRITTEN: Mapping[str, Format] = {
    "demo_board_json": demo_board_json,
    "typein_list": typein_list,
}
ANSWERED: Mapping[str, Answers] = {"demo_board_json": demo_board_json}
