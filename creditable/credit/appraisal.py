"""What completions are worth to an authority, before anybody asks for which period."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from creditable.credit.case import Case, Completion
from creditable.credit.conversion import length_of, rounded
from creditable.credit.holder import Doubts, Holder, whole
from creditable.credit.pack import MINUTES, Pack, Rules
from creditable.credit.periods import Calendar, Period
from creditable.credit.phrases import amount_in_words
from creditable.lib.words import say

NOT_TAKEN = "-"


@dataclass(slots=True)
class Credit:
    """What a completion is worth, before anybody asks for which period: units, also by topic."""

    completion: int
    day: date | None
    mode: str
    worth: int = 0
    topics: dict[str, int] = field(default_factory=dict)
    why: str = ""

    def nothing(self, why: str) -> None:
        """It earns nothing, and why."""
        self.worth, self.why = 0, why


class Appraisal:
    """The worth of the completions of one holder, with every doubt settled one way. `lines` tells
    of those that earn nothing why."""

    def __init__(self, holder: Holder, doubts: Doubts, calendar: Calendar) -> None:
        self.holder = holder
        self.pack = holder.pack
        self.doubts = doubts
        self.calendar = calendar
        self.lines: dict[int, tuple[int, str]] = {}
        self._taken: dict[str, list[Completion]] = defaultdict(list)
        self._granted: list[tuple[Completion, int]] = []
        board = self.pack.short_name
        self._minutes_needed = say("how many minutes make an hour with {board}", board=board)
        self._least_needed = say("the least length of a course with {board}", board=board)

    def credits(self, periods: Sequence[Period]) -> list[Credit]:
        """The worth of each completion that earns anything, by day."""
        credits: list[Credit] = []
        for index, row in self.holder.in_order:
            credit = self._after_others(index, row, periods)
            if credit.worth:
                self._taken[row.identity].append(row)
                self._granted.append((row, credit.worth))
                credits.append(credit)
        return credits

    def one_more(self, earlier: "Appraisal", periods: Sequence[Period]) -> list[Credit]:
        """The worth of the last completion of the case, of whose others, all of them before it,
        `earlier` is the appraisal."""
        self._taken, self._granted = earlier._taken, earlier._granted
        self.lines = dict(earlier.lines)
        last = len(self.holder.case.completions) - 1
        credit = self._after_others(last, self.holder.case.completions[last], periods)
        return [credit] if credit.worth else []

    def _after_others(self, index: int, row: Completion, periods: Sequence[Period]) -> Credit:
        """The worth of a completion after those that were credited before it."""
        rules = self._rules_of(row, periods)
        credit = self._credit(index, row, rules)
        earlier = self._taken.get(row.identity, ()) if row.identity else ()
        if credit.worth and self._repeats(row, earlier, rules, periods):
            credit.nothing(say("the same course was credited before (duplicate)"))
        if credit.worth:
            self._withhold(row, credit, self._granted, rules)
        if credit.why:
            self.lines[index] = (credit.worth, credit.why)
        return credit

    def _rules_of(self, row: Completion, periods: Sequence[Period]) -> Rules | None:
        """The rules of the period in which it was finished; of another day, those of now."""
        for period in periods:
            if row.finished and period.holds(row.finished):
                return period.rules
        return periods[0].rules if periods else self.calendar.rules_at(date.max)

    def _credit(self, index: int, row: Completion, rules: Rules | None) -> Credit:
        credit = Credit(index, row.finished, row.mode)
        board = self.pack.short_name
        if row.approved is False and not self._counts_unapproved():
            credit.nothing(say("not approved by {board} (unapproved)", board=board))
            return credit
        unit = self._unit(row, rules)
        stated = whole(row.length, unit)
        worth = stated
        if rules:
            worth = rounded(rules, stated, self.holder.unit, minutes=row.minutes)
            least = self._least(rules, length_of(rules, stated, worth))
            if least:
                amount = self.holder.words(least)
                credit.nothing(say("shorter than the least course of {amount}", amount=amount))
                return credit
        credit.topics = self._topics(row, stated, worth, unit, rules)
        credit.worth = sum(credit.topics.values())
        if not worth:
            credit.why = say("too short to earn anything")
        elif not credit.worth:
            credit.why = say("none of its topics is one that {board} takes", board=board)
        elif worth != stated:
            credit.why = say("rounded to {amount}", amount=self.holder.words(worth))
        elif credit.worth != worth:
            credit.why = say("only topics that {board} takes", board=board)
        return credit

    def _counts_unapproved(self) -> bool:
        if self.pack.approves_courses is not None:
            return not self.pack.approves_courses
        needed = say("whether {board} asks for approved courses", board=self.pack.short_name)
        return self.doubts.settle("approval", needed, good=True, bad=False)

    def _unit(self, row: Completion, rules: Rules | None) -> int:
        """What one of the minutes or units of the completion is in parts."""
        if row.minutes is None:
            return self.holder.unit
        known = rules.minutes_per_hour.value if rules else None
        if known:
            return self.holder.unit // known
        worst, best = MINUTES
        minutes = self.doubts.settle("minutes", self._minutes_needed, good=best, bad=worst)
        return self.holder.unit // minutes

    def _least(self, rules: Rules, length: int) -> int:
        """The least length that a course of that length falls short of; 0 when of none."""
        least = rules.least_hours.value
        if least is None:
            return 0
        low = self.holder.parts(least.low)
        high = low if least.high is None else self.holder.parts(least.high)
        if length >= high:
            return 0
        asked = self.doubts.settle("least", self._least_needed, good=low, bad=high)
        return asked if length < asked else 0

    def _topics(
        self, row: Completion, stated: int, worth: int, unit: int, rules: Rules | None
    ) -> dict[str, int]:
        """The worth by topic. What no topic is told of stands under "", and counts by the word of
        who approved the course; what is in topics that the authority does not take is left out."""
        taken = rules.topics.value if rules else None
        found: dict[str, int] = defaultdict(int)
        for word, amount in row.topics.items():
            topic = self.holder.topic(word)
            if taken is not None and topic not in taken:
                topic = NOT_TAKEN
            found[topic] += whole(amount, unit)
        found[""] += stated - sum(found.values())
        over = stated - worth
        for topic in sorted(found, key=lambda topic: (topic != "", -found[topic])) if over else ():
            cut = min(over, found[topic])
            found[topic] -= cut
            over -= cut
        return {topic: amount for topic, amount in found.items() if amount and topic != NOT_TAKEN}

    def _repeats(
        self,
        row: Completion,
        taken: Sequence[Completion],
        rules: Rules | None,
        periods: Sequence[Period],
    ) -> bool:
        """Whether the authority does not credit the course again."""
        if not taken:
            return False
        how = rules.repeat.value if rules else None
        day = row.finished
        match how:
            case "never":
                return True
            case "term":
                if not periods:
                    return bool(self.doubts.settle("period", "", good=False, bad=True))
                period = next((each for each in periods if day and each.holds(day)), None)
                return period is None or any(
                    not each.finished or period.holds(each.finished) for each in taken
                )
            case "year":
                return any(
                    not each.finished or not day or each.finished.year == day.year for each in taken
                )
        needed = say("whether {board} counts the same course twice", board=self.pack.short_name)
        return bool(self.doubts.settle("repeat", needed, good=False, bad=True))

    def _withhold(
        self,
        row: Completion,
        credit: Credit,
        granted: Sequence[tuple[Completion, int]],
        rules: Rules | None,
    ) -> None:
        """Credits nothing where it would exceed what is credited in 24 hours: no provider may
        grant a part."""
        for limit in rules.limits.value or () if rules else ():
            modes = {*limit.modes, ""}  # what nobody told may be one of them
            if limit.per != "24 hours" or limit.hours is None or row.mode not in modes:
                continue
            recent = sum(
                units for each, units in granted if each.mode in modes and _within_a_day(each, row)
            )
            if recent + credit.worth > self.holder.parts(limit.hours.low):
                most = amount_in_words(limit.hours.low, self.pack.unit)
                credit.nothing(say("withheld: at most {most} are credited in 24 hours", most=most))


def worth_of_last(pack: Pack, case: Case) -> Fraction:
    """The units that the last completion of a case earns from its authority, whatever is needed;
    what nobody knows is left to the authority, and taken as good for the holder."""
    holder, doubts = Holder(pack, case), Doubts(favorable=True)
    calendar = Calendar(holder, doubts)
    now = calendar.current()
    periods = [now, *calendar.earlier(now)] if now else []
    last = len(case.completions) - 1
    for credit in Appraisal(holder, doubts, calendar).credits(periods):
        if credit.completion == last:
            return holder.units(credit.worth)
    return Fraction(0)


def _within_a_day(earlier: Completion, later: Completion) -> bool:
    if earlier.at and later.at and (earlier.at.tzinfo is None) == (later.at.tzinfo is None):
        return later.at - earlier.at < timedelta(hours=24)
    return earlier.finished == later.finished
