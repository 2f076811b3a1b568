"""License periods: which one a renewal closes, and those before it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from creditable.credit.holder import Doubts, Holder
from creditable.credit.pack import Rules
from creditable.lib.dates import months_after, months_before
from creditable.lib.words import say

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A license period and the days whose completions count for it: `start` to `end`, of which
    those outside of `sure_start` to `sure_end` are in doubt. `barred`: no renewal is possible."""

    rules: Rules | None
    start: date
    end: date
    sure_start: date
    sure_end: date
    first: bool
    months: int | None
    late: str = ""
    barred: bool = False

    def holds(self, day: date) -> bool:
        return self.start <= day <= self.end

    def surely_holds(self, day: date) -> bool:
        return self.sure_start <= day <= self.sure_end


class Calendar:
    """The periods of one holder, with every doubt settled one way."""

    def __init__(self, holder: Holder, doubts: Doubts) -> None:
        self.holder = holder
        self.pack = holder.pack
        self.case = holder.case
        self.doubts = doubts

    def current(self) -> Period | None:
        """The period that the renewal closes; None when nobody can tell which that is."""
        license, renewal = self.case.license, self.case.renewal_date
        known = license.expires or renewal
        if known is None:
            self.doubts.settle(
                "period", say("license.expires or renewal_date"), good=True, bad=False
            )
            return None
        end = self._last_day(known, printed=license.expires is not None)
        period = self._period(end)
        if license.expires is None or renewal is None or renewal <= license.expires:
            return period
        return self._late(period, license.expires, renewal)

    def earlier(self, now: Period) -> Iterator[Period]:
        """The periods before, the latest first, as far back as there are completions. None for a
        late renewal, whose hours are counted apart."""
        days = [row.finished for row in self.case.completions if row.finished]
        first = min(days, default=now.start)
        if self.case.license.issued:
            first = max(first, self.case.license.issued)
        period = now
        while not period.late and period.months is not None and first < period.start:
            period = self._period(period.start - DAY)
            yield period

    def rules_at(self, day: date) -> Rules | None:
        """The version for the license on that day; None, with a doubt, when there is none or nobody
        knows its type. All the types that it may be of have the same versions."""
        kinds = self.holder.kinds
        if not kinds:
            types = ", ".join(kind.id for kind in self.pack.license_types)
            needed = say(
                "what {board} asks of a license of this type (license.type: {types})",
                board=self.pack.short_name,
                types=types,
            )
            self.doubts.settle("type", needed, good=True, bad=False)
            return None
        found = self.pack.rules_on(day, kinds[0].id)
        if found is None:
            needed = say(
                "the rules of {board} in force on {day}",
                board=self.pack.short_name,
                day=day.isoformat(),
            )
            self.doubts.settle("rules", needed, good=True, bad=False)
        return found

    def _last_day(self, day: date, *, printed: bool) -> date:
        """The last day of the period that a day belongs to: the expiry date printed on a license
        as it is, else the next of the days on which all licenses end."""
        rules = self.rules_at(day)
        anchor = rules.anchor.value if rules else None
        if anchor is None:
            return day
        ends = anchor.first
        if printed:
            ends = day
        else:
            behind = (day.year - ends.year) // anchor.years
            ends = ends.replace(year=ends.year + behind * anchor.years)
            if ends < day:
                ends = ends.replace(year=ends.year + anchor.years)
        on_anchor = (ends.month, ends.day) == (anchor.first.month, anchor.first.day)
        return ends - DAY if anchor.before and on_anchor else ends

    def _period(self, end: date) -> Period:
        """The period that ends on that day; in its first one a license counts from its issue. A
        license that says it was issued on the first day of a whole period was renewed then, unless
        the holder says otherwise: cards show the day on which the term began."""
        rules = self.rules_at(end)
        months = rules.term_months.value if rules else None
        start = date.min if months is None else months_before(end, months) + DAY
        sure_start = end + DAY if months is None else start
        issued, told_first = self.case.license.issued, self.holder.facts.get("first_renewal")
        inside = months is not None and issued is not None and start < issued <= end
        if inside and issued is not None:
            start = sure_start = issued
        first = inside if told_first is None else bool(told_first)
        return Period(rules, start, end, sure_start, end, first, months)

    def _late(self, period: Period, expires: date, renewal: date) -> Period:
        """The period of somebody who renews after the license has expired."""
        rules = period.rules
        window = rules.late_window_months.value if rules else None
        if window is not None:
            start = months_before(renewal, window)
            return _moved(period, start, renewal, say("late renewal"))
        grace = rules.grace_days.value if rules else None
        if grace is not None and renewal <= expires + timedelta(days=grace):
            return replace(period, end=renewal, late=say("renewal in grace"))
        reinstatement = rules.reinstatement_months.value if rules else None
        if reinstatement is not None and renewal <= months_after(expires, reinstatement):
            event = self.holder.facts.get("last_licensing_event")
            start = event if isinstance(event, date) else period.start
            return _moved(period, start, renewal, say("reinstatement"))
        board = self.pack.short_name
        needed = say("how {board} counts hours after a license expired", board=board)
        barred = self.doubts.settle("late", needed, good=False, bad=True)
        return replace(period, end=renewal, late=say("late renewal"), barred=barred)


def months_between(start: date, end: date) -> tuple[int, int]:
    """Whole months from the first day to the last, both included, and 1 if days are left over."""
    until = end + DAY
    months = (until.year - start.year) * 12 + until.month - start.month
    if months_after(start, months) > until:
        months -= 1
    return months, int(months_after(start, months) < until)


def _moved(period: Period, start: date, end: date, late: str) -> Period:
    """The period with other days, all of them sure."""
    return replace(period, start=start, sure_start=start, end=end, sure_end=end, late=late)
