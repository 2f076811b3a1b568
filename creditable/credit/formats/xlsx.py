"""A workbook of one sheet (ECMA-376), the same bytes for the same roster.

Text is text: a cell of the type inlineStr is never run as a formula, whatever it begins with, and
a license number keeps its zeros. Dates and hours are numbers. Nothing is compressed, so that the
bytes do not depend on the version of a compressor.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from xml.sax.saxutils import escape, quoteattr

from creditable.credit.formats import _rows
from creditable.credit.formats._rows import Cell, filename, labels, table_of
from creditable.credit.pack import Layout
from creditable.credit.roster import Roster

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EPOCH = date(1899, 12, 30)
DATE_PARTS = {"%m": "mm", "%d": "dd", "%Y": "yyyy", "%y": "yy", "%b": "mmm", "%B": "mmmm"}
NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

__all__ = ["MEDIA_TYPE", "filename", "rows", "write"]


def rows(roster: Roster, layout: Layout) -> list[tuple[Cell, ...]]:
    """The labels where they are wanted, then a row a participant."""
    head: list[tuple[Cell, ...]] = [labels(layout)] if table_of(layout).header else []
    return [*head, *_rows.rows(roster, layout)]


def write(roster: Roster, layout: Layout) -> bytes:
    """The workbook."""
    table = table_of(layout)
    parts = {
        "[Content_Types].xml": (
            f'<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}.sheet.main+xml"/>'
            '<Override PartName="/xl/worksheets/sheet1.xml"'
            f' ContentType="{SHEET_TYPE}.worksheet+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{SHEET_TYPE}.styles+xml"/>'
            "</Types>"
        ),
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
            '<sheet name="Roster" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": _relations(
            ("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")
        ),
        "xl/styles.xml": _styles(date_pattern(table.date), hours_pattern(table.decimals)),
        "xl/worksheets/sheet1.xml": "".join(_sheet(rows(roster, layout))),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), HEAD + content)
    return out.getvalue()


def date_pattern(pattern: str) -> str:
    """A pattern of strftime as spreadsheets write it."""
    for sign, letters in DATE_PARTS.items():
        pattern = pattern.replace(sign, letters)
    return pattern


def hours_pattern(decimals: int) -> str:
    return "0." + "0" * decimals if decimals else "0"


def days(day: date) -> int:
    """The day as spreadsheets count."""
    return (day - EPOCH).days


def _sheet(table: Sequence[Sequence[Cell]]) -> Iterator[str]:
    yield f'<worksheet xmlns="{MAIN}"><sheetData>'
    for number, row in enumerate(table, start=1):
        cells = "".join(_cell(f"{_letters(at)}{number}", cell) for at, cell in enumerate(row))
        yield f'<row r="{number}">{cells}</row>'
    yield "</sheetData></worksheet>"


def _cell(place: str, cell: Cell) -> str:
    if isinstance(cell, str):
        text = escape(NOT_XML.sub("", cell))
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    if isinstance(cell, date):
        return f'<c r="{place}" s="1"><v>{days(cell)}</v></c>'
    if isinstance(cell, int):
        return f'<c r="{place}"><v>{cell}</v></c>'
    return f'<c r="{place}" s="2"><v>{cell}</v></c>'


def _letters(number: int) -> str:
    """The name of a column: A, B, ... Z, AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _styles(day: str, hours: str) -> str:
    formats = "".join(
        f"<numFmt numFmtId={quoteattr(str(id))} formatCode={quoteattr(code)}/>"
        for id, code in ((164, day), (165, hours))
    )
    xfs = "".join(
        f'<xf numFmtId="{id}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for id in (0, 164, 165)
    )
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts count="2">{formats}</numFmts>'
        '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        f'</cellStyleXfs><cellXfs count="3">{xfs}</cellXfs></styleSheet>'
    )


def _relations(*targets: tuple[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'
