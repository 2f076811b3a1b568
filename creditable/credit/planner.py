"""Which courses bring licenses to their renewal at the least cost: exact, by branch and bound.

What some courses do for a license is judged by a trial of its case with every doubt settled
against the holder, but for doubts about when. What a course does at most tells what any choice
costs at least: as much as if one could take a part of a course, the cheapest hours first. A course
that serves several licenses shares its cost among them.

The more courses there are, the less another one adds, so none does more than it would alone. But
where a limit leaves out some hours, a course may take their place and let them count for another
demand: there it does at most what would count of it if nothing else were held.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from creditable.credit.case import Case, Completion
from creditable.credit.holder import Doubts, Holder
from creditable.credit.pack import Pack
from creditable.credit.trial import Trial
from creditable.credit.verdicts import PLACING

LOOKS = 2000
"""After so many looks the best plan found so far is given, and said to be no more than that."""
MORE_THAN_ANYBODY_LACKS = 10_000

Lacking = Mapping[int, Fraction]
"""What goals lack, by their place; those that lack nothing are not in it."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A license to be renewed, with what its holder has completed so far."""

    pack: Pack
    case: Case

    def trial(self, added: Sequence[Completion] = ()) -> Trial:
        """How it stands when these completions come to it."""
        case = replace(self.case, completions=(*self.case.completions, *added))
        return Trial(Holder(self.pack, case), Doubts(favorable=False, but=PLACING))

    def lacks(self, added: Sequence[Completion] = ()) -> Fraction | None:
        """The hours missing when these completions come to it and all else is done that must be, in
        the authority's units; None where nobody can tell."""
        trial = self.trial(added)
        lacking = trial.left_to_learn
        is_known = trial.asked is not None and lacking < MORE_THAN_ANYBODY_LACKS
        return lacking if is_known else None


@dataclass(frozen=True, slots=True)
class Choice:
    """A course that can be taken once: its cost, more than nothing, and what its completion states
    to each authority, by the id of its pack, which knows it by a name that no other choice has."""

    name: str
    cost: int
    completions: Mapping[str, Completion]


@dataclass(frozen=True, slots=True)
class Plan:
    """The courses to take. `lacking` is what each goal lacks after them, None where nobody can
    tell; `is_least`: no other choice of courses does as much for less."""

    choices: tuple[Choice, ...]
    lacking: tuple[Fraction | None, ...]
    is_least: bool


def plan(goals: Sequence[Goal], choices: Sequence[Choice], *, looks: int = LOOKS) -> Plan:
    """The cheapest choice that does for every goal what all of the courses together would do."""
    trials = _Trials(goals, choices)
    gains = _gains(trials)
    searches = [_Search(trials, gains, numbers, looks) for numbers in _apart(gains)]
    chosen = sorted(number for search in searches for number in search.best)
    return Plan(
        choices=tuple(choices[number] for number in chosen),
        lacking=tuple(trials.lacks(place, chosen) for place in range(len(goals))),
        is_least=all(search.is_complete for search in searches),
    )


class _Trials:
    """What each goal lacks after some of the choices, tried once."""

    def __init__(self, goals: Sequence[Goal], choices: Sequence[Choice]) -> None:
        self.goals, self.choices = goals, choices
        self._known: dict[tuple[int, tuple[int, ...]], Fraction | None] = {}

    def lacks(self, place: int, chosen: Sequence[int]) -> Fraction | None:
        serving = self._serving(place, chosen)
        key = (place, tuple(serving))
        if key not in self._known:
            self._known[key] = self.goals[place].lacks(list(serving.values()))
        return self._known[key]

    def _serving(self, place: int, chosen: Iterable[int]) -> dict[int, Completion]:
        """What those of the choices that serve a goal state to its authority, in their order."""
        authority = self.goals[place].pack.id
        told = {number: self.choices[number].completions for number in sorted(chosen)}
        return {number: rows[authority] for number, rows in told.items() if authority in rows}

    def gains(self, place: int) -> Mapping[int, Fraction]:
        """What each choice does at most for a goal, wherever it does anything."""
        lacking = self.lacks(place, ())
        if not lacking:
            return {}
        serving = self._serving(place, range(len(self.choices)))
        whole = self.goals[place].trial(list(serving.values()))
        if whole.is_limited:
            held = len(self.goals[place].case.completions)
            gains = {number: whole.alone(held + n) for n, number in enumerate(serving)}
        else:
            gains = {number: lacking - (self.lacks(place, [number]) or 0) for number in serving}
        return {number: gain for number, gain in gains.items() if gain > 0}


