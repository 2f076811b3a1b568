"""The 28 worked examples: each is judged as its rule says on paper.

Verdicts go the way of `./do verdict`: a case as JSON in, the verdict as JSON out. What is no
verdict goes through its own pure function: X05, X18, X20 and X21 (conversion.credited), X13 and X14
(deadlines), X28 (conversion.exam_result). Where an example states no dates, a period around the
history is taken.
"""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from creditable.credit import atlas, case, deadlines, verdicts
from creditable.credit.conversion import Exam, credited, exam_result
from creditable.lib.dates import add_days

EXAMPLES = json.loads((Path(__file__).parent / "data" / "worked_examples.json").read_text())
BY_ID: dict[str, Any] = {example["id"]: example for example in EXAMPLES["examples"]}
MODES = {
    "online": "self_paced",
    "classroom": "in_person",
    "self-study": "self_paced",
    "live webinar": "live_online",
}


def judged(example: Any, **parts: Any) -> Any:
    """The verdict on the example's authority with these parts of a case."""
    stated = {"authority": example["authority"], **parts}
    found = case.read(json.dumps(stated))
    return verdicts.judge(atlas.find(found.authority), found).plain()


def completions(example: Any, day: str) -> list[dict[str, Any]]:
    """The example's history; what it does not date was finished on that day."""
    rows = []
    for line in example["history"]:
        unit = "minutes" if "minutes" in line else "units"
        amount = line["minutes"] if unit == "minutes" else line["hours"]
        row: dict[str, Any] = {"finished": line.get("date", day), unit: amount}
        if "topic" in line:
            row["topics"] = {line["topic"]: amount}
        if "course" in line or "class" in line:
            row["course"] = line.get("course") or line["class"]
        if "mode" in line:
            row["mode"] = MODES[line["mode"]]
        rows.append(row)
    return rows


def lacks(found: Any) -> dict[str, Any]:
    return {row["what"]: row["amount"] for row in found["missing"]}


def test_all_examples_are_here() -> None:
    assert list(BY_ID) == [f"X{number:02}" for number in range(1, 29)]
    tested = {name[5:8].upper() for name in globals() if name.startswith("test_x")}
    tested |= {"X02", "X03", "X07", "X14", "X16", "X18", "X20", "X21"}  # in tables below
    assert tested == set(BY_ID)


@pytest.mark.parametrize("id", ["X01", "X02", "X03"])
def test_x01_to_x03_texas_electricians(id: str) -> None:
    example = BY_ID[id]
    start, end = example["context"]["term"]
    rows = completions(example, "")
    if id == "X01":
        rows[0]["topics"] = {"NEC": 2, "law": 1, "NFPA70E": 1}  # it names the topics alone
    found = judged(
        example,
        license={"type": "journeyman electrician", "issued": start, "expires": end},
        renewal_date=example["context"]["renewal_date"],
        completions=rows,
    )
    expected = example["expect"]
    assert found["verdict"] == expected["verdict"]
    assert found["counted"] == expected["counted"]
    assert lacks(found) == ({"any": expected["missing"]} if "missing" in expected else {})
    if id == "X02":
        assert found["window"] == {"from": "2025-08-01", "to": "2026-08-01"}
    if id == "X03":
        assert "duplicate" in found["lines"][1]["why"]


def test_x04_half_of_the_hours_in_the_room() -> None:
    found = judged(
        BY_ID["X04"],
        license={"type": "unlimited", "expires": "2026-06-30"},
        completions=completions(BY_ID["X04"], "2026-02-01"),
    )
    assert (found["verdict"], found["counted"]) == ("not met", 6)
    (missing,) = found["missing"]
    assert (missing["amount"], missing["modes"]) == (2, ["in_person"])


@pytest.mark.parametrize(
    ("id", "authority", "key"),
    [
        ("X05", "US-NC-NCBEEC-FULL", "credited"),
        ("X18", "US-ND-PE", "credited"),
        ("X20", "US-IL-SE", "credited"),
        ("X21", "IACET", "ceu"),
    ],
)
def test_x05_x18_x20_x21_minutes_become_units(id: str, authority: str, key: str) -> None:
    rules = atlas.find(authority).versions[-1]
    minutes = [row["minutes"] for row in BY_ID[id]["history"]]
    expected = [Fraction(str(value)) for value in BY_ID[id]["expect"][key]]
    assert [credited(rules, Fraction(each)) for each in minutes] == expected
    rows = [{"finished": "2026-02-01", "minutes": each, "mode": "in_person"} for each in minutes]
    found = judged({"authority": authority}, license={"expires": "2026-06-30"}, completions=rows)
    lines = [Fraction(str(line["counted"])) for line in found["lines"]]
    assert lines == (expected if authority != "IACET" else lines)


