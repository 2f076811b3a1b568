"""Public lists of licenses, as authorities publish them: read line by line, strictly.

A list is text of any size; no more than a line of it is held. A line that cannot be read is named
and kept out. Columns that a layout does not name are not looked at.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _csv import Reader

DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m%d%Y", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S")


class ListRefused(Exception):
    """A file that is no list of that layout."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Whose licenses a list has (ids of packs), and the columns that say what. `name` are joined
    with a space; a column that is not there in `optional` says nothing."""

    authorities: tuple[str, ...]
    number: tuple[str, ...]
    name: tuple[str, ...]
    kind: str = ""
    status: str = ""
    expires: str = ""
    delimiter: str = ","

    @property
    def columns(self) -> set[str]:
        single = (self.kind, self.status, self.expires)
        return {*self.number, *self.name, *(name for name in single if name)}


LAYOUTS: Mapping[str, Layout] = {
    "texas-tdlr": Layout(
        authorities=("us-tx-tdlr-electricians",),
        number=("license_number",),
        name=("owner_name",),
        kind="license_type",
        expires="license_expiration_date_mmddccyy",
    ),
    "texas-bhec": Layout(
        authorities=("us-tx-bhec-counselors", "us-tx-bhec-social-work"),
        number=("lic_nbr",),
        name=("first_nme", "middle_nme", "last_nme", "sfx_nme"),
        kind="rank",
        status="lic_status",
        expires="lic_expr_dte",
    ),
    "colorado-dora": Layout(
        authorities=("us-co-dora-elec",),
        number=("licensenumber",),
        name=("firstname", "lastname"),
        kind="licensetype",
        status="licensestatusdescription",
        expires="licenseexpirationdate",
    ),
    "illinois-asbestos": Layout(
        authorities=("us-il-idph-asbestos",),
        number=(
            "supervisor_professional_license",
            "inspector_professional_license",
            "management_planner_professional_license",
            "project_designer_professional_license",
            "project_manager_professional_license",
            "air_sampling_professional_license",
        ),
        name=("first_name", "last_name"),
    ),
}
"""Those whose columns are published (names of columns without case). Illinois's list of lead
supervisors has no license numbers, so nobody can be found in it. Of the lists of Florida's
Department of Health and California's Department of Consumer Affairs only the meaning of the columns
is known and not their names, so there is no layout for them yet."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A license as the list has it. `expires` None: the list does not say."""

    number: str
    name: str
    kind: str
    status: str
    expires: date | None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be read, by its number in the file, and why."""

    line: int
    why: str


def read(lines: Iterable[str], layout: Layout) -> Iterator[Entry | BadLine]:
    """The licenses of the list, one after the other. ListRefused when it has another layout. Bytes
    that are no text are expected as lone surrogates (errors="surrogateescape")."""
    rows = csv.reader(lines, delimiter=layout.delimiter)
    places = _places(_next(rows), layout)
    while True:
        row = _next(rows)
        if row is None:
            return
        if isinstance(row, BadLine):
            yield row
        elif any(cell.strip() for cell in row):
            yield from _entries(row, rows.line_num, places, layout)


def folded_number(number: str) -> str:
    """A number without case, spaces, punctuation and leading zeros."""
    return re.sub(r"[^0-9A-Z]", "", number.upper()).lstrip("0")


def _next(rows: "Reader") -> list[str] | BadLine | None:
    try:
        return next(rows, None)
    except csv.Error as error:
        return BadLine(rows.line_num, str(error))


def _places(header: list[str] | BadLine | None, layout: Layout) -> Mapping[str, int]:
    if not isinstance(header, list):
        raise ListRefused("The list has no line of column names.")
    names = [name.strip().lstrip("\ufeff").casefold() for name in header]
    missing = sorted(layout.columns - set(names))
    if missing:
        raise ListRefused(f"The list has no column {', '.join(missing)}: is it of that layout?")
    return {name: names.index(name) for name in layout.columns}


def _entries(
    row: list[str], line: int, places: Mapping[str, int], layout: Layout
) -> Iterator[Entry | BadLine]:
    if len(row) <= max(places.values()):
        yield BadLine(line, f"has {len(row)} cells, too few")
        return
    cells = {name: " ".join(row[place].split()) for name, place in places.items()}
    if any(_is_broken(cell) for cell in cells.values()):
        yield BadLine(line, "holds bytes that are no text")
        return
    expires = None
    if told := cells.get(layout.expires, ""):
        expires = _day(told)
        if expires is None:
            yield BadLine(line, f"{told[:30]!r} is no date")
            return
    numbers = [cells[name] for name in layout.number if folded_number(cells[name])]
    if not numbers:
        yield BadLine(line, "has no license number")
        return
    name = " ".join(cells[part] for part in layout.name if cells[part])
    kind, status = cells.get(layout.kind, ""), cells.get(layout.status, "")
    for number in numbers:
        yield Entry(number[:40], name[:120], kind[:80], status[:80], expires)


def _is_broken(cell: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" or sign == "\x00" for sign in cell)


def _day(text: str) -> date | None:
    for pattern in DATES:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None
