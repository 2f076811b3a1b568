"""A case judged by a pack with every doubt settled one way."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from creditable.credit.appraisal import Appraisal, Credit
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
    amount: int | None = None
    minutes: Fraction | None = None
    modes: tuple[str, ...] = ()
    in_modes: int | None = None

    @property
    def takes_any_mode(self) -> bool:
        return set(USUAL_MODES) <= set(self.modes)


@dataclass(frozen=True, slots=True)
class Line:
    """What became of a completion. `completion` is its place in the case; None for hours that
    something else than a completion gave."""

    completion: int | None
    name: str
    counted: int
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What came out of one trial, and why. Amounts are in parts of a unit; `required` None:
    unknown, and more than anybody has. `cure` is the cheapest one of what is missing."""

    met: bool
    required: int | None
    counted: int
    period: Period | None
    missing: Sequence[Missing]
    cure: Sequence[Missing]
    lines: Mapping[int, tuple[int, str]]
    given: Sequence[Line]
    carry_in: int
    carry_out: int | None
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Appraised:
    """The periods and credits of a case, and by which way of settling which doubts."""

    periods: list[Period]
    credits: list[Credit]
    appraisal: Appraisal
    seen: dict[str, str]
    favors: dict[str, bool]


@dataclass(slots=True)
class _Carried:
    """What one period hands on to the next: hours, of which at most so much counts there."""

    hours: list[Hours] = field(default_factory=list)
    most: int = 0

    @property
    def amount(self) -> int:
        return min(self.most, sum(each.amount for each in self.hours))


