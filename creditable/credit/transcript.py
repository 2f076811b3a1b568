"""A transcript as a PDF: what somebody completed here, and what they told us of elsewhere. Pure."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from creditable.credit.document import Provider
from creditable.lib import pdf

TEMPLATE = Path(__file__).with_name("transcript.typ")


@dataclass(frozen=True, slots=True)
class Line:
    """One completed course, as it is printed. `proof` names our certificate, or says that it was
    revoked; empty for a course that was completed elsewhere."""

    completed: str
    course: str
    number: str
    authority: str
    hours: str
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that a transcript says. `elsewhere` is what the holder told us, and nobody else
    vouches for."""

    provider: Provider
    holder: str
    made_on: date
    here: tuple[Line, ...]
    elsewhere: tuple[Line, ...]
    check_at: str


def render(sheet: Sheet) -> bytes:
    """The transcript as PDF; the same values give the same bytes."""
    day = sheet.made_on
    values = {
        **asdict(sheet),
        "elsewhere": [_printable(asdict(line)) for line in sheet.elsewhere],
        "made_on": [day.year, day.month, day.day],
        "families": pdf.FAMILIES,
    }
    return pdf.typeset(
        TEMPLATE.read_bytes(),
        {"sheet": json.dumps(values)},
        at=datetime(day.year, day.month, day.day, tzinfo=UTC),
    )


def _printable(line: dict[str, str]) -> dict[str, str]:
    """What somebody typed of a course elsewhere may hold letters that the font lacks: the sheet
    shows that there was one."""
    strange = {name: set(pdf.unprintable(value)) for name, value in line.items()}
    return {
        name: "".join("?" if letter in strange[name] else letter for letter in value)
        for name, value in line.items()
    }
