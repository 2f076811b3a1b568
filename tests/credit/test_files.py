"""Files of rows for authorities: exact bytes, and no name that a spreadsheet would run."""

import hashlib
import io
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlrd
import yaml
from hypothesis import given
from hypothesis import strategies as st

from creditable.credit import pack as packs
from creditable.credit.formats import ce_broker_xls, ce_broker_xml, csv, xlsx
from creditable.credit.formats._rows import hours
from creditable.credit.pack import CeBroker, Column, Layout, PackRefused, Source, Table
from creditable.credit.roster import LineVerdict, Participant, Roster, Unreadable
from creditable.lib.text import FORMULA
from tests.credit.conftest import SHIPPED

SOURCE = Source("A rule", "https://board.example.com", date(2026, 11, 1), "fictional")
TABLE = Table(
    name="{provider_number}_{roster_id}.csv",
    date="%m/%d/%Y",
    hours=50,
    decimals=1,
    header=True,
    prolog=(),
    encoding="utf-8",
    newline="\r\n",
    delimiter=",",
    quote_all=False,
)
COLUMNS = (
    Column("license_number", "License"),
    Column("last_name", "Last name"),
    Column("first_name", "First name"),
    Column("completed_on", "Completed"),
    Column("hours", "Hours"),
)
LAYOUT = Layout(
    format="csv",
    channel="manual",
    send="staff",
    group_by="course_and_day",
    source=SOURCE,
    fields=(),
    participant=COLUMNS,
    totals=(),
    instructions="Upload it.",
    location={},
    destination="",
    path="",
    table=TABLE,
    ce_broker=CeBroker("FL", {"clinical_social_worker": "SW"}),
)


def participant(name: str = "José Q. O'Neill Jr.", number: str = "00123") -> Participant:
    return Participant(
        line_id="L-1",
        holder_name=name,
        license_type="clinical_social_worker",
        license_type_name="Clinical Social Worker",
        license_number=number,
        course_title="Ethics, and more",
        course_number="20-456789",
        completed_on=date(2026, 12, 3),
        minutes=119,
    )


def roster(*participants: Participant) -> Roster:
    return Roster(
        roster_id="R261203-7QW2K",
        authority_name="A Board",
        provider_name="Wirewright Academy",
        provider_number="50-1047",
        location="Online",
        participants=participants or (participant(),),
    )


def layout(**table: Any) -> Layout:
    return replace(LAYOUT, table=replace(TABLE, **table))


class TestDelimitedText:
    def test_exactly_these_bytes(self) -> None:
        assert csv.write(roster(), LAYOUT) == (
            b"License,Last name,First name,Completed,Hours\r\n"
            b"00123,O'Neill Jr.,Jos\xc3\xa9 Q.,12/03/2026,2.3\r\n"
        )

    def test_a_layout_names_the_encoding_line_end_delimiter_dates_and_prolog(self) -> None:
        written = csv.write(
            roster(),
            layout(
                prolog=("ProviderID:{provider_number}", "Email:desk@example.com", ""),
                header=False,
                encoding="windows-1252",
                newline="\n",
                delimiter=";",
                quote_all=True,
                date="%Y%m%d",
                decimals=0,
            ),
        )
        assert written == (
            b"ProviderID:50-1047\nEmail:desk@example.com\n\n"
            b'"00123";"O\'Neill Jr.";"Jos\xe9 Q.";"20261203";"2"\n'
        )

    def test_what_the_encoding_cannot_say_leaves_without_its_accent_and_is_named(self) -> None:
        ascii_only = layout(encoding="ascii", header=False)
        named = roster(participant("Jiří Ångström 李"))
        assert csv.write(named, ascii_only) == b"00123,?,Jiri Angstrom,12/03/2026,2.3\r\n"
        assert csv.misses(named, ascii_only) == ["李", "Jiří Ångström"]
        assert csv.misses(named, layout()) == []

    @pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
    def test_no_name_begins_a_formula(self, sign: str) -> None:
        written = csv.write(roster(participant(f"Ann {sign}cmd|'/c'!A1")), layout(header=False))
        assert f",'{sign}cmd".encode() in written or b",'" in written
        assert f",{sign}".encode() not in written

    @given(st.text(max_size=40))
    def test_no_name_begins_another_row_or_column(self, name: str) -> None:
        import csv as reader

        written = csv.write(roster(participant(name), participant()), LAYOUT).decode()
        rows = list(reader.reader(io.StringIO(written, newline="")))
        assert [len(row) for row in rows] == [5, 5, 5]
        assert not any(cell.startswith(FORMULA) for row in rows[1:] for cell in row)

    def test_its_name_is_of_plain_signs(self) -> None:
        assert csv.filename(roster(), LAYOUT) == "50-1047_R261203-7QW2K.csv"
        odd = replace(roster(), provider_number="../a b")
        assert csv.filename(odd, LAYOUT) == "a-b_R261203-7QW2K.csv"


