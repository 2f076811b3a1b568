"""Delimited text by a layout: RFC 4180, with the encoding, line end and delimiter it names.

What a spreadsheet would run as a formula (it begins with = + - @, a tab or a carriage return) gets
an apostrophe before it, by which spreadsheets know text. Letters that the encoding does not have
lose their accent, and what is left of them becomes a question mark; `misses` names them.
"""

import csv
import io
import unicodedata
from datetime import date

from creditable.credit.formats._rows import Cell, filename, filled, labels, rows, table_of
from creditable.credit.pack import Layout, Table
from creditable.credit.roster import Roster
from creditable.lib.text import inert

MEDIA_TYPE = "text/csv"

__all__ = ["MEDIA_TYPE", "filename", "misses", "write"]


def write(roster: Roster, layout: Layout) -> bytes:
    """The file: the prolog, the labels where they are wanted, a row a participant."""
    table = table_of(layout)
    prolog = "".join(filled(line, roster) + table.newline for line in table.prolog)
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=table.delimiter,
        lineterminator=table.newline,
        quoting=csv.QUOTE_ALL if table.quote_all else csv.QUOTE_MINIMAL,
    )
    if table.header:
        writer.writerow(labels(layout))
    writer.writerows([_text(cell, table) for cell in row] for row in rows(roster, layout))
    return _encoded(prolog + out.getvalue(), table.encoding)


def misses(roster: Roster, layout: Layout) -> list[str]:
    """What the file cannot say as it is written, for whoever sends it."""
    table = table_of(layout)
    return [
        cell
        for row in rows(roster, layout)
        for cell in row
        if isinstance(cell, str) and not _fits(cell, table.encoding)
    ]


def _text(cell: Cell, table: Table) -> str:
    if isinstance(cell, date):
        return cell.strftime(table.date)
    return inert(cell) if isinstance(cell, str) else str(cell)


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _encoded(text: str, encoding: str) -> bytes:
    if _fits(text, encoding):
        return text.encode(encoding)
    return "".join(
        sign if sign.isascii() or _fits(sign, encoding) else _bare(sign) for sign in text
    ).encode(encoding)


def _bare(sign: str) -> str:
    bare = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return bare or ("" if unicodedata.combining(sign) else "?")