def _gains(trials: _Trials) -> list[Lacking]:
    """What each choice does at most for each goal, wherever it does anything."""
    found = {place: trials.gains(place) for place in range(len(trials.goals))}
    return [
        {place: gains[number] for place, gains in found.items() if number in gains}
        for number in range(len(trials.choices))
    ]


def _apart(gains: Sequence[Lacking]) -> list[list[int]]:
    """The choices that serve any goal, in groups that have no goal in common."""
    groups: list[tuple[set[int], list[int]]] = []
    for number, gain in enumerate(gains):
        if gain:
            touched = [group for group in groups if group[0] & gain.keys()]
            groups = [group for group in groups if group not in touched]
            places = set(gain).union(*(places for places, _ in touched))
            groups.append((places, [*(n for _, numbers in touched for n in numbers), number]))
    return [numbers for _, numbers in groups]


class _Search:
    """The cheapest of some choices (`best`) that does for every goal what all of them would do."""

    def __init__(
        self, trials: _Trials, gains: Sequence[Lacking], numbers: Sequence[int], looks: int
    ) -> None:
        self.trials, self.gains, self.looks = trials, gains, looks
        self.costs = [choice.cost for choice in trials.choices]
        self.order = sorted(numbers, key=lambda n: Fraction(self.costs[n]) / sum(gains[n].values()))
        self.kinds = dict(zip(self.order, _kinds(trials, self.order), strict=True))
        self.places = sorted({place for number in numbers for place in gains[number]})
        self.goal = {place: trials.lacks(place, self.order) for place in self.places}
        self.best = self._needed()
        self.best_cost = sum(self.costs[number] for number in self.best)
        self.is_complete = True
        self._look([], 0, self._lacking(()), 0, frozenset())

    def _lacking(self, taken: Sequence[int]) -> Lacking:
        """How far the goals are from what all of the choices would do."""
        lacks = {place: self.trials.lacks(place, taken) for place in self.places}
        gaps = {place: (lacks[place] or 0) - (self.goal[place] or 0) for place in self.places}
        return {place: Fraction(gap) for place, gap in gaps.items() if gap > 0}

    def _needed(self) -> Sequence[int]:
        """What is kept of all the choices when one after the other, the dearest hours first, is
        given back that the rest can do without: a plan to begin with."""
        kept = self.order
        for number in reversed(self.order):
            rest = [other for other in kept if other != number]
            if not self._lacking(rest):
                kept = rest
        return kept

    def _look(
        self,
        taken: Sequence[int],
        cost: int,
        lacking: Lacking,
        first: int,
        passed: frozenset[object],
    ) -> None:
        """Looks at what was `taken`, and at every choice that goes on from it with one from `first`
        on and could be cheaper than the best. Of courses that are alike the cheaper ones are taken
        first: whoever passed one (`passed`) takes none of them."""
        if not lacking:
            if cost < self.best_cost:
                self.best, self.best_cost = taken, cost
            return
        for place in range(first, len(self.order)):
            number = self.order[place]
            if self.kinds[number] in passed:
                continue
            least = self._least(place, lacking, passed)
            if least is None or cost + least >= self.best_cost:
                return
            if not self.looks:
                self.is_complete = False
                return
            self.looks -= 1
            now, spent = [*taken, number], cost + self.costs[number]
            self._look(now, spent, self._lacking(now), place + 1, passed)
            passed |= {self.kinds[number]}

    def _least(self, first: int, lacking: Lacking, passed: frozenset[object]) -> Fraction | None:
        """What it costs at least to do the rest with the courses from `first` on; None where they
        cannot."""
        ahead = [n for n in self.order[first:] if self.kinds[n] not in passed]
        sharing = {n: len(lacking.keys() & self.gains[n].keys()) for n in ahead}
        total = Fraction(0)
        for place, gap in lacking.items():
            serving = [n for n in ahead if place in self.gains[n]]
            each = {n: self.costs[n] / (sharing[n] * self.gains[n][place]) for n in serving}
            left = gap
            for number in sorted(serving, key=each.__getitem__):
                part = min(left, self.gains[number][place])
                total += part * each[number]
                left -= part
            if left:
                return None
        return total


def _kinds(trials: _Trials, numbers: Sequence[int]) -> Iterator[object]:
    """What is alike of courses that do the same: what they state to each authority, and whether it
    knows them already."""
    known = {(goal.pack.id, row.identity) for goal in trials.goals for row in goal.case.completions}
    for number in numbers:
        yield frozenset(
            (
                authority,
                row.identity if (authority, row.identity) in known else "",
                (row.minutes, row.units, row.mode, row.provider, row.approved),
                frozenset(row.topics.items()),
            )
            for authority, row in trials.choices[number].completions.items()
        )
