"""A list that staff type into an authority's web form: fields in the order of its rule.

UTF-8 text with LF; the participants are tab-separated under a heading line, so that the list
prints well and pastes into a form that moves on with TAB.
"""

from collections.abc import Sequence
from itertools import starmap

from creditable.credit.pack import Column, Layout
from creditable.credit.roster import Participant, Roster, values


def write(roster: Roster, layout: Layout) -> bytes:
    """The list. Every participant of one list shares course and day."""
    heading = fields(roster, layout.fields)
    width = max(len(label) for label, _ in heading) + 2
    lines = [
        roster.authority_name,
        f"List {roster.roster_id}",
        "",
        *(f"{label + ':':<{width}}{value}" for label, value in heading),
        "",
        "\t".join(("#", *(column.label for column in layout.participant))),
        *starmap(
            lambda number, row: "\t".join((str(number), *row)),
            enumerate(rows(roster, layout), start=1),
        ),
        "",
        *(f"{label + ':':<{width}}{value}" for label, value in fields(roster, layout.totals)),
    ]
    return ("\n".join(lines).rstrip() + "\n").encode()


def fields(roster: Roster, columns: Sequence[Column]) -> list[tuple[str, str]]:
    """Label and value of the fields that the whole list shares."""
    shared = values(roster, roster.participants[0])
    return [(column.label, _plain(shared[column.field])) for column in columns]


def rows(roster: Roster, layout: Layout) -> list[tuple[str, ...]]:
    """One row a participant, in the order of the list."""
    return [_row(roster, participant, layout) for participant in roster.participants]


def _row(roster: Roster, participant: Participant, layout: Layout) -> tuple[str, ...]:
    shown = values(roster, participant)
    return tuple(_plain(shown[column.field]) for column in layout.participant)


def _plain(text: str) -> str:
    """One line without tabs: a name can then not begin a new field or row."""
    return " ".join(text.split())
