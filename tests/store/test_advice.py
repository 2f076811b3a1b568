"""Which course is named as the next best one."""

from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

from creditable.credit.prospects import Answer, Prospect
from creditable.lib.money import Money
from creditable.store.advice import Advice, best


def offered(title: str, answer: Answer, *, adds: int = 0, cents: int | None = 1000) -> Advice:
    prospect = Prospect("texas", answer, headline="", brings=Fraction(adds))
    version = cast(Any, SimpleNamespace(title=title))
    return Advice(version, None if cents is None else Money(cents), prospect)


def named(*courses: Advice) -> str | None:
    found = best(courses)
    return found.version.title if found else None


def test_the_cheapest_course_that_completes_the_hours_is_best() -> None:
    assert (
        named(
            offered("dear", "yes", adds=120, cents=9000),
            offered("cheap", "yes", adds=120, cents=3900),
            offered("part", "partly", adds=30, cents=100),
        )
        == "cheap"
    )


def test_when_none_completes_them_the_one_that_adds_most_is() -> None:
    assert (
        named(
            offered("short", "partly", adds=30, cents=100),
            offered("long", "partly", adds=60, cents=2000),
            offered("long and cheap", "partly", adds=60, cents=1500),
        )
        == "long and cheap"
    )


def test_a_course_that_one_is_taking_costs_nothing_more() -> None:
    assert (
        named(offered("sold", "yes", adds=120, cents=100), offered("had", "yes", cents=None))
        == "had"
    )


def test_nothing_that_counts_is_no_advice() -> None:
    assert named(offered("other", "no"), offered("unknown", "cannot_tell")) is None
    assert named() is None
