"""A list that staff type into an authority's web form: fields in the order of its rule.

UTF-8 text with LF, in columns of one width, so that it prints as it is read.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from creditable.credit.pack import Column, Layout
from creditable.credit.roster import Participant, Roster, values

MEDIA_TYPE = "text/plain"


def filename(roster: Roster, layout: Layout) -> str:
    return f"{roster.roster_id}.txt"


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
        *_in_columns(lambda: _table(roster, layout)),
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


def _table(roster: Roster, layout: Layout) -> Iterator[tuple[str, ...]]:
    yield ("#", *(column.label for column in layout.participant))
    for number, participant in enumerate(roster.participants, start=1):
        yield (str(number), *_row(roster, participant, layout))


def _in_columns(table: Callable[[], Iterable[Sequence[str]]]) -> Iterator[str]:
    """The table's lines; it is made twice, for the widths first, since a long one is never held."""
    widths: dict[int, int] = {}
    for row in table():
        for place, cell in enumerate(row):
            widths[place] = max(widths.get(place, 0), len(cell) + 2)
    for row in table():
        yield "".join(f"{cell:<{widths[place]}}" for place, cell in enumerate(row)).rstrip()


def _plain(text: str) -> str:
    """One line: a name cannot begin a new field or row."""
    return " ".join(text.split())
