"""A case judged by a pack with every doubt settled one way."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from creditable.credit.appraisal import NOTHING, Appraisal, Credit
from creditable.credit.demands import MODES, NO_CARRY, Also, Carry, Limit
from creditable.credit.holder import Doubts, Holder
from creditable.credit.pack import Rules
from creditable.credit.periods import Calendar, Period
from creditable.credit.phrases import amount_in_words, limit_in_words, limited, modes_in_words
from creditable.credit.phrases import topic_names as names
from creditable.credit.requirements import Requirements
from creditable.credit.usage import Cap, Hours, Use, best_use, over_a_day
from creditable.lib.dates import months_before
from creditable.lib.words import say

USUAL_MODES = MODES[:-1]  # who says nothing does not mean a course by mail
ALL_OF_IT = Carry(None, 1, topics="kept")


@dataclass(frozen=True, slots=True)
class Missing:
    """Hours (`amount`) of some topic, or something to be done (no amount), that would cure what
    is missing. `modes` are those in which at least `in_modes` of them must be; none: any."""

    what: str
    name: str
    words: str
    amount: Fraction | None = None
    minutes: Fraction | None = None
    modes: tuple[str, ...] = ()
    in_modes: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What became of a completion. `completion` is its place in the case; None for hours that
    something else than a completion gave."""

    completion: int | None
    name: str
    counted: Fraction
    why: str


@dataclass(slots=True)
class Outcome:
    """What came out of one trial. `required` None: unknown, and more than anybody has."""

    met: bool
    required: Fraction | None
    counted: Fraction
    period: Period | None
    missing: list[Missing]
    lines: dict[int, tuple[Fraction, str]]
    given: list[Line]
    carry_in: Fraction
    carry_out: Fraction | None
    notes: list[str]


@dataclass(slots=True)
class _Carried:
    """What one period hands on to the next: hours, of which at most so much counts there."""

    hours: list[Hours] = field(default_factory=list)
    most: Fraction = NOTHING

    @property
    def amount(self) -> Fraction:
        return min(self.most, sum((each.amount for each in self.hours), start=NOTHING))


