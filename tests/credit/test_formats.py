"""The exact bytes that authorities are sent, and how their answers are read."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditable.credit import formats
from creditable.credit import pack as packs
from creditable.credit.formats import ANSWERED, WRITTEN, demo_board_json, typein_list
from creditable.credit.pack import Pack
from creditable.credit.roster import LineVerdict, Participant, Receipt, Roster, Unreadable
from tests.credit.conftest import DEMO, ROOT, SHIPPED

SAMPLE = Roster(
    roster_id="R-2026-000017",
    authority_name="",
    provider_name="Wirewright Academy",
    provider_number="DEMO-TX-1047",
    location="Online",
    participants=(
        Participant(
            line_id="L-1",
            holder_name="José O'Neill",
            license_type="journeyman_electrician",
            license_type_name="Journeyman Electrician",
            license_number="0123456",
            course_title="Electrical safety on the job",
            course_number="DEMO-TX-26-0117",
            completed_on=date(2026, 12, 28),
            minutes=120,
        ),
    ),
)

SAMPLES = sorted(ROOT.glob("demo/*/authorities/*/sample.json"))


def sample_for(pack: Pack) -> Roster:
    if pack.layout.format == "typein_list":
        return replace(SAMPLE, authority_name=pack.name)
    line = replace(
        SAMPLE.participants[0],
        license_type="journeyman",
        license_type_name="Journeyman Electrician",
        license_number="J-20417",
        course_number="DSB-26-00412",
        minutes=100,
    )
    return replace(SAMPLE, provider_number="DSB-P-0031", participants=(line,))


def test_every_format_that_a_pack_may_name_is_a_module() -> None:
    modules = {path.stem for path in Path(formats.__file__).parent.glob("[!_]*.py")}
    assert modules | {"none"} == packs.FORMATS


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        (SHIPPED / "us-tx-tdlr-electricians", "sample.txt"),
        (DEMO / "demo-state-board", "sample.json"),
    ],
)
def test_the_sample_beside_the_pack_is_what_is_written(folder: Path, name: str) -> None:
    pack = packs.read(folder)
    written = WRITTEN[pack.layout.format].write(sample_for(pack), pack.layout)
    assert (folder / name).read_bytes() == written


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parents[2].name)
def test_the_sample_of_a_demo_provider_is_a_roster_of_its_own_board(path: Path) -> None:
    pack, content = packs.read(path.parent), path.read_bytes()
    sample = json.loads(content)
    (line,) = sample["lines"]
    kind = pack.license_type(line["license_type"])
    assert kind
    assert not pack.number_warning(line["license_number"])
    participant = Participant(
        line_id=line["line_id"],
        holder_name=line["name"],
        license_type=kind.id,
        license_type_name=kind.name,
        license_number=line["license_number"],
        course_title="",
        course_number=line["course_number"],
        completed_on=date.fromisoformat(line["completion_date"]),
        minutes=line["minutes"],
    )
    roster = Roster(
        sample["roster_id"], pack.name, "", sample["provider_number"], "", (participant,)
    )
    assert demo_board_json.write(roster, pack.layout) == content


def test_every_format_that_a_pack_may_name_is_written() -> None:
    assert WRITTEN.keys() | {"none"} == packs.FORMATS
    assert ANSWERED.keys() <= WRITTEN.keys()


def test_the_texas_list_has_the_fields_in_the_order_of_the_rule(texas: Pack) -> None:
    text = typein_list.write(sample_for(texas), texas.layout).decode()
    places = [
        text.index(label)
        for label in (
            "Course name:",
            "Course number:",
            "Completion date:",
            "Provider name:",
            "Provider number:",
            "Location taught:",
            "Participants certified:",
            "#  Name          License type            License number",
            "1  José O'Neill  Journeyman Electrician  0123456",
            "Record fees owed:",
        )
    ]
    assert places == sorted(places)


def test_a_name_cannot_smuggle_in_a_row(texas: Pack) -> None:
    sly = replace(SAMPLE.participants[0], holder_name="Ann\n2\tBob\tMaster Electrician\t999")
    text = typein_list.write(replace(SAMPLE, participants=(sly,)), texas.layout).decode()
    rows = [line for line in text.splitlines() if line.startswith(("1 ", "2 "))]
    assert rows == ["1  Ann 2 Bob Master Electrician 999  Journeyman Electrician  0123456"]


def test_the_board_is_sent_exactly_these_keys(demo_board: Pack) -> None:
    roster = json.loads(demo_board_json.write(sample_for(demo_board), demo_board.layout))
    assert list(roster) == ["provider_number", "roster_id", "lines"]
    assert list(roster["lines"][0]) == [
        "line_id",
        "course_number",
        "completion_date",
        "minutes",
        "license_type",
        "license_number",
        "name",
    ]
    assert roster["lines"][0]["completion_date"] == "2026-12-28"


def test_a_receipt_is_read() -> None:
    assert demo_board_json.read_receipt(b'{"receipt_id":"R1","received":2}') == Receipt("R1", 2)


def test_verdicts_are_read_line_by_line() -> None:
    body = {
        "receipt_id": "R1",
        "roster_id": "X",
        "state": "decided",
        "lines": [
            {"line_id": "a", "verdict": "accepted", "confirmation": "DSB-1", "code": ""},
            {"line_id": "b", "verdict": "rejected", "code": "name_mismatch", "message": "Other."},
        ],
    }
    decision = demo_board_json.read_decision(json.dumps(body).encode())
    assert decision.lines == (
        LineVerdict("a", "accepted", "DSB-1"),
        LineVerdict("b", "rejected", "", "name_mismatch", "Other."),
    )


@given(body=st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["receipt_id", "roster_id", "lines", "verdict"]), inner),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_any_other_answer_is_unreadable_and_nothing_worse(body: bytes) -> None:
    for read in (demo_board_json.read_receipt, demo_board_json.read_decision):
        try:
            read(body)
        except Unreadable:
            continue
    assert isinstance(demo_board_json.read_errors(body), str)


SECRET = b"shared"
BODY = b'{"receipt_id":"R1"}'


def signed(body: bytes, at: int, secret: bytes = SECRET) -> dict[str, str]:
    digest = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"demo-board-timestamp": str(at), "demo-board-signature": f"v1={digest}"}


def test_a_genuine_notice_is_believed() -> None:
    assert demo_board_json.is_signed(signed(BODY, 1000), BODY, secret=SECRET, now=1010.5)


@pytest.mark.parametrize(
    ("headers", "body", "now"),
    [
        ({}, BODY, 1000),
        (signed(BODY, 1000, b"other"), BODY, 1000),
        (signed(BODY, 1000), BODY + b" ", 1000),
        (signed(BODY, 1000), BODY, 1301),
        (signed(BODY, 1000), BODY, 699),
        ({**signed(BODY, 1000), "demo-board-timestamp": "1001"}, BODY, 1000),
        ({**signed(BODY, 1000), "demo-board-timestamp": "٣"}, BODY, 1000),
        ({**signed(BODY, 1000), "demo-board-signature": "v0=00"}, BODY, 1000),
        ({**signed(BODY, 1000), "demo-board-signature": "v1=é"}, BODY, 1000),
    ],
)
def test_forged_altered_and_stale_notices_are_not(
    headers: dict[str, str], body: bytes, now: float
) -> None:
    assert not demo_board_json.is_signed(headers, body, secret=SECRET, now=now)
