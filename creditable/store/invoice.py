"""An invoice or a credit note as a PDF: frozen values in, bytes out. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from creditable.lib import pdf

TEMPLATE = Path(__file__).with_name("invoice.typ")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that an invoice or a credit note says. `seller` holds the names, `address`,
    `contact`, `mark` (SVG) and `accent` of store.seller; `billed` are the lines of the address;
    `facts` and `sums` are label and value in the order of print, the last of the sums the total;
    `lines` are what was sold and its price; `stamp` is a word such as Paid."""

    seller: Mapping[str, Any]
    title: str
    name: str
    issued_on: date
    billed: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str], ...]
    sums: tuple[tuple[str, str], ...]
    stamp: str
    notes: tuple[str, ...]

    @property
    def content(self) -> dict[str, Any]:
        """As it is kept beside the bytes, in what JSON can hold."""
        return {**asdict(self), "issued_on": self.issued_on.isoformat()}


def render(sheet: Sheet) -> bytes:
    """The sheet as PDF; the same values give the same bytes. Raises pdf.Unprintable."""
    day = sheet.issued_on
    values = {
        **asdict(sheet),
        "issued_on": [day.year, day.month, day.day],
        "families": pdf.FAMILIES,
    }
    return pdf.typeset(
        TEMPLATE.read_bytes(),
        {"sheet": json.dumps(values)},
        at=datetime(day.year, day.month, day.day, tzinfo=UTC),
    )
