"""The planner against a program that tries every choice of courses, and on cases from paper."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import chain, combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from creditable.credit import atlas, planner, verdicts
from creditable.credit.case import Case, Completion, HeldLicense
from creditable.credit.demands import MODES
from creditable.credit.planner import Choice, Goal

END = date(2026, 12, 31)
ROWS = atlas.rows()


PASSED = {"jurisprudence_exam": True}  # which gives an hour of ethics


def goal(row: str, *held: Completion, expires: date | None = END, **facts: Any) -> Goal:
    pack = atlas.find(row)
    license = HeldLicense(type=pack.license_types[0].id, expires=expires)
    return Goal(pack, Case(pack.id, license, completions=held, facts=facts))


def hours(units: int, *, day: int = 0, name: str = "", mode: str = "", **topics: int) -> Completion:
    return Completion(
        course=name or f"day {day}",
        finished=date(2026, 6, 1) + timedelta(days=day),
        units=Fraction(units),
        topics={topic: Fraction(amount) for topic, amount in topics.items()},
        mode=mode or "self_paced",
    )


def choice(name: str, cost: int, **at: Completion) -> Choice:
    packs = {row.replace("_", "-"): atlas.find(row.replace("_", "-")).id for row in at}
    return Choice(name, cost, {packs[row.replace("_", "-")]: each for row, each in at.items()})


def names(plan: planner.Plan) -> list[str]:
    return [each.name for each in plan.choices]


def test_the_cheaper_of_two_alike_is_taken() -> None:
    offered = [
        choice("dear", 30, US_NE_ELEC=hours(6, day=1, nec=6)),
        choice("cheap", 20, US_NE_ELEC=hours(6, day=2, nec=6)),
        choice("other", 25, US_NE_ELEC=hours(6, day=3, nec=6)),
    ]
    found = planner.plan([goal("US-NE-ELEC")], offered)
    assert names(found) == ["cheap", "other"]
    assert found.is_least
    assert found.lacking == (0,)


def test_two_short_courses_may_cost_less_than_a_long_one() -> None:
    offered = [
        choice("all", 50, US_NE_ELEC=hours(12, day=1, nec=12)),
        choice("half", 20, US_NE_ELEC=hours(6, day=2, nec=6)),
        choice("rest", 25, US_NE_ELEC=hours(6, day=3, nec=6)),
    ]
    assert names(planner.plan([goal("US-NE-ELEC")], offered)) == ["half", "rest"]


def test_one_course_may_serve_two_licenses() -> None:
    both = choice("both", 30, US_NE_ELEC=hours(12, day=1, nec=12), US_TX_TDLR_ELEC=hours(4, day=1))
    offered = [
        choice("Nebraska's", 20, US_NE_ELEC=hours(12, day=2, nec=12)),
        choice("Texas's", 20, US_TX_TDLR_ELEC=hours(4, day=3)),
        both,
    ]
    goals = [goal("US-NE-ELEC"), goal("US-TX-TDLR-ELEC")]
    assert sum(each.cost for each in planner.plan(goals, offered).choices) <= 40


def test_what_is_held_already_is_not_bought_again() -> None:
    held = hours(12, day=1, name="C", nec=12)
    again = choice("again", 1, US_NE_ELEC=hours(12, day=9, name="C", nec=12))
    assert planner.plan([goal("US-NE-ELEC", held)], [again]).choices == ()


def test_where_all_courses_are_not_enough_the_plan_goes_as_far_as_they_do() -> None:
    offered = [
        choice("four", 20, US_NE_ELEC=hours(4, day=1, nec=4)),
        choice("the same", 5, US_NE_ELEC=hours(4, day=2, name="day 1", nec=4)),
    ]
    found = planner.plan([goal("US-NE-ELEC")], offered)
    assert names(found) == ["the same"]
    assert found.lacking == (8,)


def test_a_course_that_adds_nothing_alone_may_take_the_place_of_one_that_is_limited() -> None:
    row = "US-TX-BHEC-LPC"  # one hour by mail counts; 24 hours, 6 of ethics, 3 of cultural matters
    held = [
        hours(9, day=-1, name="room", mode="in_person"),
        hours(1, day=-2, name="mail", mode="correspondence"),
    ]
    ethics = hours(1, day=2, name="ethics by mail", mode="correspondence", ethics=1)
    room = hours(6, day=1, name="more", mode="in_person")
    assert goal(row, *held, **PASSED).lacks() == goal(row, *held, ethics, **PASSED).lacks() == 13
    offered = [choice("ethics", 1, **{row: ethics}), choice("room", 1, **{row: room})]
    found = planner.plan([goal(row, *held, **PASSED)], offered)
    assert set(names(found)) == {"ethics", "room"}
    assert found.lacking == (7,)
    assert found.is_least


def test_hours_that_something_else_gives_which_must_be_done_anyway_are_not_planned() -> None:
    row = "US-TX-BHEC-LPC"  # of 24 hours 6 of ethics; the exam must be passed and gives one
    held = [hours(18, day=-1, mode="in_person", cultural=3)]
    offered = [
        choice(f"ethics {day}", day, **{row: hours(1, day=day, name=f"{day}", ethics=1)})
        for day in range(1, 8)
    ]
    open_exam = planner.plan([goal(row, *held, jurisprudence_exam=False)], offered)
    assert names(open_exam) == [f"ethics {day}" for day in range(1, 6)]
    assert open_exam == planner.plan([goal(row, *held, **PASSED)], offered)
    assert open_exam.lacking == (0,)


def test_nothing_is_planned_where_nobody_knows_what_is_asked() -> None:
    rows = [row for row in ROWS if goal(row).lacks() is None]
    assert rows
    offered = [choice("any", 10, **{row: hours(4, day=1) for row in rows})]
    found = planner.plan([goal(row) for row in rows], offered)
    assert found.choices == ()
    assert set(found.lacking) == {None}


def test_a_search_that_is_cut_short_says_so_and_still_gives_a_plan() -> None:
    offered = [choice(f"C{n}", 10 + n, US_NE_ELEC=hours(n + 1, day=n, nec=n + 1)) for n in range(9)]
    found = planner.plan([goal("US-NE-ELEC")], offered, looks=3)
    assert not found.is_least
    assert found.lacking == (0,)
    whole = planner.plan([goal("US-NE-ELEC")], offered)
    assert whole.is_least
    assert sum(each.cost for each in whole.choices) <= sum(each.cost for each in found.choices)


@st.composite
def puzzles(draw: st.DrawFn) -> tuple[list[Goal], list[Choice]]:
    """One or two licenses, with hours that are held, and up to six courses for one or both."""
    rows = draw(st.lists(st.sampled_from(ROWS), min_size=1, max_size=2, unique=True))
    topics = {row: ["general", *atlas.topics(atlas.find(row))] for row in rows}

    def completion(row: str, day: int) -> Completion:
        units = draw(st.integers(1, 16))
        topic, inside = draw(st.sampled_from(topics[row])), draw(st.integers(0, units))
        return hours(
            units,
            day=day,
            name=draw(st.sampled_from([f"C{day}", f"C{-1 - day}"])),
            mode=draw(st.sampled_from(MODES)),
            **{topic: inside},
        )

    goals = [
        goal(row, *(completion(row, -1 - n) for n in range(draw(st.integers(0, 2)))))
        for row in rows
    ]
    choices = []
    for number in range(draw(st.integers(1, 6))):
        serves = draw(st.lists(st.sampled_from(rows), min_size=1, unique=True))
        stated = {atlas.find(row).id: completion(row, number) for row in serves}
        choices.append(Choice(f"{number}", draw(st.integers(1, 9)), stated))
    return goals, choices


def lacking(goals: Sequence[Goal], chosen: Sequence[Choice]) -> list[Fraction | None]:
    return [
        each.lacks(
            [row.completions[each.pack.id] for row in chosen if each.pack.id in row.completions]
        )
        for each in goals
    ]


@settings(max_examples=300, deadline=None)
@given(puzzles())
def test_no_choice_of_courses_does_as_much_for_less(
    puzzle: tuple[list[Goal], list[Choice]],
) -> None:
    goals, choices = puzzle
    found = planner.plan(goals, choices)
    reached = lacking(goals, choices)
    every = chain.from_iterable(combinations(choices, n) for n in range(len(choices) + 1))
    least = min(
        sum(each.cost for each in chosen) for chosen in every if lacking(goals, chosen) == reached
    )
    assert list(found.lacking) == reached
    assert sum(each.cost for each in found.choices) == least
    assert found.is_least


@settings(max_examples=200, deadline=None)
@given(puzzles())
def test_whoever_lacks_nothing_has_met_what_hours_can_meet(
    puzzle: tuple[list[Goal], list[Choice]],
) -> None:
    for each in puzzle[0]:
        judgment = verdicts.judge(each.pack, each.case)
        if each.lacks() == 0:
            to_do = {row.words for row in judgment.missing if row.amount is None}
            assert to_do.issuperset(judgment.cure)
        elif judgment.verdict == "met":
            raise AssertionError(judgment)
