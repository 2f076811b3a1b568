"""CE Broker's spreadsheet upload: a binary .xls without a header, one row a completion.

The documented alternative is text of 100 columns. Of its records only the first is documented
whole, and CE Broker itself advises against it, so the spreadsheet it is. xlwt writes it; it is no
longer developed, as the format is not, and the same roster gives the same bytes.
"""

import io
from datetime import date

from creditable.credit.formats._ce_broker import broker_of, course_number, provider_number
from creditable.credit.formats._rows import Cell
from creditable.credit.pack import Layout
from creditable.credit.roster import Roster

MEDIA_TYPE = "application/vnd.ms-excel"


def rows(roster: Roster, layout: Layout) -> list[tuple[Cell, ...]]:
    """Columns A to H. D is for a publishing number, which we have none of; partial credit (I, J) is
    not given here."""
    broker = broker_of(layout)
    table: list[tuple[Cell, ...]] = []
    for participant in roster.participants:
        ours, theirs = course_number(participant.course_number)
        table.append(
            (
                provider_number(roster.provider_number),
                theirs,
                ours,
                "",
                participant.license_number,
                participant.completed_on,
                f"State={broker.state}",
                f"Profession={broker.professions[participant.license_type]}",
            )
        )
    return table


def write(roster: Roster, layout: Layout) -> bytes:
    """The sheet. Text is written as text, so that nothing is run as a formula."""
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Roster")
    day = xlwt.easyxf(num_format_str="m/d/yyyy")
    for number, cells in enumerate(rows(roster, layout)):
        for place, cell in enumerate(cells):
            if isinstance(cell, date):
                sheet.write(number, place, cell, day)
            elif cell != "":
                sheet.write(number, place, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def filename(roster: Roster, layout: Layout) -> str:
    return f"{roster.roster_id}.xls"