class Trial:
    """One trial of a case: whether it is `met` and what is `required`."""

    def __init__(self, holder: Holder, doubts: Doubts, *, before: "Trial | None" = None) -> None:
        """`before` is the trial of the case without its last completion, doubts settled the same
        way: what the last one does not change is taken over from it."""
        self.holder = holder
        self.pack = holder.pack
        self.board = holder.pack.short_name
        self.doubts = doubts
        self.calendar = Calendar(holder, doubts)
        self.requirements = Requirements(holder, doubts)
        follows = before if before and self._only_adds_to(before) else None
        self.appraised = self._one_more(follows) if follows else self._appraised()
        periods, credits = self.appraised.periods, self.appraised.credits
        self.lines = self.appraised.appraisal.lines
        self.period = periods[0] if periods else None
        self.rules = self.period.rules if self.period else self.calendar.rules_at(date.max)
        self.carried: _Carried = follows.carried if follows else self._carried_in(periods, credits)
        self.hours = [*self.carried.hours, *self._hours(credits, self.period, self.rules)]
        self._judge()

    def _appraised(self) -> _Appraised:
        """Worked out once for all trials that settle the doubts in it alike."""
        doubts = self.doubts
        known: _Appraised
        for known in self.holder.appraised:
            if all(doubts.favors(key) == favors for key, favors in known.favors.items()):
                doubts.seen.update(known.seen)
                return known
        now = self.calendar.current()
        periods = [now, *self.calendar.earlier(now)] if now else []
        appraisal = Appraisal(self.holder, doubts, self.calendar)
        credits = appraisal.credits(periods)
        favors = {key: doubts.favors(key) for key in doubts.seen}
        found = _Appraised(periods, credits, appraisal, dict(doubts.seen), favors)
        self.holder.appraised.append(found)
        return found

    def _only_adds_to(self, before: "Trial") -> bool:
        """Whether the last completion comes after all others and in no earlier period: it changes
        neither what they are worth nor what is carried over."""
        day, period = self.holder.case.completions[-1].finished, before.period
        in_time = day is not None and period is not None and day >= period.start
        return in_time and before.holder.ends_before(self.holder)

    def _one_more(self, before: "Trial") -> _Appraised:
        """What was appraised before, with the last completion."""
        known, doubts = before.appraised, self.doubts
        doubts.seen.update(before.doubts.seen)
        appraisal = Appraisal(self.holder, doubts, self.calendar)
        credits = [*known.credits, *appraisal.one_more(known.appraisal, known.periods)]
        return _Appraised(known.periods, credits, appraisal, known.seen, known.favors)

    # Hours of a period

    def _hours(
        self, credits: Sequence[Credit], period: Period | None, rules: Rules | None
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
            for credit in _within(credits, period)
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
            most = self.holder.parts(told if carry.hours is None else min(told, carry.hours))
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
        also = rules.also.value or () if rules else ()
        done = [row for row in also if self.requirements.done(row.fact, period)]
        hours += [*carried.hours, *self._given(done)]
        use = best_use(hours, required, minimums, self._caps(hours, required, rules, carried))
        if carry == NO_CARRY or not use.enough:
            return _Carried()
        most = self._most(use.left, carry, required)
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
        self, left: Iterable[Hours], carry: Carry, most: int, rules: Rules | None
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
            room = max(0, room - amount)
            if amount:
                kept = each.part(amount)
                kept.topic = self._topic_carried(each.topic, carry)
                kept.lives, kept.carried = each.lives - 1, True
                yield kept

    def _most(self, left: Iterable[Hours], carry: Carry, required: int) -> int:
        """How much of what is left may be carried over."""
        whole = sum(each.amount for each in left)
        most = whole if carry.hours is None else min(whole, self.holder.parts(carry.hours))
        return most // required * required if carry.in_multiples and required else most

    def _topic_carried(self, topic: str, carry: Carry) -> str:
        if not topic or carry.topics == "kept":
            return topic
        if carry.topics == "lost":
            return ""
        needed = say("whether hours carried over serve a topic with {board}", board=self.board)
        return self.doubts.settle("carried topics", needed, good=topic, bad="")

    # The judgment

    def _given(self, done: Iterable[Also]) -> list[Hours]:
        """Hours that something else than a completion gave."""
        return [
            Hours(None, topic, "", None, self.holder.parts(amount))
            for row in done
            for topic, amount in row.gives
        ]

    def _caps(
        self, hours: Sequence[Hours], required: int, rules: Rules | None, carried: _Carried
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

    def _most_of(self, limit: Limit, required: int, *, matters: bool) -> int:
        if limit.hours is None:
            return int((limit.share or 0) * required)
        if not matters or limit.hours.high is None:
            return self.holder.parts(limit.hours.low)
        what = limited(self.pack, limit)
        needed = say("how many hours of {what} count with {board}", what=what, board=self.board)
        low, high = self.holder.parts(limit.hours.low), self.holder.parts(limit.hours.high)
        return self.doubts.settle("limit", needed, good=high, bad=low)

    def _judge(self) -> None:
        period, rules = self.period, self.rules
        self.required, self.minimums, self.why = self.requirements.required(period, rules)
        carry = rules.carry_over.value if rules else None
        for each in self.hours:
            if carry and period and not each.carried:
                each.lives = self._lives(each, period, carry)
        also = rules.also.value or () if rules and self.required != 0 else ()
        self.undone = [row for row in also if not self.requirements.done(row.fact, period)]
        self.done = [row for row in also if row not in self.undone]
        self.use = self._best_use(self.done)
        barred = period is not None and period.barred
        enough = self.use.enough and self.required is not None
        self.met = enough and not self.undone and not barred

    def _best_use(self, done: Sequence[Also]) -> Use:
        """Of the hours, and of those that these are worth."""
        return self._use_of([*self.hours, *self._given(done)])

    def _use_of(self, hours: Sequence[Hours]) -> Use:
        required = self.required or 0
        caps = self._caps(hours, required, self.rules, self.carried)
        return best_use(hours, required, self.minimums, caps)

    @property
    def asked(self) -> Fraction | None:
        """The units needed; None where that is unknown."""
        return None if self.required is None else self.holder.units(self.required)

    @property
    def lacking(self) -> Fraction:
        """The units that would cure what is missing, as far as hours do."""
        return self._short(self.use)

    @property
    def left_to_learn(self) -> Fraction:
        """The units that are still missing when everything is done that must be done besides."""
        return self._short(self._cured)

    @property
    def _cured(self) -> Use:
        """The best use of the hours together with those that come with what must be done anyway."""
        gives = any(row.gives for row in self.undone)
        return self._best_use([*self.done, *self.undone]) if gives else self.use

    def _short(self, use: Use) -> Fraction:
        return self.holder.units(sum(gap for _, gap in use.short) + use.short_of_all)

    def counted(self, completion: int) -> Fraction:
        """The units that count of a completion."""
        parts = (part for each, part in self.use.counted if each.completion == completion)
        return self.holder.units(sum(parts))

    def alone(self, completion: int) -> Fraction:
        """The units that would count of a completion if it were the only one."""
        hours = [each for each in self.hours if each.completion == completion]
        return self.holder.units(self._use_of(hours).total)

    @property
    def is_limited(self) -> bool:
        """Whether a limit leaves out any of the hours, or would when all else is done."""
        hours = [*self.hours, *self._given([*self.done, *self.undone])]
        caps = self._caps(hours, self.required or 0, self.rules, self.carried)
        amounts = {id(each): each.amount for each in hours}
        return any(sum(amounts[member] for member in cap.members) > cap.most for cap in caps)

    def finding(self) -> Finding:
        """What came out, and why."""
        use, rules = self.use, self.rules
        carry = rules.carry_over.value if rules else None
        carry_out = self._most(use.left, carry, self.required or 0) if carry and self.met else 0
        missing = [*self._to_do(), *self._to_learn(use)]
        return Finding(
            met=self.met,
            required=self.required,
            counted=use.total,
            period=self.period,
            missing=missing,
            cure=[*self._to_do(), *self._to_learn(self._cured)] if self.undone else missing,
            lines=self._lines(),
            given=[*(self._credit_of(row) for row in self.done if row.gives), *self._told_carry()],
            carry_in=self.carried.amount,
            carry_out=carry_out if carry else None,
            notes=self._notes(),
        )

    def _notes(self) -> list[str]:
        notes = [self.why] if self.why else []
        if self.period and self.period.late:
            notes.append(say("This is a {kind}.", kind=self.period.late))
        if self.rules and self.required is not None:
            rules = self.rules
            told = (rules.hours_needed, rules.minimums, rules.limits, rules.carry_over)
            notes += [fact.note for fact in told if fact.note]
        return notes

    def _credit_of(self, row: Also) -> Line:
        amount = self.holder.parts(sum((amount for _, amount in row.gives), start=Fraction(0)))
        return Line(None, row.name, amount, say("credited for the {what}", what=row.name))

    def _told_carry(self) -> Iterator[Line]:
        """The hours of which only the holder says that they were carried over."""
        for each, part in self.use.counted:
            if each.carried and each.completion is None:
                yield Line(None, say("carried over"), part, say("as you say"))

    def _lines(self) -> dict[int, tuple[int, str]]:
        """What became of each completion."""
        use, rules, period = self.use, self.rules, self.period
        lines = dict(self.lines)
        parts: dict[int, int] = defaultdict(int)
        wholes: dict[int, int] = defaultdict(int)
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
                    lines[index] = (0, known or words)
        return lines

    def _to_do(self) -> Iterator[Missing]:
        """What must be done besides hours."""
        for row in self.undone:
            gives = ", ".join(
                say(
                    "{amount} of {topic}",
                    amount=amount_in_words(hours, self.pack.unit),
                    topic=self._names((topic,)),
                )
                for topic, hours in row.gives
            )
            words = say("{what} (worth {gives})", what=row.name, gives=gives) if gives else row.name
            yield Missing(row.fact, row.name, words)

    def _to_learn(self, use: Use) -> Iterator[Missing]:
        """The fewest hours that would be enough: what a topic lacks also serves the sum."""
        per_unit = self.rules.minutes_per_hour.value if self.rules else None

        def hours(what: str, name: str, gap: int, words: str) -> Missing:
            modes, part = self._modes_left(gap, use)
            if set(USUAL_MODES) <= set(modes):
                pass  # nobody means a course by mail
            elif modes and part < gap:
                words = say(
                    "{what}, at least {part} of it {modes}",
                    what=words,
                    part=self.holder.words(part),
                    modes=modes_in_words(modes),
                )
            elif modes:
                words = say("{what}, {modes}", what=words, modes=modes_in_words(modes))
            minutes = self.holder.units(gap) * per_unit if per_unit else None
            return Missing(what, name, words, gap, minutes, modes, part if modes else None)

        for minimum, gap in use.short:
            name = self._names(minimum.topics)
            words = say("{amount} of {topic}", amount=self.holder.words(gap), topic=name)
            yield hours(minimum.topics[0], name, gap, words)
        if use.short_of_all:
            words = say("{amount} more", amount=self.holder.words(use.short_of_all))
            yield hours("any", say("any topic"), use.short_of_all, words)

    def _modes_left(self, gap: int, use: Use) -> tuple[tuple[str, ...], int]:
        """The modes in which a part of so many more hours must be, since limits leave too little
        room for the others, and how large that part is."""
        tight = [(limit, room) for limit, room in use.room if limit.modes and room < gap]
        taken = {mode for limit, _ in tight for mode in limit.modes}
        room = sum((room for _, room in tight))
        if not tight or room >= gap or not taken < set(MODES):
            return (), 0
        return tuple(mode for mode in MODES if mode not in taken), gap - room

    def _names(self, topics: Sequence[str]) -> str:
        return names(self.pack, topics)


def _limits(rules: Rules | None) -> Sequence[Limit]:
    return (rules.limits.value or ()) if rules else ()


def _within(credits: Sequence[Credit], period: Period | None) -> Sequence[Credit]:
    """The credits of the period's days and those of no day; they stand in the order of days."""
    if period is None:
        return credits
    first = bisect_left(credits, period.start, key=_day)
    last = bisect_right(credits, period.end, lo=first, key=_day)
    undated = bisect_left(credits, date.max, lo=last, key=_day)
    return [*credits[first:last], *credits[undated:]]


def _day(credit: Credit) -> date:
    return credit.day or date.max


def _iso(day: date) -> str:
    return day.isoformat()