def test_hours_are_never_rounded_up() -> None:
    assert str(hours(119, TABLE)) == "2.3"
    assert str(hours(59, replace(TABLE, hours=60, decimals=0))) == "0"


class TestWorkbook:
    def test_the_same_roster_is_the_same_bytes(self) -> None:
        written = xlsx.write(roster(), LAYOUT)
        assert written == xlsx.write(roster(), LAYOUT)
        assert hashlib.sha256(written).hexdigest() == (
            "cd3af23c8f6673c31d0e9d15e52062077449ade2e5dedc7901ed56393c929871"
        )

    def test_text_is_text_and_numbers_are_numbers(self) -> None:
        written = xlsx.write(roster(participant("Eve =HYPERLINK(1)", "007")), LAYOUT)
        with zipfile.ZipFile(io.BytesIO(written)) as book:
            assert book.testzip() is None
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert '<c r="A2" t="inlineStr"><is><t xml:space="preserve">007</t></is></c>' in sheet
        assert '<c r="B2" t="inlineStr"><is><t xml:space="preserve">=HYPERLINK(1)</t>' in sheet
        assert '<c r="D2" s="1"><v>46359</v></c><c r="E2" s="2"><v>2.3</v></c>' in sheet
        assert "<f>" not in sheet

    def test_a_pattern_of_dates_is_said_as_spreadsheets_say_it(self) -> None:
        assert xlsx.date_pattern("%m/%d/%Y") == "mm/dd/yyyy"
        assert xlsx.date_pattern("%d %b %y") == "dd mmm yy"


class TestCeBrokerSpreadsheet:
    def test_the_columns_that_it_documents(self) -> None:
        written = ce_broker_xls.write(roster(participant("=A1"), participant()), LAYOUT)
        book = xlrd.open_workbook(file_contents=written)
        sheet = book.sheet_by_index(0)
        first = sheet.row_values(0)
        assert [*first[:5], *first[6:]] == [
            "1047",
            "456789",
            "",
            "",
            "00123",
            "State=FL",
            "Profession=SW",
        ]
        assert xlrd.xldate_as_datetime(first[5], book.datemode).date() == date(2026, 12, 3)
        assert sheet.cell(0, 5).ctype == xlrd.XL_CELL_DATE
        assert sheet.nrows == 2

    def test_our_own_number_of_a_course_has_its_own_column(self) -> None:
        own = replace(participant(), course_number="WW-7")
        book = xlrd.open_workbook(file_contents=ce_broker_xls.write(roster(own), LAYOUT))
        assert book.sheet_by_index(0).row_values(0)[1:3] == ["", "WW-7"]

    def test_the_same_roster_is_the_same_bytes(self) -> None:
        assert ce_broker_xls.write(roster(), LAYOUT) == ce_broker_xls.write(roster(), LAYOUT)


SENT = b"""\
<rosters id_parent_provider="{id_parent_provider}" upload_key="{upload_key}">
  <roster>
    <id_provider>1047</id_provider>
    <provider_course_code/>
    <id_course>456789</id_course>
    <id_publishing/>
    <end_date>12/03/2026</end_date>
    <attendees>
      <attendee>
        <licensee_profession>SW</licensee_profession>
        <license>00123</license>
        <first_name>Jos\xc3\xa9 Q.</first_name>
        <last_name>O'Neill Jr.</last_name>
        <cebroker_state>FL</cebroker_state>
        <date_completed>12/03/2026</date_completed>
      </attendee>
    </attendees>
  </roster>
</rosters>
"""


def receipt(*nodes: str, root: str = 'Message="" ErrorCode=""') -> bytes:
    inside = f'<rosters {root}><roster Message="">{"".join(nodes)}</roster></rosters>'
    escaped = inside.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<string xmlns="https://webservices.cebroker.com/">{escaped}</string>'.encode()


def node(license: str = "00123", code: str = "", message: str = "") -> str:
    at = "12/4/2026 1:07:42 PM"
    return (
        f'<attendee license="{license}" Message="{message}" ErrorCode="{code}" TimeStamp="{at}"/>'
    )


