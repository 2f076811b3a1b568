"""How the hours of one license period are best used for what the period asks."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from creditable.credit.allocation import Demand, Supply, allocate
from creditable.credit.demands import GENERAL, Limit


@dataclass(slots=True)
class Hours:
    """Hours of one completion in one topic. `lives` tells for how many more periods they may be
    carried over, `carried` that they were."""

    completion: int | None
    topic: str
    mode: str
    day: date | None
    amount: int
    lives: int = 0
    carried: bool = False

    def part(self, amount: int) -> "Hours":
        """So much of them, which is all that is left."""
        return Hours(
            self.completion, self.topic, self.mode, self.day, amount, self.lives, self.carried
        )


@dataclass(frozen=True, slots=True)
class Minimum:
    """At least so much in these topics."""

    topics: tuple[str, ...]
    amount: int


@dataclass(frozen=True, slots=True)
class Cap:
    """So much of these hours counts at most. `limit` None: it is what may be carried over."""

    most: int
    members: frozenset[int]
    limit: Limit | None = None

    @classmethod
    def over(cls, hours: Iterable[Hours], most: int, limit: Limit | None = None) -> "Cap":
        return cls(most, frozenset(id(each) for each in hours), limit)


@dataclass(frozen=True, slots=True)
class Use:
    """What counts of each of the hours, what is left for later, and what is short. `room` tells
    what each limit of the period would still let count."""

    counted: Sequence[tuple[Hours, int]]
    left: Sequence[Hours]
    total: int
    short: Sequence[tuple[Minimum, int]]
    short_of_all: int
    room: Sequence[tuple[Limit, int]]

    @property
    def enough(self) -> bool:
        return not self.short and not self.short_of_all


def best_use(
    hours: Sequence[Hours], required: int, minimums: Sequence[Minimum], caps: Sequence[Cap]
) -> Use:
    """The use that serves every demand as far as anything can, and of the hours that may be
    carried over leaves as many as it can: the oldest are used first."""
    groups: dict[tuple[Any, ...], list[Hours]] = defaultdict(list)
    doors_of = {topic: _doors(topic, minimums) for topic in {each.topic for each in hours}}
    for each in hours:
        doors = doors_of[each.topic]
        within = [number for number, cap in enumerate(caps) if id(each) in cap.members]
        within.sort(key=lambda number: -len(caps[number].members))
        worth = min(each.lives, 20) * 4 + 2 * (not within) + bool(doors) if each.lives else 0
        groups[doors, tuple(within), worth].append(each)
    supplies = [Supply(_sum(members), *kind) for kind, members in groups.items()]
    demands = [Demand(row.amount, _around(n, minimums)) for n, row in enumerate(minimums)]
    found = allocate(supplies, demands, [cap.most for cap in caps], required)
    counted: list[tuple[Hours, int]] = []
    left: list[Hours] = []
    for members, used, total in zip(groups.values(), found.used, found.counted, strict=True):
        for each in sorted(members, key=lambda row: row.day or date.min):
            part, gone = min(each.amount, total), min(each.amount, used)
            counted.append((each, part))
            total, used = total - part, used - gone  # noqa: PLW2901 - what is left of the group's
            if each.lives and each.amount > gone:
                left.append(each.part(each.amount - gone))
    short = _short(minimums, found.filled)
    return Use(
        counted=counted,
        left=left,
        total=found.total,
        short=short,
        short_of_all=max(0, required - found.total - sum(gap for _, gap in short)),
        room=[
            (cap.limit, cap.most - sum(part for each, part in counted if id(each) in cap.members))
            for cap in caps
            if cap.limit and cap.limit.per == "renewal"
        ],
    )


def over_a_day(hours: Iterable[Hours], most: int) -> Iterator[list[Hours]]:
    """The hours of each day on which more was done than counts. A course longer than that ran
    over several days, and nobody knows how much of it was on the last one."""
    hours = list(hours)
    courses: dict[int | None, int] = defaultdict(int)
    for each in hours:
        courses[each.completion] += each.amount
    days: dict[date, list[Hours]] = defaultdict(list)
    for each in hours:
        if each.day and courses[each.completion] <= most:
            days[each.day].append(each)
    for members in days.values():
        if _sum(members) > most:
            yield members


def _doors(topic: str, minimums: Sequence[Minimum]) -> tuple[int, ...]:
    """The innermost minimums that take hours of that topic."""
    topic = topic or GENERAL
    taking = [n for n, row in enumerate(minimums) if topic in row.topics]
    return tuple(n for n in taking if not any(_lies_in(m, n, minimums) for m in taking))


def _around(number: int, minimums: Sequence[Minimum]) -> int | None:
    """The smallest minimum that this one lies in."""
    outer = [n for n in range(len(minimums)) if _lies_in(number, n, minimums)]
    return min(outer, key=lambda n: len(minimums[n].topics), default=None)


def _lies_in(inner: int, outer: int, minimums: Sequence[Minimum]) -> bool:
    return set(minimums[inner].topics) < set(minimums[outer].topics)


def _short(minimums: Sequence[Minimum], filled: Sequence[int]) -> list[tuple[Minimum, int]]:
    """What each minimum lacks beyond what those within it lack: hours that cure these serve it."""
    gaps = [row.amount - full for row, full in zip(minimums, filled, strict=True)]
    own = list(gaps)
    for inner, gap in enumerate(gaps):
        outer = _around(inner, minimums)
        if outer is not None:
            own[outer] -= max(gap, own[inner])
    return [(row, gap) for row, gap in zip(minimums, own, strict=True) if gap > 0]


def _sum(hours: Iterable[Hours]) -> int:
    return sum(each.amount for each in hours)