@pytest.mark.parametrize("id", ["X06", "X07"])
def test_x06_x07_carried_hours_are_no_ethics(id: str) -> None:
    rows = [
        {
            "finished": f"{row['period']}-05-01",
            "units": row["pdh"],
            "topics": {"ethics": row["ethics"]},
        }
        for row in BY_ID[id]["history"]
    ]
    found = judged(BY_ID[id], license={"type": "PE", "expires": "2026-12-31"}, completions=rows)
    expected = BY_ID[id]["expect"]
    assert found["verdict"] == expected["verdict"]
    assert found["carry_in"] == expected["carry_in"]
    assert found["counted"] == 15
    assert lacks(found) == expected.get("missing", {})
    assert found["carry_out"] == 0


def test_x08_the_oldest_hours_are_used_first() -> None:
    found = judged(
        BY_ID["X08"],
        license={"type": "PE", "expires": "2025-11-30"},
        completions=[
            {
                "finished": "2025-05-30",
                "units": 33,
                "topics": {"statutes": 1, "ethics": 1, "harassment": 1},
            },
            {"finished": "2025-10-12", "units": 5, "topics": {"technical": 5}},
        ],
    )
    assert (found["verdict"], found["carry_out"]) == ("met", 5)
    assert (
        found["counted"] - found["required"] - found["carry_out"] == BY_ID["X08"]["expect"]["lost"]
    )


def test_x09_an_hour_of_sixty_minutes() -> None:
    found = judged(
        BY_ID["X09"],
        license={"type": "journeyman", "expires": "2025-07-31"},
        completions=completions(BY_ID["X09"], "2025-03-01"),
    )
    assert found["verdict"] == "not met"
    assert [line["counted"] for line in found["lines"]] == [12.5, 6]
    assert lacks(found) == {"code": 2.5}


def test_x10_enough_hours_and_too_few_code_changes() -> None:
    found = judged(
        BY_ID["X10"],
        license={"type": "J", "expires": "2026-10-01"},
        completions=completions(BY_ID["X10"], "2025-03-01"),
    )
    assert (found["verdict"], found["counted"]) == ("not met", 26)
    assert lacks(found) == {"code_change": 2}


def test_x11_eight_hours_for_each_year_begun() -> None:
    found = judged(
        BY_ID["X11"],
        license={"type": "journey level", **BY_ID["X11"]["context"]},
        completions=completions(BY_ID["X11"], "2022-03-01"),
    )
    assert (found["required"], found["counted"], found["verdict"]) == (24, 20, "not met")
    assert lacks(found) == {"any": 4}


def test_x12_ten_minutes_too_few() -> None:
    found = judged(
        BY_ID["X12"],
        renewal_date=BY_ID["X12"]["context"]["deadline"],
        completions=completions(BY_ID["X12"], "2026-03-01"),
    )
    assert (found["verdict"], found["counted"]) == ("not met", 11.8)
    assert found["missing"][0]["minutes"] == BY_ID["X12"]["expect"]["missing_minutes"]


def test_x13_reports_near_a_renewal_are_due_sooner() -> None:
    example = BY_ID["X13"]
    renewal = date.fromisoformat(example["context"]["renewal_deadline"])
    clock = deadlines.read(
        {
            "days": 30,
            "kind": "calendar",
            "near_renewal": {"window": 30, "days": 10, "kind": "business", "holidays": "us-fl"},
        }
    )
    due = [clock.after(date.fromisoformat(row["completed"]), renewal) for row in example["history"]]
    assert [day.isoformat() for day in due] == example["expect"]["due"]
    assert add_days(renewal, -30) == date.fromisoformat(example["expect"]["window_opens"])
    assert clock.after(date(2026, 8, 28), date(2026, 9, 25)) == date(2026, 9, 14)


@pytest.mark.parametrize(("number", "row"), list(enumerate(BY_ID["X14"]["history"])))
def test_x14_deadlines(number: int, row: Any) -> None:
    completed = date.fromisoformat(row["completed"])
    days = int(row["auth"].split(" days")[0].split(" working")[0].split()[-1])
    written: dict[str, Any] = {"days": days, "kind": "calendar"}
    if "working" in row["auth"]:
        written |= {"kind": "working", "holidays": "us-ma"}
    if "hard stop" in row["auth"]:
        written["stop"] = "12-07"
    due = deadlines.read(written).after(completed)
    assert due.isoformat() == BY_ID["X14"]["expect"]["due"][number]


@pytest.mark.parametrize("id", ["X15", "X16"])
def test_x15_x16_the_examination_is_worth_an_hour_of_ethics(id: str) -> None:
    example = BY_ID[id]
    rows = [row for row in example["history"] if "activity" not in row]
    passed = len(rows) < len(example["history"])
    found = judged(
        example,
        license={"type": "LPC", "expires": "2026-03-31"},
        facts={"jurisprudence_exam": passed},
        completions=completions({"history": rows}, "2025-05-01"),
    )
    assert found["verdict"] == example["expect"]["verdict"]
    assert found["counted"] == example["expect"]["total"]
    expected = {} if passed else {"jurisprudence_exam": None, "ethics": 1}
    assert lacks(found) == expected
    assert found["cure"] == ([] if passed else ["jurisprudence exam (worth 1 hour of Ethics)"])


