"""What completions are worth to an authority, before anybody asks for which period."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from creditable.credit.case import Completion
from creditable.credit.conversion import length_of, units_of
from creditable.credit.holder import Doubts, Holder
from creditable.credit.pack import Rules
from creditable.credit.periods import Calendar, Period
from creditable.credit.phrases import amount_in_words
from creditable.lib.words import say

NOTHING = Fraction(0)
HOURS = (Fraction(60), Fraction(50))  # an hour is one or the other; the first is against the holder
ANY_TOPIC = "?"


@dataclass(slots=True)
class Credit:
    """What a completion is worth, before anybody asks for which period: units, also by topic."""

    completion: int
    day: date | None
    mode: str
    units: Fraction = NOTHING
    topics: dict[str, Fraction] = field(default_factory=dict)
    why: str = ""

    def nothing(self, why: str) -> None:
        """It earns nothing, and why."""
        self.units, self.why = NOTHING, why


class Appraisal:
    """The worth of the completions of one holder, with every doubt settled one way. `lines` tells
    of those that earn nothing why."""

    def __init__(self, holder: Holder, doubts: Doubts, calendar: Calendar) -> None:
        self.holder = holder
        self.pack = holder.pack
        self.doubts = doubts
        self.calendar = calendar
        self.lines: dict[int, tuple[Fraction, str]] = {}

    def credits(self, periods: Sequence[Period]) -> list[Credit]:
        """The worth of each completion that earns anything, by day."""
        credits: list[Credit] = []
        taken: dict[str, list[Completion]] = defaultdict(list)
        granted: list[tuple[Completion, Fraction]] = []
        for index, row in self.holder.in_order:
            rules = self._rules_of(row, periods)
            credit = self._credit(index, row, rules)
            earlier = taken[row.identity] if row.identity else []
            if credit.units and self._repeats(row, earlier, rules, periods):
                credit.nothing(say("the same course was credited before (duplicate)"))
            if credit.units:
                self._withhold(row, credit, granted, rules)
            if credit.why:
                self.lines[index] = (credit.units, credit.why)
            if credit.units:
                taken[row.identity].append(row)
                granted.append((row, credit.units))
                credits.append(credit)
        return credits

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
        per_unit = self._minutes_per_unit(row, rules)
        stated = row.units if row.minutes is None else row.minutes / per_unit
        assert stated is not None
        units = stated
        if rules:
            units = units_of(rules, minutes=row.minutes, units=row.units, per_unit=per_unit)
            least = self._least(rules, length_of(rules, stated, units))
            if least:
                amount = amount_in_words(least, self.pack.unit)
                credit.nothing(say("shorter than the least course of {amount}", amount=amount))
                return credit
        credit.topics = self._topics(row, stated, units, per_unit, rules)
        credit.units = sum(credit.topics.values(), start=NOTHING)
        if not units:
            credit.why = say("too short to earn anything")
        elif not credit.units:
            credit.why = say("none of its topics is one that {board} takes", board=board)
        elif units != stated:
            amount = amount_in_words(units, self.pack.unit)
            credit.why = say("rounded to {amount}", amount=amount)
        elif credit.units != units:
            credit.why = say("only topics that {board} takes", board=board)
        return credit

    def _counts_unapproved(self) -> bool:
        if self.pack.approves_courses is not None:
            return not self.pack.approves_courses
        needed = say("whether {board} asks for approved courses", board=self.pack.short_name)
        return self.doubts.settle("approval", needed, good=True, bad=False)

    def _minutes_per_unit(self, row: Completion, rules: Rules | None) -> Fraction:
        known = rules.minutes_per_hour.value if rules else None
        if known:
            return Fraction(known)
        if row.minutes is None:
            return HOURS[0]
        needed = say("how many minutes make an hour with {board}", board=self.pack.short_name)
        return self.doubts.settle("minutes", needed, good=HOURS[1], bad=HOURS[0])

    def _least(self, rules: Rules, length: Fraction) -> Fraction:
        """The least length that a course of that length falls short of; 0 when of none."""
        least = rules.least_hours.value
        if least is None or (least.high is not None and length >= least.high):
            return NOTHING
        needed = say("the least length of a course with {board}", board=self.pack.short_name)
        high = least.low if least.high is None else least.high
        asked = self.doubts.settle("least", needed, good=least.low, bad=high)
        return asked if length < asked else NOTHING

    def _topics(
        self,
        row: Completion,
        stated: Fraction,
        units: Fraction,
        per_unit: Fraction,
        rules: Rules | None,
    ) -> dict[str, Fraction]:
        """The units by topic; what is in none of the pack's stands under ""."""
        scale = Fraction(1) if row.minutes is None else 1 / per_unit
        found: dict[str, Fraction] = defaultdict(Fraction)
        for word, amount in row.topics.items():
            topic = self.holder.topic(word)
            if topic is None:
                needed = say(
                    "which of its topics {board} means by {topic!r}",
                    board=self.pack.short_name,
                    topic=word,
                )
                topic = self.doubts.settle(f"topic {word}", needed, good=ANY_TOPIC, bad="")
            found[topic] += amount * scale
        found[""] += stated - sum(found.values(), start=NOTHING)
        over = stated - units
        for topic in sorted(found, key=lambda topic: (topic != "", -found[topic])):
            cut = min(over, found[topic])
            found[topic] -= cut
            over -= cut
        taken = rules.topics.value if rules else None
        if taken is not None and row.topics:
            found = {
                topic: amount
                for topic, amount in found.items()
                if topic in taken or topic == ANY_TOPIC
            }
        return {topic: amount for topic, amount in found.items() if amount}

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
        granted: Sequence[tuple[Completion, Fraction]],
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
            if recent + credit.units > limit.hours.low:
                most = amount_in_words(limit.hours.low, self.pack.unit)
                credit.nothing(say("withheld: at most {most} are credited in 24 hours", most=most))


def _within_a_day(earlier: Completion, later: Completion) -> bool:
    if earlier.at and later.at and (earlier.at.tzinfo is None) == (later.at.tzinfo is None):
        return later.at - earlier.at < timedelta(hours=24)
    return earlier.finished == later.finished
