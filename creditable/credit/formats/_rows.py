"""What files of rows have in common: the cells of each line, and the file's name."""

import re
from datetime import date
from decimal import ROUND_DOWN, Decimal

from creditable.credit.pack import Layout, Table
from creditable.credit.roster import Participant, Roster, values

Cell = str | int | Decimal | date


def table_of(layout: Layout) -> Table:
    assert layout.table is not None, "the linter asks for it"
    return layout.table


def labels(layout: Layout) -> tuple[str, ...]:
    return tuple(column.label for column in layout.participant)


def rows(roster: Roster, layout: Layout) -> list[tuple[Cell, ...]]:
    """One row a participant, in the order of the roster."""
    return [_row(roster, participant, layout) for participant in roster.participants]


def hours(minutes: int, table: Table) -> Decimal:
    """Minutes as hours of this authority, cut off: nobody is credited with what they did not do."""
    step = Decimal(1).scaleb(-table.decimals)
    return (Decimal(minutes) / table.hours).quantize(step, rounding=ROUND_DOWN)


def filled(text: str, roster: Roster) -> str:
    """A name or a line of the prolog with what stands in braces put in."""
    return text.format(
        roster_id=roster.roster_id,
        provider_number=roster.provider_number,
        course_number=roster.participants[0].course_number,
    )


def filename(roster: Roster, layout: Layout) -> str:
    """The file's name, of signs that every system takes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", filled(table_of(layout).name, roster)).strip("-.")


def plain(text: str) -> str:
    """One line: a name cannot begin a new field or row."""
    return " ".join(text.split())


def _row(roster: Roster, participant: Participant, layout: Layout) -> tuple[Cell, ...]:
    text = values(roster, participant)
    typed: dict[str, Cell | None] = {
        "completed_on": participant.completed_on,
        "minutes": participant.minutes,
        "participants": len(roster.participants),
        "hours": None
        if participant.minutes is None
        else hours(participant.minutes, table_of(layout)),
    }
    return tuple(
        _some(typed[column.field]) if column.field in typed else plain(text[column.field])
        for column in layout.participant
    )


def _some(cell: Cell | None) -> Cell:
    return "" if cell is None else cell