def test_x17_self_study_counts_to_a_third() -> None:
    found = judged(
        BY_ID["X17"],
        license={"type": "LCSW", "expires": "2026-03-31"},
        completions=completions(BY_ID["X17"], "2025-05-01"),
    )
    assert (found["verdict"], found["counted"]) == ("not met", 32)
    (missing,) = found["missing"]
    assert (missing["amount"], missing["modes"]) == (4, ["in_person", "live_online"])


def test_x19_ten_hours_in_each_profession() -> None:
    (row,) = BY_ID["X19"]["history"]
    found = judged(
        BY_ID["X19"],
        license={"expires": "2026-12-31", "roles": ["dual"]},
        completions=[{"finished": "2026-05-01", "units": sum(row.values()), "topics": row}],
    )
    assert (found["verdict"], found["counted"]) == ("not met", 30)
    assert lacks(found) == {"surveying": 4}


def test_x22_the_rules_of_2024() -> None:
    found = judged(
        BY_ID["X22"],
        license={"type": "PE", "expires": "2024-12-31"},
        completions=[{"finished": "2024-05-01", "units": 24}],
    )
    expected = BY_ID["X22"]["expect"]
    assert (found["required"], found["carry_out"]) == (expected["required"], expected["carry_out"])
    before = judged(BY_ID["X22"], license={"type": "PE", "expires": "2023-12-31"}, completions=[])
    assert before["required"] == 30


def test_x23_eight_credits_in_24_hours() -> None:
    example = BY_ID["X23"]
    rows = [
        {"finished": row["at"], "units": row["credits"], "mode": "self_paced"}
        for row in example["history"]
    ]
    later = {"finished": "2026-03-03T09:00", "units": 4, "mode": "self_paced"}
    found = judged(example, license={"expires": "2026-12-31"}, completions=[*rows, later])
    granted = [line["counted"] for line in found["lines"]]
    assert granted == [*example["expect"]["granted"], 4]


@pytest.mark.parametrize("number", [0, 1])
def test_x24_grace_and_reinstatement(number: int) -> None:
    example = BY_ID["X24"]
    row = example["history"][number]
    expired, acts = date.fromisoformat(row["expired"]), date.fromisoformat(row["acts_on"])
    assert (acts - expired).days == example["expect"]["days"][number]
    found = judged(
        example,
        license={"expires": row["expired"]},
        renewal_date=row["acts_on"],
        completions=[{"finished": "2026-03-02", "units": 24}],
    )
    assert found["verdict"] == "met"
    assert any(example["expect"]["path"][number] in note for note in found["notes"])


def test_x25_two_further_years() -> None:
    rows = [{"finished": "2024-05-01", "units": 24, "mode": "in_person"}]
    years = {
        year: judged(
            BY_ID["X25"],
            license={"type": "limited", "expires": f"{year}-06-30"},
            completions=rows,
        )
        for year in range(2024, 2028)
    }
    verdict = {year: found["verdict"] for year, found in years.items()}
    assert verdict == {2024: "met", 2025: "met", 2026: "met", 2027: "not met"}
    assert [found["carry_in"] for found in years.values()] == [0, 16, 8, 0]
    assert years[2027]["counted"] == 0


def test_x26_an_hour_for_each_month() -> None:
    months = BY_ID["X26"]["history"][0]["period_months"]
    short = judged(
        BY_ID["X26"],
        license={"expires": "2026-12-31"},
        facts={"period_months": months},
        completions=[],
    )
    assert short["required"] == BY_ID["X26"]["expect"]["required"]
    first = judged(
        BY_ID["X26"], license={"issued": "2025-05-01", "expires": "2026-12-31"}, completions=[]
    )
    assert first["required"] == BY_ID["X26"]["expect"]["first_period_required"]
    assert first["verdict"] == "met"


@pytest.mark.parametrize(
    ("biennium", "lacking"), [(2, {}), (3, {"domestic_violence": 2, "laws": 3})]
)
def test_x27_every_third_biennium(biennium: int, lacking: dict[str, int]) -> None:
    found = judged(
        BY_ID["X27"],
        license={"type": "LMHC", "expires": "2027-03-31"},
        facts={"biennium_index": biennium},
        completions=completions(BY_ID["X27"], "2026-02-01"),
    )
    assert found["verdict"] == ("not met" if lacking else "met")
    assert lacks(found) == lacking


def test_x28_what_an_examination_must_be() -> None:
    rules = atlas.find("US-WA-LNI-ELEC").versions[-1]
    results = [exam_result(rules, Exam(**row)) for row in BY_ID["X28"]["history"]]
    assert results == BY_ID["X28"]["expect"]["result"]
