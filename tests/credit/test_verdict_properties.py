"""What holds of every verdict, whoever the authority and whatever the hours; and verdicts against
a program that tries every use of every hour."""

import json
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from creditable.credit import atlas, case, verdicts
from creditable.credit.demands import MODES

ROWS = atlas.rows()
DAYS = ["2022-03-01", "2024-07-15", "2025-05-30", "2026-01-02", "2026-06-30", "2026-12-31"]
END = "2026-12-31"


def judged(row: str, completions: list[Any], **parts: Any) -> Any:
    parts.setdefault("license", {"expires": END})
    stated = {"authority": row, "completions": completions, **parts}
    found = case.read(json.dumps(stated))
    return verdicts.judge(atlas.find(row), found).plain()


@st.composite
def histories(draw: st.DrawFn, row: str, most: int = 20) -> list[dict[str, Any]]:
    """Some completions, of topics that the authority knows and of none."""
    topics = [*atlas.describe(atlas.find(row))["topics"], "general"]
    rows = []
    for number in range(draw(st.integers(0, 6))):
        units = draw(st.integers(1, most))
        inside = draw(st.integers(0, units))
        rows.append(
            {
                "course": draw(st.sampled_from([f"C{number}", "C0"])),
                "finished": draw(st.sampled_from(DAYS)),
                "units": units,
                "topics": {draw(st.sampled_from(topics)): inside},
                "mode": draw(st.sampled_from(MODES)),
            }
        )
    return rows


@st.composite
def stories(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]]]:
    row = draw(st.sampled_from(ROWS))
    return row, draw(histories(row))


RANK = {"not met": 0, "cannot tell": 1, "met": 2}


@settings(max_examples=150, deadline=None)
@given(stories(), st.randoms(use_true_random=False))
def test_the_order_in_which_courses_are_told_does_not_matter(story: Any, random: Any) -> None:
    row, rows = story
    unlike = {(each["finished"], each["course"], each["units"]) for each in rows}
    assume(len(unlike) == len(rows))  # of two like courses on a day, which is the second?
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = judged(row, rows), judged(row, shuffled)
    for key in ("verdict", "required", "counted", "carry_in", "carry_out", "needs"):
        assert one[key] == other[key], key


@settings(max_examples=150, deadline=None)
@given(stories(), st.integers(1, 30), st.sampled_from(DAYS))
def test_another_course_never_makes_it_worse(story: Any, units: int, day: str) -> None:
    row, rows = story
    more = {"course": "one more", "finished": day, "units": units, "mode": "in_person"}
    before, after = judged(row, rows), judged(row, [*rows, more])
    assert RANK[after["verdict"]] >= RANK[before["verdict"]]
    if before["verdict"] == after["verdict"] != "cannot tell":
        assert after["counted"] >= before["counted"]


@settings(max_examples=150, deadline=None)
@given(stories())
def test_lines_add_up_to_what_is_counted(story: Any) -> None:
    row, rows = story
    found = judged(row, rows)
    assert sum(line["counted"] for line in found["lines"]) == pytest.approx(found["counted"])
    assert all(line["why"] for line in found["lines"])
    for line, told in zip(found["lines"], rows, strict=True):
        assert 0 <= line["counted"] <= told["units"]


# Nobody told the type of this license: one type lacks 2 hours, another 3 in a period of its own.
OF_TWO_TYPES = (
    "US-CA-BBS",
    [
        {"course": "C0", "finished": "2025-05-30", "units": 19, "mode": "self_paced"},
        {
            "course": "C1",
            "finished": "2025-05-30",
            "units": 15,
            "topics": {"law_and_ethics": 4},
            "mode": "self_paced",
        },
    ],
)


@settings(max_examples=250, deadline=None)
@given(stories())
@example(OF_TWO_TYPES)
def test_the_cure_cures_and_no_part_of_it_would(story: Any) -> None:
    row, rows = story
    found = judged(row, rows)
    assume(found["verdict"] == "not met")
    told = {fact["what"]: True for fact in found["missing"] if fact["amount"] is None}
    lacking = [need for need in found["missing"] if need["amount"] is not None]
    assert rank(row, rows, lacking, told) > 0
    if told:
        return  # what else is to be done may be worth a part of it
    for number, need in enumerate(lacking):
        less = [dict(each) for each in lacking]
        less[number]["amount"] -= min(1, need["amount"])
        if all(each["amount"] >= least(row) for each in less):  # else a longer course is needed
            assert rank(row, rows, less, told) == 0


def least(row: str) -> Fraction:
    known = atlas.find(row).versions[-1].least_hours.value
    return known.low if known else Fraction(0)


