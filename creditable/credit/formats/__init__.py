"""File formats of authorities: the exact bytes that leave, and how answers are read. Pure.

A format is a module of this package; a pack's report.yaml names it as it is named here.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from creditable.credit.formats import (
    ce_broker_xls,
    ce_broker_xml,
    csv,
    demo_board_json,
    typein_list,
    xlsx,
)
from creditable.credit.pack import Layout
from creditable.credit.roster import Decision, LineVerdict, Receipt, Roster


class Format(Protocol):
    """What leaves, and what the file is called and says it is."""

    MEDIA_TYPE: str

    def write(self, roster: Roster, layout: Layout) -> bytes: ...

    def filename(self, roster: Roster, layout: Layout) -> str: ...


class Binary(Protocol):
    """A file that is no text: its rows, as a page shows them."""

    def rows(self, roster: Roster, layout: Layout) -> Sequence[Sequence[object]]: ...


class Answers(Protocol):
    """What a machine says when it is sent a roster. Reading raises roster.Unreadable; reading
    errors gives "" when there is nothing to read."""

    def read_receipt(self, body: bytes) -> Receipt: ...

    def read_errors(self, body: bytes) -> str: ...


class Verdicts(Protocol):
    """An authority whose receipt has its verdicts, on the lines of these ids in the order in which
    they were `sent`."""

    def read_verdicts(
        self, body: bytes, sent: bytes, line_ids: Sequence[str]
    ) -> tuple[LineVerdict, ...]: ...


class Decisions(Protocol):
    """An authority that decides later, and is asked or tells us."""

    def read_decision(self, body: bytes) -> Decision: ...

    def is_signed(
        self, headers: Mapping[str, str], body: bytes, *, secret: bytes, now: float
    ) -> bool: ...


WRITTEN: Mapping[str, Format] = {
    "ce_broker_xls": ce_broker_xls,
    "ce_broker_xml": ce_broker_xml,
    "csv": csv,
    "demo_board_json": demo_board_json,
    "typein_list": typein_list,
    "xlsx": xlsx,
}
BINARY: Mapping[str, Binary] = {"ce_broker_xls": ce_broker_xls, "xlsx": xlsx}
ANSWERED: Mapping[str, Answers] = {
    "ce_broker_xml": ce_broker_xml,
    "demo_board_json": demo_board_json,
}
AT_ONCE: Mapping[str, Verdicts] = {"ce_broker_xml": ce_broker_xml}
LATER: Mapping[str, Decisions] = {"demo_board_json": demo_board_json}