class Trial:
    """One trial of a case."""

    def __init__(self, holder: Holder, doubts: Doubts) -> None:
        self.holder = holder
        self.pack = holder.pack
        self.board = holder.pack.short_name
        self.doubts = doubts
        self.calendar = Calendar(holder, doubts)
        self.appraisal = Appraisal(holder, doubts, self.calendar)
        self.requirements = Requirements(holder, doubts)

    def outcome(self) -> Outcome:
        now = self.calendar.current()
        periods = [now, *self.calendar.earlier(now)] if now else []
        credits = self.appraisal.credits(periods)
        carried = self._carried_in(periods, credits)
        rules = now.rules if now else self.calendar.rules_at(date.max)
        hours = [*carried.hours, *self._hours(credits, now, rules)]
        return self._judge(now, rules, hours, carried)

    # Hours of a period

    def _hours(
        self, credits: Iterable[Credit], period: Period | None, rules: Rules | None
    ) -> list[Hours]:
        """The credits that fall into the period (None: all of them)."""
        return [
            Hours(
                completion=credit.completion,
                topic=topic,
                mode=credit.mode or self._mode_untold(rules),
                day=credit.day,
                amount=amount,
            )
            for credit in credits
            if self._falls_into(credit.day, period)
            for topic, amount in credit.topics.items()
        ]

    def _mode_untold(self, rules: Rules | None) -> str:
        """The mode of a course that nobody told, where it matters."""
        limited = [limit.modes for limit in _limits(rules) if limit.per == "renewal"]
        worst = max(USUAL_MODES, key=lambda mode: sum(mode in modes for modes in limited))
        best = min(USUAL_MODES, key=lambda mode: sum(mode in modes for modes in limited))
        needed = say("how each course was taken (mode), which {board} limits", board=self.board)
        return self.doubts.settle("mode", needed, good=best, bad=worst)

    def _falls_into(self, day: date | None, period: Period | None) -> bool:
        if period is None:
            return self.doubts.settle("period", "", good=True, bad=False)
        if day is None:
            needed = say("the day on which each course was finished")
            return self.doubts.settle("finished", needed, good=True, bad=False)
        if not period.holds(day) or period.surely_holds(day):
            return period.holds(day)
        if day > period.sure_end:
            needed = say("how {board} counts hours after a license expired", board=self.board)
            return self.doubts.settle("late", needed, good=True, bad=False)
        needed = say("how long a license period of {board} is", board=self.board)
        return self.doubts.settle("term", needed, good=True, bad=False)

    # Carrying over

    def _carried_in(self, periods: Sequence[Period], credits: Sequence[Credit]) -> _Carried:
        """What earlier periods leave to the one that is judged, or what the holder says so."""
        carried = _Carried()
        told = self.holder.facts.get("carry_in")
        if told and periods:
            carry = self._carry(periods[0].rules)
            most = told if carry.hours is None else min(told, carry.hours)
            return _Carried([Hours(None, "", "", None, most, carried=True)], most)
        for period in reversed(periods[1:] if told is None else ()):
            carried = self._left_over(period, credits, carried)
        return carried

    def _left_over(self, period: Period, credits: Sequence[Credit], carried: _Carried) -> _Carried:
        """What an earlier period leaves to the next one: nothing unless it has more than it needs
        and lacks nothing."""
        rules = period.rules
        hours = self._hours(credits, period, rules)
        if not hours and not carried.hours:
            return _Carried()
        required, minimums, _ = self.requirements.required(period, rules)
        if required is None or carried.amount + sum(each.amount for each in hours) <= required:
            return _Carried()
        carry = self._carry(rules)
        for each in hours:
            each.lives = self._lives(each, period, carry)
        hours += [*carried.hours, *self._given(period, rules)]
        use = best_use(hours, required, minimums, self._caps(hours, required, rules, carried))
        if carry == NO_CARRY or not use.enough:
            return _Carried()
        most = _most(use.left, carry, required)
        return _Carried(list(self._taken_along(use.left, carry, most, rules)), most)

    def _carry(self, rules: Rules | None) -> Carry:
        if rules is None:
            return NO_CARRY
        if rules.carry_over.value is not None:
            return rules.carry_over.value
        needed = say("whether {board} lets hours of an earlier period carry over", board=self.board)
        return self.doubts.settle("carry", needed, good=ALL_OF_IT, bad=NO_CARRY)

    def _lives(self, hours: Hours, period: Period, carry: Carry) -> int:
        """For how many periods new hours may be carried over."""
        if hours.topic in carry.never:
            return 0
        if carry.last_months is None or hours.day is None:
            return carry.periods
        return carry.periods if hours.day > months_before(period.end, carry.last_months) else 0

    def _taken_along(
        self, left: Iterable[Hours], carry: Carry, most: Fraction, rules: Rules | None
    ) -> Iterator[Hours]:
        """The hours that the next period may choose from. Those that a limit touches come last;
        hours that may be carried again are cut to what may be, the latest first."""
        limits = [limit for limit in _limits(rules) if limit.per == "renewal"]

        def is_limited(each: Hours) -> bool:
            return any(limit.touches(each.mode, each.topic) for limit in limits)

        room = most
        for each in sorted(left, key=lambda each: (is_limited(each), -each.lives)):
            cut = carry.periods > 1 or is_limited(each)
            amount = min(each.amount, room) if cut else each.amount
            room = max(NOTHING, room - amount)
            if amount:
                topic = self._topic_carried(each.topic, carry)
                lives = each.lives - 1
                yield replace(each, topic=topic, amount=amount, lives=lives, carried=True)

    def _topic_carried(self, topic: str, carry: Carry) -> str:
        if not topic or carry.topics == "kept":
            return topic
        if carry.topics == "lost":
            return ""
        needed = say("whether hours carried over serve a topic with {board}", board=self.board)
        return self.doubts.settle("carried topics", needed, good=topic, bad="")

    # The judgment

    def _given(self, period: Period | None, rules: Rules | None) -> list[Hours]:
        """Hours that something else than a completion gave."""
        return [
            Hours(None, topic, "", None, amount)
            for row in (rules.also.value or () if rules else ())
            if row.gives and self.requirements.done(row.fact, period)
            for topic, amount in row.gives
        ]

    def _caps(
        self, hours: Sequence[Hours], required: Fraction, rules: Rules | None, carried: _Carried
    ) -> list[Cap]:
        """The limits that hold for the hours, and how much each lets pass."""
        caps = []
        for limit in _limits(rules):
            touched = [each for each in hours if limit.touches(each.mode, each.topic)]
            most = self._most_of(limit, required, matters=bool(touched))
            if limit.per == "renewal":
                caps.append(Cap.over(touched, most, limit))
            elif limit.per == "day":
                caps += [Cap.over(members, most, limit) for members in over_a_day(touched, most)]
        if carried.amount < sum(each.amount for each in carried.hours):
            caps.append(Cap.over(carried.hours, carried.most))
        return caps

    def _most_of(self, limit: Limit, required: Fraction, *, matters: bool) -> Fraction:
        if limit.hours is None:
            return (limit.share or NOTHING) * required
        if not matters or limit.hours.high is None:
            return limit.hours.low
        what = limited(self.pack, limit)
        needed = say("how many hours of {what} count with {board}", what=what, board=self.board)
        return self.doubts.settle("limit", needed, good=limit.hours.high, bad=limit.hours.low)

    def _judge(
        self, period: Period | None, rules: Rules | None, hours: list[Hours], carried: _Carried
    ) -> Outcome:
        required, minimums, why = self.requirements.required(period, rules)
        known = required or NOTHING
        carry = rules.carry_over.value if rules else None
        for each in hours:
            if carry and period and not each.carried:
                each.lives = self._lives(each, period, carry)
        hours = [*hours, *self._given(period, rules)]
        use = best_use(hours, known, minimums, self._caps(hours, known, rules, carried))
        also = rules.also.value or () if rules and required != 0 else ()
        undone = [row for row in also if not self.requirements.done(row.fact, period)]
        barred = period is not None and period.barred
        met = required is not None and use.enough and not undone and not barred
        return Outcome(
            met=met,
            required=required,
            counted=use.total,
            period=period,
            missing=[*self._to_do(undone), *self._to_learn(use, rules)],
            lines=self._lines(use, rules, period),
            given=[self._credit_of(row) for row in also if row.gives and row not in undone],
            carry_in=carried.amount,
            carry_out=(_most(use.left, carry, known) if met else NOTHING) if carry else None,
            notes=self._notes(period, rules if required is not None else None, why),
        )

    def _notes(self, period: Period | None, rules: Rules | None, why: str) -> list[str]:
        notes = [why] if why else []
        if period and period.late:
            notes.append(say("This is a {kind}.", kind=period.late))
        if rules:
            told = (rules.hours_needed, rules.minimums, rules.limits, rules.carry_over)
            notes += [fact.note for fact in told if fact.note]
        return notes

    def _credit_of(self, row: Also) -> Line:
        amount = sum((amount for _, amount in row.gives), start=NOTHING)
        return Line(None, row.name, amount, say("credited for the {what}", what=row.name))

    def _lines(
        self, use: Use, rules: Rules | None, period: Period | None
    ) -> dict[int, tuple[Fraction, str]]:
        """What became of each completion."""
        lines = dict(self.appraisal.lines)
        parts: dict[int, Fraction] = defaultdict(Fraction)
        wholes: dict[int, Fraction] = defaultdict(Fraction)
        carried = {each.completion for each, _ in use.counted if each.carried}
        for each, part in use.counted:
            if each.completion is not None:
                parts[each.completion] += part
                wholes[each.completion] += each.amount
        full = [limit_in_words(self.pack, limit) for limit, room in use.room if not room]
        daily = [limit_in_words(self.pack, each) for each in _limits(rules) if each.per == "day"]
        for index, part in parts.items():
            if index in carried:
                words = say("carried over from an earlier period")
            elif part == wholes[index]:
                words = lines[index][1] if index in lines else ""
                words = say("counted") + (f", {words}" if words else "")
            else:
                words = say("capped: {limit}", limit="; ".join(full or daily))
            lines[index] = (part, words)
        if period:
            span = say("{start} to {end}", start=_iso(period.start), end=_iso(period.end))
            for index, row in enumerate(self.holder.case.completions):
                if row.finished and index not in parts and not period.holds(row.finished):
                    words = (
                        say("after the period {span} (out of window)", span=span)
                        if row.finished > period.end
                        else say("before the period {span} (out of window)", span=span)
                    )
                    known = lines[index][1] if index in lines and not lines[index][0] else ""
                    lines[index] = (NOTHING, known or words)
        return lines

    def _to_do(self, undone: Iterable[Also]) -> Iterator[Missing]:
        """What must be done besides hours."""
        for row in undone:
            gives = ", ".join(
                say("{amount} of {topic}", amount=self._amount(hours), topic=self._names((topic,)))
                for topic, hours in row.gives
            )
            words = say("{what} (worth {gives})", what=row.name, gives=gives) if gives else row.name
            yield Missing(row.fact, row.name, words)

    def _to_learn(self, use: Use, rules: Rules | None) -> Iterator[Missing]:
        """The fewest hours that would be enough: what a topic lacks also serves the sum."""
        per_unit = rules.minutes_per_hour.value if rules else None

        def hours(what: str, name: str, gap: Fraction, words: str) -> Missing:
            modes, part = self._modes_left(gap, use)
            if modes and part < gap:
                words = say(
                    "{what}, at least {part} of it {modes}",
                    what=words,
                    part=self._amount(part),
                    modes=modes_in_words(modes),
                )
            elif modes:
                words = say("{what}, {modes}", what=words, modes=modes_in_words(modes))
            minutes = gap * per_unit if per_unit else None
            return Missing(what, name, words, gap, minutes, modes, part if modes else None)

        for minimum, gap in use.short:
            name = self._names(minimum.topics)
            words = say("{amount} of {topic}", amount=self._amount(gap), topic=name)
            yield hours(minimum.topics[0], name, gap, words)
        if use.short_of_all:
            words = say("{amount} more", amount=self._amount(use.short_of_all))
            yield hours("any", say("any topic"), use.short_of_all, words)

    def _modes_left(self, gap: Fraction, use: Use) -> tuple[tuple[str, ...], Fraction]:
        """The modes in which a part of so many more hours must be, since limits leave too little
        room for the others, and how large that part is."""
        tight = [(limit, room) for limit, room in use.room if limit.modes and room < gap]
        taken = {mode for limit, _ in tight for mode in limit.modes}
        room = sum((room for _, room in tight), start=NOTHING)
        if not tight or room >= gap or not taken < set(MODES):
            return (), NOTHING
        return tuple(mode for mode in MODES if mode not in taken), gap - room

    def _amount(self, amount: Fraction) -> str:
        return amount_in_words(amount, self.pack.unit)

    def _names(self, topics: Sequence[str]) -> str:
        return names(self.pack, topics)


def _limits(rules: Rules | None) -> Sequence[Limit]:
    return (rules.limits.value or ()) if rules else ()


def _most(left: Iterable[Hours], carry: Carry, required: Fraction) -> Fraction:
    """How much of what is left may be carried over."""
    whole = sum((each.amount for each in left), start=NOTHING)
    most = whole if carry.hours is None else min(whole, carry.hours)
    return most // required * required if carry.in_multiples and required else most


def _iso(day: date) -> str:
    return day.isoformat()