def rank(row: str, rows: list[Any], lacking: list[Any], facts: dict[str, bool]) -> int:
    """How good the verdict is when these hours come to those told."""
    added = [
        {
            "course": f"cure {number}",
            "finished": f"2026-11-{number + 1:02}",
            "units": max(need["amount"], float(least(row))),
            "topics": {} if need["what"] == "any" else {need["what"]: need["amount"]},
            "mode": (need["modes"] or ["in_person"])[0],
        }
        for number, need in enumerate(lacking)
        if need["amount"]
    ]
    return RANK[judged(row, [*rows, *added], facts=facts)["verdict"]]


small = st.integers(0, 20)


@settings(max_examples=200, deadline=None)
@given(small, small, small, small)
def test_texas_engineers_as_every_use_of_their_hours_has_it(
    general: int, ethics: int, general_now: int, ethics_now: int
) -> None:
    """15 a year with 1 of ethics; at most 14 go into the next year, never for ethics."""
    ways = [
        general + ethics - used - used_ethics
        for used, used_ethics in product(range(general + 1), range(ethics + 1))
        if used + used_ethics >= 15 and used_ethics >= 1
    ]
    carried = min(14, max(ways, default=0))
    met = carried + general_now + ethics_now >= 15 and ethics_now >= 1
    found = judged(
        "US-TX-TBPELS-PE",
        [
            told("2025-03-01", general, ethics),
            told("2026-03-01", general_now, ethics_now),
        ],
    )
    assert (found["verdict"] == "met") == met
    assert found["verdict"] != "cannot tell"
    assert found["carry_in"] == carried


def told(day: str, general: int, ethics: int) -> dict[str, Any]:
    units = general + ethics
    return {"course": day, "finished": day, "units": units, "topics": {"ethics": ethics}}


@settings(max_examples=200, deadline=None)
@given(*[st.integers(0, 12)] * 4)
def test_illinois_engineers_as_every_use_of_their_hours_has_it(
    old: int, old_ethics: int, new: int, new_ethics: int
) -> None:
    """30 in two years; of what is left at most 15 go on, of the last six months, without the
    mandated topics."""
    best: int | None = None
    for used, used_ethics, used_new, used_new_ethics in product(
        range(old + 1), range(old_ethics + 1), range(new + 1), range(new_ethics + 1)
    ):
        if used + used_ethics + used_new + used_new_ethics + 20 >= 30 and (
            used_ethics + used_new_ethics >= 1
        ):
            best = max(best or 0, min(15, new - used_new))
    base = {"statutes": 1, "harassment": 1}
    found = judged(
        "US-IL-PE",
        [
            {"course": "base", "finished": "2024-02-01", "units": 20, "topics": base},
            {"course": "old", "finished": "2025-05-01", **of(old, old_ethics)},
            {"course": "new", "finished": "2025-10-01", **of(new, new_ethics)},
        ],
        license={"expires": "2025-11-30"},
    )
    assert (found["verdict"] == "met") == (best is not None)
    if best is not None:
        assert found["carry_out"] == best


def of(general: int, ethics: int) -> dict[str, Any]:
    return {"units": general + ethics, "topics": {"ethics": ethics}}


@settings(max_examples=200, deadline=None)
@given(*[st.integers(0, 6)] * 4)
def test_texas_counselors_as_every_use_of_their_hours_has_it(
    ethics: int, cultural: int, mailed_ethics: int, mailed_cultural: int
) -> None:
    """6 of ethics and 3 of culture among 24, of which 1 may be by correspondence."""
    met = any(
        ethics + by_mail >= 6
        and cultural + by_mail_too >= 3
        and 15 + ethics + cultural + by_mail + by_mail_too >= 24
        for by_mail, by_mail_too in product(range(mailed_ethics + 1), range(mailed_cultural + 1))
        if by_mail + by_mail_too <= 1
    )
    rows = [
        {"course": "base", "finished": "2026-02-01", "units": 15, "mode": "in_person"},
        {"course": "e", "mode": "live_online", **in_topic("ethics", ethics)},
        {"course": "c", "mode": "live_online", **in_topic("cultural", cultural)},
        {"course": "me", "mode": "correspondence", **in_topic("ethics", mailed_ethics)},
        {"course": "mc", "mode": "correspondence", **in_topic("cultural", mailed_cultural)},
    ]
    found = judged("US-TX-BHEC-LPC", rows, facts={"jurisprudence_exam": False})
    lacks_only_the_exam = [row["what"] for row in found["missing"]] == ["jurisprudence_exam"]
    assert lacks_only_the_exam == met


def in_topic(topic: str, units: int) -> dict[str, Any]:
    return {"finished": "2026-03-01", "units": units, "topics": {topic: units}}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 600), max_size=5))
def test_minutes_are_units_of_the_authority_s_hour(minutes: list[int]) -> None:
    rows = [
        {"course": f"{n}", "finished": "2026-03-01", "minutes": each, "topics": {"nec": each}}
        for n, each in enumerate(minutes)
    ]
    found = judged("US-NE-ELEC", rows)
    assert found["counted"] == pytest.approx(sum(minutes) / 50, abs=0.0002)
