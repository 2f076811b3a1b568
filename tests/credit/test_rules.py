"""What the Texas rule and the demo board's handbook say, case by case."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditable.credit import pack as packs
from creditable.credit import rules
from creditable.credit.pack import Fact, Pack
from creditable.credit.rules import Approval, License, Line, Window
from tests.credit.conftest import DEMO, SHIPPED

EXAMPLES = json.loads((Path(__file__).parent / "data" / "worked_examples.json").read_text())
BY_ID: dict[str, Any] = {example["id"]: example for example in EXAMPLES["examples"]}
TODAY = date(2026, 11, 22)
TERM_END = date(2027, 6, 15)
COURSE = Approval("TX-1", {"safety": 120}, date(2026, 6, 1), date(2027, 5, 31))
JOURNEYMAN = License("journeyman_electrician", TERM_END)


@pytest.mark.parametrize("example_id", ["X01", "X02", "X03"])
def test_worked_examples_of_texas(texas: Pack, example_id: str) -> None:
    example = BY_ID[example_id]
    in_force = texas.versions[-1]
    term_end = date.fromisoformat(example["context"]["term"][1])
    renewal = date.fromisoformat(example["context"]["renewal_date"])
    within = rules.window(in_force, expires=term_end, renewal=renewal)
    assert within is not None
    lines = [
        Line(row["course"], date.fromisoformat(row["date"]), row["hours"] * 60)
        for row in example["history"]
    ]
    standing = rules.standing(in_force, within, lines)
    expected = example["expect"]
    assert standing.verdict == expected["verdict"].replace(" ", "_")
    assert standing.minutes_counted == expected["counted"] * 60
    assert standing.minutes_missing == expected.get("missing", 0) * 60


def test_the_term_and_the_late_window_are_those_of_the_examples(texas: Pack) -> None:
    in_force = texas.versions[-1]
    timely = rules.window(in_force, expires=date(2026, 6, 15), renewal=date(2026, 6, 10))
    late = rules.window(in_force, expires=date(2026, 6, 15), renewal=date(2026, 8, 1))
    assert timely == Window(date(2025, 6, 16), date(2026, 6, 15))
    assert late == Window(date(2025, 8, 1), date(2026, 8, 1))


def test_a_year_before_a_leap_day_is_the_28th(texas: Pack) -> None:
    in_force = texas.versions[-1]
    late = rules.window(in_force, expires=date(2028, 1, 31), renewal=date(2028, 2, 29))
    assert late == Window(date(2027, 2, 28), date(2028, 2, 29))


def test_the_next_renewal_says_what_is_missing_and_by_when(texas: Pack) -> None:
    held = [Line("TX-9", date(2026, 9, 1), 120), Line("TX-8", date(2025, 1, 5), 120)]
    renewal = rules.renewal(texas, JOURNEYMAN, held, TODAY)
    assert renewal.verdict == "not_met"
    assert renewal.minutes_counted == 120  # the course of 2025 lies before this license's year
    assert renewal.minutes_missing == 120
    assert renewal.window == Window(date(2026, 6, 16), TERM_END)


def test_somebody_who_holds_all_hours_is_done_for_this_renewal(texas: Pack) -> None:
    held = [Line("TX-9", date(2026, 9, 1), 240)]
    renewal = rules.renewal(texas, JOURNEYMAN, held, TODAY)
    assert (renewal.verdict, renewal.minutes_missing) == ("met", 0)


def test_a_renewal_without_an_expiry_date_asks_for_it(texas: Pack) -> None:
    renewal = rules.renewal(texas, License("journeyman_electrician"), [], TODAY)
    assert renewal.verdict == "cannot_tell"
    assert renewal.minutes_needed == 240
    assert renewal.window is None
    assert "expiry date" in renewal.fact_missing
    assert renewal.cure == "Add the expiry date printed on your license."


def test_unknown_hours_leave_a_renewal_unknown(texas: Pack) -> None:
    silent = replace(
        texas,
        versions=tuple(replace(row, hours_needed=Fact(None, None)) for row in texas.versions),
    )
    renewal = rules.renewal(silent, JOURNEYMAN, [], TODAY)
    assert renewal.verdict == "cannot_tell"
    assert renewal.minutes_missing is None
    assert "how many hours" in renewal.fact_missing


def test_first_course_of_the_term_counts_and_leaves_more_to_do(texas: Pack) -> None:
    verdict = rules.verdict(texas, JOURNEYMAN, [COURSE], [], TODAY)
    assert verdict.answer == "partly"
    assert verdict.headline == "Yes: 2 hours count toward your 4 hours"
    assert (verdict.minutes_counted, verdict.minutes_held, verdict.minutes_needed) == (120, 0, 240)
    assert verdict.cure == "2 hours more of approved courses by June 15, 2027."


def test_somebody_who_holds_two_hours_is_done_with_it(texas: Pack) -> None:
    verdict = rules.verdict(texas, JOURNEYMAN, [COURSE], [Line("TX-9", TODAY, 120)], TODAY)
    assert verdict.answer == "yes"
    assert verdict.headline == "Yes: completes your 4 hours"


def test_somebody_who_holds_all_hours_does_not_need_it(texas: Pack) -> None:
    held = [Line("TX-8", TODAY, 120), Line("TX-9", TODAY, 120)]
    verdict = rules.verdict(texas, JOURNEYMAN, [COURSE], held, TODAY)
    assert verdict.answer == "no"
    assert verdict.reasons[0].code == "enough"
    assert "do not carry over" in str(verdict.reasons[0])


def test_without_an_expiry_date_nobody_can_tell(texas: Pack) -> None:
    verdict = rules.verdict(texas, License("master_electrician"), [COURSE], [], TODAY)
    assert verdict.answer == "cannot_tell"
    assert verdict.facts_missing == ("the expiry date of your license",)
    assert verdict.cure == "Add the expiry date printed on your license."


def test_an_expiry_date_beyond_the_term_is_doubted(texas: Pack) -> None:
    license = License("master_electrician", date(2029, 1, 1))
    verdict = rules.verdict(texas, license, [COURSE], [], TODAY)
    assert verdict.answer == "cannot_tell"
    assert "12 months" in verdict.facts_missing[0]


@pytest.mark.parametrize(
    ("approvals", "code"),
    [
        ([], "unapproved"),
        ([replace(COURSE, valid_to=TODAY - timedelta(days=1))], "approval_ended"),
        ([replace(COURSE, valid_from=TODAY + timedelta(days=1))], "not_yet_approved"),
    ],
)
def test_a_course_without_an_approval_in_force_counts_nothing(
    texas: Pack, approvals: list[Approval], code: str
) -> None:
    verdict = rules.verdict(texas, JOURNEYMAN, approvals, [], TODAY)
    assert verdict.answer == "no"
    assert verdict.reasons[0].code == code


def test_approvals_count_on_their_first_and_last_day(texas: Pack) -> None:
    for day in (COURSE.valid_from, COURSE.valid_to):
        license = License("master_electrician", day)
        assert rules.verdict(texas, license, [COURSE], [], day).answer == "partly"


def test_the_same_course_never_counts_twice_in_texas(texas: Pack) -> None:
    long_ago = [Line("TX-1", date(2019, 5, 1), 120)]
    verdict = rules.verdict(texas, JOURNEYMAN, [COURSE], long_ago, TODAY)
    assert verdict.answer == "no"
    assert verdict.reasons[0].code == "duplicate"


def test_the_demo_board_counts_a_course_again_in_the_next_period(demo_board: Pack) -> None:
    license = License("journeyman", date(2027, 12, 31))
    long_ago = [Line("TX-1", date(2025, 12, 31), 100)]
    assert rules.verdict(demo_board, license, [COURSE], long_ago, TODAY).answer == "yes"
    this_period = [Line("TX-1", date(2026, 1, 1), 100)]
    again = rules.verdict(demo_board, license, [COURSE], this_period, TODAY)
    assert (again.answer, again.reasons[0].code) == ("no", "duplicate")


def test_the_demo_board_counts_fifty_minute_hours_in_halves(demo_board: Pack) -> None:
    in_force = demo_board.versions[-1]
    assert rules.credited(in_force, {"safety": 120}) == 100
    assert rules.hours_phrase(100, in_force) == "2 hours"
    assert rules.credited(in_force, {"safety": 49}) == 25
    assert rules.hours_phrase(25, in_force) == "0.5 hours"
    assert rules.own_hours({"safety": 120}, in_force) == "2 hours of 50 minutes"


def test_hours_of_sixty_minutes_or_of_unknown_length_need_no_second_count(texas: Pack) -> None:
    assert rules.own_hours({"safety": 120}, texas.versions[-1]) == ""


def test_a_topic_that_the_authority_does_not_take_counts_nothing(texas: Pack) -> None:
    business = replace(COURSE, topic_minutes={"business": 120})
    verdict = rules.verdict(texas, JOURNEYMAN, [business], [], TODAY)
    assert (verdict.answer, verdict.reasons[0].code) == ("no", "topic")


def test_partly_is_said_of_a_course_whose_hours_do_not_all_count(texas: Pack) -> None:
    mixed = replace(COURSE, topic_minutes={"business": 60, **COURSE.topic_minutes})
    verdict = rules.verdict(texas, JOURNEYMAN, [mixed], [], TODAY)
    assert verdict.answer == "partly"
    assert verdict.headline == "Partly: 2 hours of its 3 count toward your 4 hours"
    hour = replace(COURSE, topic_minutes={"safety": 60})
    verdict = rules.verdict(texas, JOURNEYMAN, [hour], [], TODAY)
    assert verdict.headline == "Yes: 1 hour counts toward your 4 hours"


def test_a_license_type_outside_the_pack_cannot_be_judged(texas: Pack) -> None:
    license = License("electrical_contractor", TERM_END)
    verdict = rules.verdict(texas, license, [COURSE], [], TODAY)
    assert verdict.answer == "cannot_tell"


def test_before_the_rules_we_know_nobody_can_tell(texas: Pack) -> None:
    license = License("master_electrician", date(2010, 6, 1))
    verdict = rules.verdict(texas, license, [COURSE], [], date(2010, 1, 1))
    assert verdict.answer == "cannot_tell"


def test_a_late_renewal_counts_the_year_before_it(texas: Pack) -> None:
    expired = License("master_electrician", TODAY - timedelta(days=10))
    held = [Line("TX-9", TODAY - timedelta(days=300), 120)]
    verdict = rules.verdict(texas, expired, [COURSE], held, TODAY)
    assert verdict.answer == "yes"
    assert "late" in {reason.code for reason in verdict.reasons}


def test_unknown_hours_of_an_authority_stay_unknown(texas: Pack) -> None:
    unknown = replace(texas.versions[-1], hours_needed=Fact(None, None))
    silent = replace(texas, versions=(unknown,))
    verdict = rules.verdict(silent, JOURNEYMAN, [COURSE], [], TODAY)
    assert verdict.answer == "cannot_tell"
    assert "how many hours" in verdict.facts_missing[0]


def test_an_apprentice_is_told_of_the_other_way(texas: Pack) -> None:
    license = License("electrical_apprentice", TERM_END)
    verdict = rules.verdict(texas, license, [COURSE], [], TODAY)
    assert any("apprenticeship" in str(reason) for reason in verdict.reasons)


days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
lines = st.lists(
    st.builds(Line, st.sampled_from(["TX-1", "TX-2", "TX-3", "TX-4"]), days, st.integers(0, 400)),
    max_size=8,
)
PACKS = packs.read_all(SHIPPED, DEMO)
every_pack = st.sampled_from(list(PACKS.values()))


@given(pack=every_pack, history=lines, expires=days, renewal=days)
def test_no_line_is_counted_twice_and_none_outside_the_window(
    pack: Pack, history: list[Line], expires: date, renewal: date
) -> None:
    in_force = pack.versions[-1]
    within = rules.window(in_force, expires=expires, renewal=renewal)
    if within is None:
        assert in_force.late_window_months.value is None
        return
    standing = rules.standing(in_force, within, history)
    counted = [row.line for row in standing.lines if row.status == "counted"]
    assert len(standing.lines) == len(history)
    assert all(within.start <= line.completed_on <= within.end for line in counted)
    assert len({line.course_number for line in counted}) == len(counted)
    assert standing.minutes_counted == sum(line.minutes for line in counted)


@given(pack=every_pack, history=lines, more=lines, expires=days, renewal=days)
def test_more_courses_never_lower_what_counts_for_the_demo_board(
    pack: Pack, history: list[Line], more: list[Line], expires: date, renewal: date
) -> None:
    """Not so in Texas, where an early completion outside the window spoils a later one of the
    same course; there the courses that are not repeated still count."""
    in_force = pack.versions[-1]
    within = rules.window(in_force, expires=expires, renewal=renewal)
    if within is None:
        return
    fresh = [line for line in more if all(line.course_number != h.course_number for h in history)]
    before = rules.standing(in_force, within, history)
    after = rules.standing(in_force, within, [*history, *fresh])
    assert after.minutes_counted >= before.minutes_counted


@given(
    pack=every_pack,
    history=lines,
    expires=st.none() | days,
    on=days,
    topics=st.dictionaries(st.sampled_from(["safety", "law", "yoga"]), st.integers(0, 300)),
)
def test_every_verdict_explains_itself(
    pack: Pack, history: list[Line], expires: date | None, on: date, topics: dict[str, int]
) -> None:
    approval = Approval("TX-1", topics, date(2025, 6, 1), date(2027, 6, 1))
    license = License(pack.license_types[0].id, expires)
    verdict = rules.verdict(pack, license, [approval], history, on)
    assert verdict.reasons
    assert verdict.headline
    assert (verdict.answer == "cannot_tell") == bool(verdict.facts_missing)
    if verdict.answer in ("yes", "partly"):
        assert verdict.minutes_needed is not None
        total = verdict.minutes_held + verdict.minutes_counted
        assert (total >= verdict.minutes_needed) == (verdict.answer == "yes")
        assert 0 < verdict.minutes_counted <= sum(topics.values())


def test_carrying_over_that_is_known_but_not_counted_is_told_in_the_packs_own_words() -> None:
    pack = packs.read(SHIPPED / "us-tx-bhec-counselors")
    course = Approval("LW-1", {"ethics": 60}, date(2026, 2, 1), date(2028, 1, 31))
    held = [Line("LW-0", date(2026, 6, 1), 24 * 60)]
    verdict = rules.verdict(pack, License("lpc", date(2028, 1, 31)), [course], held, TODAY)
    (enough,) = (reason for reason in verdict.reasons if reason.code == "enough")
    assert "At most 10 hours" in enough.words
    assert "not known" not in enough.words
