"""The flow against a program that tries every use of every hour."""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from creditable.credit.allocation import Allocation, Demand, Supply, allocate


class Tried(NamedTuple):
    """One way to use the hours: for each supply how much counts, and how far minimums fill."""

    counted: tuple[int, ...]
    filled: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counted)


Puzzle = tuple[list[Supply], list[Demand], list[int], int]

OUTER_MINIMUM, INNER_MINIMUM, OTHER_MINIMUM = 0, 1, 2
DOORS = [(), (0,), (1,), (2,), (0, 2), (1, 2)]
LIMITS = [(), (0,), (0, 1), (2,)]


@st.composite
def puzzles(draw: st.DrawFn) -> Puzzle:
    """Up to four supplies; a minimum with another inside it, and one beside them; a limit with
    another inside it, and one beside them."""
    small = st.integers(0, 3)
    supplies = draw(
        st.lists(
            st.builds(
                Supply,
                amount=small,
                minimums=st.sampled_from(DOORS),
                limits=st.sampled_from(LIMITS),
                worth=st.integers(0, 2),
            ),
            max_size=4,
        )
    )
    minimums = [
        Demand(draw(small)),
        Demand(draw(small), around=OUTER_MINIMUM),
        Demand(draw(small)),
    ]
    limits = [draw(small) for _ in range(3)]
    return supplies, minimums, limits, draw(st.integers(0, 8))


def every_use(puzzle: Puzzle) -> Iterator[Tried]:
    supplies, minimums, limits, _ = puzzle
    for counted in product(*(range(supply.amount + 1) for supply in supplies)):
        inside = [
            sum(part for part, supply in zip(counted, supplies, strict=True) if n in supply.limits)
            for n in range(len(limits))
        ]
        if any(amount > limit for amount, limit in zip(inside, limits, strict=True)):
            continue
        for split in product(
            *(
                divisions(part, len(supply.minimums))
                for part, supply in zip(counted, supplies, strict=True)
            )
        ):
            reached = [0] * len(minimums)
            for parts, supply in zip(split, supplies, strict=True):
                for part, minimum in zip(parts, supply.minimums, strict=True):
                    reached[minimum] += part
            reached[OUTER_MINIMUM] += reached[INNER_MINIMUM]
            filled = [
                min(got, demand.amount) for got, demand in zip(reached, minimums, strict=True)
            ]
            yield Tried(counted, tuple(filled))


def divisions(amount: int, doors: int) -> list[tuple[int, ...]]:
    """Every way to send an amount, or a part of it, through so many doors."""
    return [parts for parts in product(range(amount + 1), repeat=doors) if sum(parts) <= amount]


def serves(tried: Tried, puzzle: Puzzle) -> bool:
    _, minimums, _, required = puzzle
    return tried.total >= required and all(
        got == demand.amount for got, demand in zip(tried.filled, minimums, strict=True)
    )


def found(puzzle: Puzzle) -> Allocation:
    return allocate(*puzzle)


@settings(max_examples=400, deadline=None)
@given(puzzles())
def test_no_use_of_the_hours_serves_more(puzzle: Puzzle) -> None:
    ways, best = list(every_use(puzzle)), found(puzzle)
    assert best.total == max(way.total for way in ways)
    assert sum(best.filled) == max(sum(way.filled) for way in ways)
    _, minimums, _, required = puzzle
    enough = best.total >= required and list(best.filled) == [row.amount for row in minimums]
    assert enough == any(serves(way, puzzle) for way in ways)


@settings(max_examples=400, deadline=None)
@given(puzzles())
def test_what_is_worth_keeping_is_kept(puzzle: Puzzle) -> None:
    supplies = puzzle[0]
    serving = [way for way in every_use(puzzle) if serves(way, puzzle)]
    if not serving:
        return

    def worth(parts: tuple[int, ...]) -> int:
        return sum(part * supply.worth for part, supply in zip(parts, supplies, strict=True))

    assert worth(found(puzzle).used) == min(worth(way.counted) for way in serving)
