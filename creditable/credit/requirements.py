"""What a license period asks of its holder."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction

from creditable.credit.demands import Instead, Span, When
from creditable.credit.demands import Minimum as Rule
from creditable.credit.holder import Doubts, Holder
from creditable.credit.pack import Rules
from creditable.credit.periods import DAY, Period, months_between
from creditable.credit.phrases import topic_names
from creditable.credit.usage import Minimum
from creditable.lib.dates import months_before
from creditable.lib.words import say

NOTHING = Fraction(0)
MORE_THAN_ANYBODY_HAS = Fraction(1_000_000)


class Requirements:
    """What is asked of one holder, with every doubt settled one way."""

    def __init__(self, holder: Holder, doubts: Doubts) -> None:
        self.holder = holder
        self.pack = holder.pack
        self.case = holder.case
        self.doubts = doubts

    def required(
        self, period: Period | None, rules: Rules | None
    ) -> tuple[int | None, list[Minimum], str]:
        """The hours needed (None: unknown, and taken as more than anybody has), the minimums
        among them, and why they are other than usual."""
        if self.holder.facts.get("waiver"):
            return 0, [], say("A waiver was granted.")
        usual = None
        unknown = Span(NOTHING, None)
        minimums: Sequence[Rule] = ()
        if rules is not None:
            hours = rules.hours_needed.value
            usual = None if hours is None else Span(hours, hours)
            minimums = rules.minimums.value or ()
        for other in (rules.instead.value or ()) if rules else ():
            if self._applies(other, period, usual):
                assert rules is not None
                span = self._instead(other, period)
                if other.minimums is not None:
                    minimums = other.minimums
                if span == Span(NOTHING, NOTHING):
                    minimums = ()
                return self._settled(span), self._asked(minimums, period), other.why
        return self._settled(usual or unknown, rules), self._asked(minimums, period), ""

    def done(self, fact: str, period: Period | None) -> bool:
        value = self.holder.facts.get(fact)
        ask = next(each for each in self.pack.asks if each.name == fact)
        if value is None and not ask.unless_told_no:
            return bool(
                self.doubts.settle(
                    f"fact {fact}", f"facts.{fact}: {ask.says}", good=True, bad=False
                )
            )
        if isinstance(value, date) and period is not None:
            return period.holds(value)
        return bool(value)

    def _settled(self, span: Span, rules: Rules | None = None) -> int | None:
        unruled = [self.doubts.seen[key] for key in ("type", "rules") if key in self.doubts.seen]
        note = rules.hours_needed.note if rules and rules.hours_needed.value is None else ""
        needed = say("how many hours {board} asks for", board=self.pack.short_name) + (
            f" ({note})" if note else ""
        )
        needed = unruled[0] if rules is None and unruled else needed
        found = self.doubts.settle("hours", needed, good=span.low, bad=span.high)
        return None if found is None else self.holder.parts(found)

    def _instead(self, other: Instead, period: Period | None) -> Span:
        if other.hours is not None:
            return other.hours
        assert period is not None
        told = self.holder.facts.get("period_months")
        if told is not None:
            months, part = int(told), told % 1 != 0
        else:
            months, part = months_between(period.start, period.end)
        if other.per_month is not None:
            return Span(other.per_month * months, other.per_month * (months + part))
        assert other.per_started_year is not None
        years = -(-(months + part) // 12)
        return Span(other.per_started_year * years, other.per_started_year * years)

    def _applies(self, other: Instead, period: Period | None, usual: Span | None) -> bool:
        holds, needed = self._holds(other.when, period)
        if holds is not None:
            return holds
        easier = other.hours is None or usual is None or other.hours.low <= usual.low
        return bool(self.doubts.settle(f"instead {other.why}", needed, good=easier, bad=not easier))

    def _asked(self, minimums: Iterable[Rule], period: Period | None) -> list[Minimum]:
        """The minimums that hold, with one amount each."""
        found = []
        for row in minimums:
            holds, needed = self._holds(row.when, period)
            if holds is None:
                holds = bool(self.doubts.settle(f"when {needed}", needed, good=False, bad=True))
            if not holds:
                continue
            name = topic_names(self.pack, row.topics)
            how_much = say(
                "how many hours in {topic} {board} asks for", topic=name, board=self.pack.short_name
            )
            high = MORE_THAN_ANYBODY_HAS if row.hours.high is None else row.hours.high
            amount = self.doubts.settle(f"minimum {name}", how_much, good=row.hours.low, bad=high)
            if amount:
                found.append(Minimum(row.topics, self.holder.parts(amount)))
        return found

    def _holds(self, when: When, period: Period | None) -> tuple[bool | None, str]:
        """Whether the condition holds; None with what we would have to know."""
        unknown: list[str] = []
        for holds, needed in self._parts(when, period):
            if holds is False:
                return False, ""
            if holds is None:
                unknown.append(needed)
        return (None, "; ".join(unknown)) if unknown else (True, "")

    def _parts(self, when: When, period: Period | None) -> Iterator[tuple[bool | None, str]]:
        if when.types:
            among = [kind.id in when.types for kind in self.holder.kinds]
            yield (
                among[0] if among and all(each == among[0] for each in among) else None,
                say("license.type"),
            )
        if when.role:
            yield when.role in self.holder.roles, ""
        if when.first_renewal:
            yield period is not None and period.first, ""
        if when.licensed_under_months is not None:
            yield self._is_younger(period, when.licensed_under_months), say("license.issued")
        if when.shorter_than_months is not None:
            yield self._is_shorter(period, when.shorter_than_months), ""
        if when.cycle is not None:
            index = self._cycle_index(period)
            yield (
                None if index is None else index % when.cycle == 0,
                say("facts.cycle_index: the how manieth renewal period this is, the first being 1"),
            )
        if when.fact:
            yield self._fact_holds(when, period)

    def _is_younger(self, period: Period | None, months: int) -> bool | None:
        """Whether the license was first issued less than so many months before the period's end;
        the first day of a whole period is that of a renewal."""
        issued, first = self.case.license.issued, self.holder.facts.get("first_renewal")
        if period is None or issued is None:
            return None if first else False
        begun = months_before(period.end, months) + DAY
        return issued > begun or (issued == begun and (months != period.months or bool(first)))

    def _is_shorter(self, period: Period | None, months: int) -> bool:
        told = self.holder.facts.get("period_months")
        if told is not None:
            return bool(told < months)
        return period is not None and period.start > months_before(period.end, months) + DAY

    def _cycle_index(self, period: Period | None) -> int | None:
        told, issued = self.holder.facts.get("cycle_index"), self.case.license.issued
        if told is not None:
            return int(told)
        renewed = period is not None and not period.first and issued == period.start
        if issued is None or period is None or period.months is None or renewed:
            return 1 if period is not None and period.first else None
        index, start = 1, period.start
        while issued < start:
            start = months_before(start - DAY, period.months) + DAY
            index += 1
        return index

    def _fact_holds(self, when: When, period: Period | None) -> tuple[bool | None, str]:
        value = self.holder.facts.get(when.fact)
        ask = next(each for each in self.pack.asks if each.name == when.fact)
        if value is None:
            return (False, "") if ask.unless_told_no else (None, f"facts.{ask.name}: {ask.says}")
        if when.among:
            return value in when.among, ""
        if when.within_months is not None:
            if not isinstance(value, date):
                return (False, "") if value is False else (None, f"facts.{ask.name}: {ask.says}")
            end = period.end if period else value
            return months_before(end, when.within_months) <= value <= end, ""
        return bool(value), ""
