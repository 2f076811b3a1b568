"""A course is complete when everything on its checklist is done, and the list says what is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditable.learning.requirements import (
    Admission,
    Allowance,
    Facts,
    LessonFact,
    Tried,
    admission,
    met,
    studied,
    together,
)

DONE = Facts(
    lessons=(LessonFact("One", 600, 600), LessonFact("Two", 6600, 6600)),
    credit_seconds=7200,
    attested=True,
    best_percent=85,
    pass_percent=70,
)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DELAY = timedelta(minutes=5)


def test_everything_done_is_complete() -> None:
    assert met(DONE).met
    assert met(DONE).missing == ()


def test_three_things_done_and_one_not_reads_so() -> None:
    checklist = met(replace(DONE, best_percent=65))
    assert [item.met for item in checklist.items] == [True, True, True, False]
    (missing,) = checklist.missing
    assert missing.words == "Pass the exam with 70% or more"
    assert missing.status == "best score 65%"


def test_one_second_short_is_not_enough() -> None:
    short = replace(DONE, lessons=(LessonFact("One", 600, 599), LessonFact("Two", 6600, 6600)))
    assert [item.name for item in met(short).missing] == ["lessons", "time"]
    assert studied(short).items[0].status == "1 of 2 done"


def test_too_much_time_in_one_lesson_does_not_replace_another() -> None:
    uneven = replace(DONE, lessons=(LessonFact("One", 600, 9000), LessonFact("Two", 6600, 0)))
    assert [item.name for item in met(uneven).missing] == ["lessons"]


def test_a_course_without_lessons_is_never_complete() -> None:
    assert not met(replace(DONE, lessons=(), credit_seconds=0)).met


def test_time_is_said_in_hours_and_minutes() -> None:
    assert studied(DONE).items[1].words == "2 h of seat time"
    assert studied(replace(DONE, credit_seconds=5400)).items[1].words == "1 h 30 min of seat time"


@given(
    st.integers(0, 7200),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 100)),
    st.integers(1, 100),
)
def test_nothing_is_complete_without_time_declaration_and_a_passed_exam(
    seconds: int, attested: bool, best: int | None, mark: int
) -> None:
    facts = Facts((LessonFact("One", 3600, seconds),), 3600, attested, best, mark)
    assert met(facts).met == (seconds >= 3600 and attested and best is not None and best >= mark)


def admit(
    *,
    complete: bool = False,
    studied: bool = True,
    passed: bool = False,
    short: bool = False,
    tried: list[Tried] | None = None,
    attempts: int = 3,
) -> Admission:
    return admission(
        complete=complete,
        studied=studied,
        passed=passed,
        short=short,
        tried=tried or [],
        attempts=attempts,
        delay=DELAY,
        now=NOON,
    )


def tried(minutes_ago: int, *, ended: bool = True) -> Tried:
    at = NOON - timedelta(minutes=minutes_ago)
    return Tried(deadline=at, ended=at if ended else None)


def test_the_exam_opens_when_the_time_is_done() -> None:
    assert admit(studied=False).standing == "study"
    assert admit() == Admission("ready", left=3)


def test_the_next_attempt_waits_for_the_delay_and_says_until_when() -> None:
    assert admit(tried=[tried(2)]) == Admission("wait", 2, NOON + timedelta(minutes=3))
    assert admit(tried=[tried(5)]).standing == "ready"


def test_there_is_no_attempt_after_the_last() -> None:
    assert admit(tried=[tried(300), tried(200), tried(100)]).standing == "used_up"


def test_an_open_attempt_goes_on_also_as_the_last_one() -> None:
    running = Tried(deadline=NOON + timedelta(minutes=1), ended=None)
    assert admit(tried=[tried(300), tried(200), running]).standing == "open"


def test_an_attempt_past_its_deadline_counts_as_ended_at_its_deadline() -> None:
    assert admit(tried=[tried(2, ended=False)]) == Admission("wait", 2, NOON + timedelta(minutes=3))


@pytest.mark.parametrize("earlier", [[], [tried(1)], [tried(3), tried(2), tried(1)]])
def test_whoever_has_completed_the_course_needs_no_exam(earlier: list[Tried]) -> None:
    assert admit(complete=True, tried=earlier).standing == "complete"


# The evaluation


@pytest.mark.parametrize(("evaluated", "complete"), [(None, True), (False, False), (True, True)])
def test_an_evaluation_counts_where_the_course_asks_for_one(
    evaluated: bool | None, complete: bool
) -> None:
    checklist = met(replace(DONE, evaluated=evaluated))
    assert checklist.met == complete
    assert ("evaluation" in [item.name for item in checklist.items]) == (evaluated is not None)


# Passing


def test_who_has_passed_takes_no_other_attempt() -> None:
    assert admit(passed=True, tried=[tried(30)]).standing == "passed"
    assert admit(passed=True, studied=False, tried=[tried(30)]).standing == "passed"


def test_who_is_short_of_a_licenses_mark_may_try_again_while_an_attempt_is_left() -> None:
    assert admit(passed=True, short=True, tried=[tried(30)]) == Admission("ready", 2)
    assert admit(passed=True, short=True, tried=[tried(2)]).standing == "wait"
    assert admit(passed=True, short=True, attempts=1, tried=[tried(30)]).standing == "passed"


# More time and more attempts


@pytest.mark.parametrize(
    ("allowance", "minutes"),
    [
        (Allowance(), 40),
        (Allowance(time_percent=150), 60),
        (Allowance(extra_minutes=15), 55),
        (Allowance(time_percent=125, extra_minutes=5), 55),
        (Allowance(time_percent=101), 41),
        (Allowance(extra_attempts=1), 40),
    ],
)
def test_more_time_is_a_share_and_minutes_on_top_and_never_less_than_a_whole_minute(
    allowance: Allowance, minutes: int
) -> None:
    assert allowance.minutes(40) == minutes


def test_of_two_that_hold_the_most_of_each_counts() -> None:
    everywhere, here = Allowance(150, 0, 0), Allowance(100, 10, 2)
    assert together([everywhere, here]) == Allowance(150, 10, 2)
    assert together([]) == Allowance()


@given(st.integers(1, 600), st.integers(100, 400), st.integers(0, 600))
def test_an_allowance_never_takes_time_away(usual: int, percent: int, extra: int) -> None:
    assert Allowance(percent, extra, 0).minutes(usual) >= usual + extra