class TestCeBrokerMessage:
    def test_exactly_these_bytes(self) -> None:
        assert ce_broker_xml.write(roster(), LAYOUT) == SENT

    def test_a_name_cannot_add_an_element(self) -> None:
        written = ce_broker_xml.write(roster(participant("A </license><license>9 B")), LAYOUT)
        assert written.count(b"<license>") == 1

    def test_a_receipt_has_the_verdicts(self) -> None:
        both = ce_broker_xml.write(roster(participant(), participant("Eve Day", "SW2")), LAYOUT)
        body = receipt(node(), node("SW2", "80", "Invalid license Number"))
        assert ce_broker_xml.read_receipt(body).received == 2
        assert ce_broker_xml.read_verdicts(body, both, ["a", "b"]) == (
            LineVerdict("a", "accepted", "12/4/2026 1:07:42 PM"),
            LineVerdict("b", "rejected", code="80", message="Invalid license Number"),
        )

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"queued",
            b"<string>Your message is queued.</string>",
            receipt(),
            receipt(node("SW999")),
            receipt(node(), node()),
            b'<!DOCTYPE a [<!ENTITY b "c">]><rosters><attendee license="00123"/></rosters>',
        ],
        ids=["empty", "text", "word", "nobody", "another", "too many", "entity"],
    )
    def test_what_is_no_receipt_of_ours_settles_nothing(self, body: bytes) -> None:
        with pytest.raises(Unreadable):
            ce_broker_xml.read_verdicts(body, SENT, ["a"])

    @given(st.binary(max_size=200))
    def test_whatever_comes_is_read_or_named(self, body: bytes) -> None:
        with pytest.raises(Unreadable):
            ce_broker_xml.read_verdicts(body, SENT, ["a"])
        assert ce_broker_xml.read_errors(body) == ""

    def test_what_is_wrong_with_the_whole_is_said_in_its_words(self) -> None:
        assert ce_broker_xml.read_errors(receipt(root='Message="Invalid upload key"')) == (
            "Invalid upload key"
        )
        assert ce_broker_xml.read_errors(receipt(node(code="80", message="Invalid"))) == ""


class TestLayoutsInPacks:
    """What a report.yaml must say, with the cure where it does not."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        import shutil

        copy = tmp_path / "us-fl-fbpe"
        shutil.copytree(SHIPPED / "us-fl-fbpe", copy)
        self.write(copy)
        return copy

    def write(self, folder: Path, **changes: Any) -> None:
        report = {
            "format": "csv",
            "channel": "sftp",
            "send": "automatic",
            "source": "fac-22-012",
            "group_by": "provider",
            "destination": "board-inbox",
            "path": "/in",
            "lines": 500,
            "table": {"name": "{roster_id}.csv", "date": "%m/%d/%Y", "hours": 50},
            "participant": [
                {"field": "license_number", "label": "License"},
                {"field": "completed_on", "label": "Date"},
                {"field": "hours", "label": "PDH"},
            ],
            "instructions": "It leaves by itself.",
        } | changes
        shown = {name: value for name, value in report.items() if value is not None}
        (folder / "report.yaml").write_text(yaml.safe_dump(shown))

    def test_a_file_by_layout_is_read(self, folder: Path) -> None:
        layout = packs.read(folder).layout
        assert (layout.lines, layout.amend, layout.is_carried) == (500, "letter", True)
        assert layout.table
        assert (layout.table.newline, layout.table.encoding) == ("\r\n", "utf-8")

    @pytest.mark.parametrize(
        ("changes", "place"),
        [
            ({"table": None}, "table"),
            ({"table": {"name": "roster.csv", "date": "%d"}}, "table.name"),
            ({"table": {"name": "{roster_id}{email}", "date": "%d"}}, "table.name"),
            ({"destination": None}, "destination"),
            ({"channel": "smtp"}, "address"),
            ({"channel": "manual"}, "send"),
            ({"lines": 0}, "lines"),
            ({"format": "typein_list", "table": None}, "participant"),
            ({"format": "ce_broker_xml", "table": None, "group_by": "course_and_day",
              "ce_broker": {"state": "FL", "professions": {"x": "PE"}}}, "participant"),
        ],
    )  # fmt: skip
    def test_what_does_not_go_together_is_refused_at_its_place(
        self, folder: Path, changes: dict[str, Any], place: str
    ) -> None:
        self.write(folder, **changes)
        with pytest.raises(PackRefused) as refusal:
            packs.read(folder)
        assert refusal.value.place == place
