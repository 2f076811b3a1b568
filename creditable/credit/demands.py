"""What an authority may demand of a license holder besides a sum of hours: the rule language of the
packs. Plain values without arithmetic; `verdicts` judges by them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations
from typing import Any, Literal

from creditable.credit.reading import Reader

GENERAL = "general"  # the topic of hours that are in none of the pack's topics
MODES = ("in_person", "live_online", "self_paced", "correspondence")


@dataclass(frozen=True, slots=True)
class Span:
    """An amount that we know, or know to lie from `low` to `high` (None: who knows how high)."""

    low: Fraction
    high: Fraction | None


@dataclass(frozen=True, slots=True)
class When:
    """A condition; all that is set must hold. `fact` with `among` asks for one of those values,
    with `within_months` for a day in so many months before the period ends, alone for a yes.
    `cycle` asks for every so many-th period, the first renewal period being 1."""

    types: tuple[str, ...] = ()
    role: str = ""
    fact: str = ""
    among: tuple[str, ...] = ()
    within_months: int | None = None
    first_renewal: bool = False
    cycle: int | None = None
    licensed_under_months: int | None = None
    shorter_than_months: int | None = None


ALWAYS = When()


@dataclass(frozen=True, slots=True)
class Minimum:
    """At least so many of the hours in these topics. Where the topics of one minimum are among
    those of another, its hours serve both; otherwise an hour serves one minimum only."""

    topics: tuple[str, ...]
    hours: Span
    when: When


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many hours (or that share of those needed) taken in these modes, in these
    topics; for a renewal, or in a day or 24 hours."""

    modes: tuple[str, ...]
    topics: tuple[str, ...]
    hours: Span | None
    share: Fraction | None
    per: Literal["renewal", "day", "24 hours"]

    def touches(self, mode: str, topic: str) -> bool:
        return (not self.modes or mode in self.modes) and (not self.topics or topic in self.topics)


@dataclass(frozen=True, slots=True)
class Instead:
    """Other hours than those usually needed, and other minimums (none with 0 hours)."""

    when: When
    hours: Span | None
    per_month: Fraction | None
    per_started_year: Fraction | None
    minimums: tuple[Minimum, ...] | None
    why: str


@dataclass(frozen=True, slots=True)
class Also:
    """Something besides hours: a fact that must be so. `gives` hours in topics where the
    authority credits it."""

    fact: str
    name: str
    gives: tuple[tuple[str, Fraction], ...]
    when: When


@dataclass(frozen=True, slots=True)
class Carry:
    """Hours that one period does not need and a later one may use: at most `hours` (None: any
    number), for so many periods; only those earned in the last months, never those in the topics
    `never`; in multiples of the hours needed. `topics` tells whether they still serve a minimum
    (None: unknown)."""

    hours: Fraction | None
    periods: int
    last_months: int | None = None
    never: tuple[str, ...] = ()
    topics: Literal["kept", "lost"] | None = None
    in_multiples: bool = False


NO_CARRY = Carry(Fraction(0), 0)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The day on which every license's period ends: so many years apart, counted from one of
    them. `before`: hours count before that day, not on it."""

    first: date
    years: int
    before: bool


@dataclass(frozen=True, slots=True)
class ExamRules:
    """What an examination must be: the bank so many times as large as the examination, at most so
    many percent true or false, so many questions for so many hours."""

    bank_times: int | None
    true_false_percent: int | None
    questions: int | None
    per_hours: Fraction | None


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the authority: its name for people, and other spellings of it."""

    id: str
    name: str
    also: tuple[str, ...] = ()

    def is_meant(self, word: str) -> bool:
        return folded(word) in {folded(spelling) for spelling in (self.id, self.name, *self.also)}


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact that the rules ask of the holder: yes_no, date, number, or one of `choices`.
    `unless_told` is no where silence means no; otherwise silence leaves it unknown."""

    name: str
    kind: Literal["yes_no", "date", "number", "choice"]
    says: str
    choices: tuple[str, ...] = ()
    unless_told_no: bool = False


ASKED_OF_ALL = (
    Asked("first_renewal", "yes_no", "whether the license was first issued in this period"),
    Asked("cycle_index", "number", "which renewal period this is, the first being 1"),
    Asked("period_months", "number", "how many months the period has, if it is shorter"),
    Asked("carry_in", "number", "how much was carried over from the period before"),
    Asked("waiver", "yes_no", "whether the authority has waived the hours of this period"),
)


def folded(word: str) -> str:
    """A spelling without case and punctuation: "Laws & Rules" and "laws_and_rules" are one."""
    return "_".join(re.findall(r"[a-z0-9]+", word.lower().replace("&", " and ")))


def amount(raw: object) -> Fraction:
    """Hours may be 7.5 or 1/2: read from the text of the number, never through a binary float."""
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        raise TypeError("must be a number")
    value = Fraction(raw)
    if value < 0:
        raise ValueError("must not be negative")
    return value


def span(raw: object) -> Span:
    """A number, or [lowest, highest] of what it may be (null: unknown)."""
    if not isinstance(raw, list):
        return Span(amount(raw), amount(raw))
    if len(raw) != 2:
        raise ValueError("must be a number or [lowest, highest]")
    low, high = amount(raw[0]), None if raw[1] is None else amount(raw[1])
    if high is not None and high < low:
        raise ValueError("must have the lowest first")
    return Span(low, high)


def converted(reader: Reader, name: str, convert: Any, default: object = ...) -> Any:
    """That value through the function; what it finds wrong is refused with the place."""
    raw = reader.take(name, default)
    if raw is None and default is None:
        return None
    try:
        return convert(raw)
    except (ValueError, TypeError, ZeroDivisionError) as error:
        raise reader.refuse(name, f"{raw!r} {error}") from error


def whole(raw: object) -> int:
    if type(raw) is not int or raw < 0:
        raise ValueError("must be a whole number")
    return raw


@dataclass(frozen=True, slots=True)
class Words:
    """The words that a pack declares; its rules may use no others."""

    types: frozenset[str]
    roles: frozenset[str]
    facts: frozenset[str]
    topics: frozenset[str]


class Demands:
    """Reads the rule language with the words of one pack."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def known(
        self, reader: Reader, name: str, allowed: Iterable[str], default: object = ...
    ) -> tuple[str, ...]:
        found = reader.words(name, default)
        for word in found:
            if word not in allowed:
                known = ", ".join(sorted(allowed)) or "none is declared yet"
                raise reader.refuse(name, f"{word!r} is not one of: {known}")
        return found

    def when(self, reader: Reader) -> When:
        if not reader.has("when"):
            return ALWAYS
        row = reader.under("when")
        when = When(
            types=self.known(row, "types", self.words.types, ()),
            role=row.one_of("role", set(self.words.roles)) if row.has("role") else "",
            fact=row.one_of("fact", set(self.words.facts)) if row.has("fact") else "",
            among=row.words("among", ()),
            within_months=converted(row, "within_months", whole, None),
            first_renewal=row.truth("first_renewal", default=False),
            cycle=converted(row, "cycle", whole, None),
            licensed_under_months=converted(row, "licensed_under_months", whole, None),
            shorter_than_months=converted(row, "shorter_than_months", whole, None),
        )
        row.finish()
        if when == ALWAYS or when.cycle == 0:
            raise reader.refuse("when", "say when; or remove it, if it is always so")
        return when

    def minimum(self, reader: Reader) -> Minimum:
        topics = self.known(reader, "topics", self.words.topics)
        if not topics:
            raise reader.refuse("topics", "name at least one topic")
        found = Minimum(topics, converted(reader, "hours", span), self.when(reader))
        reader.finish()
        return found

    def limit(self, reader: Reader) -> Limit:
        found = Limit(
            modes=self.known(reader, "modes", MODES, ()),
            topics=self.known(reader, "topics", self.words.topics, ()),
            hours=converted(reader, "hours", span, None),
            share=converted(reader, "share", amount, None),
            per=reader.one_of("per", {"renewal", "day", "24 hours"})  # type: ignore[arg-type]
            if reader.has("per")
            else "renewal",
        )
        reader.finish()
        if (found.hours is None) == (found.share is None):
            raise reader.refuse("hours", "give either `hours` or `share`")
        if found.hours is not None and found.hours.high is None:
            raise reader.refuse("hours", "give the highest that it may be; without one, no limit")
        if not found.modes and not found.topics:
            raise reader.refuse("modes", "say which modes or topics are limited")
        if found.share is not None and (found.share > 1 or found.per != "renewal"):
            raise reader.refuse("share", "must be a part of the hours of a renewal, like 1/2")
        return found

    def instead(self, reader: Reader) -> Instead:
        found = Instead(
            when=self.when(reader),
            hours=converted(reader, "hours", span, None),
            per_month=converted(reader, "per_month", amount, None),
            per_started_year=converted(reader, "per_started_year", amount, None),
            minimums=tuple(self.minimum(row) for row in reader.each("minimums"))
            if reader.has("minimums")
            else None,
            why=reader.text("why"),
        )
        reader.finish()
        given = (found.hours, found.per_month, found.per_started_year)
        if sum(value is not None for value in given) != 1:
            raise reader.refuse("hours", "give one of `hours`, `per_month`, `per_started_year`")
        if found.when == ALWAYS:
            raise reader.refuse("when", "say when these hours are needed instead")
        return found

    def also(self, reader: Reader) -> Also:
        fact = reader.one_of("fact", set(self.words.facts))
        gives: list[tuple[str, Fraction]] = []
        if reader.has("gives"):
            row = reader.under("gives")
            for topic in row.names():
                if topic not in self.words.topics:
                    raise row.refuse(topic, "is not one of the pack's topics")
                gives.append((topic, converted(row, topic, amount)))
        found = Also(fact, reader.text("name"), tuple(gives), self.when(reader))
        reader.finish()
        return found

    def carry(self, reader: Reader) -> Carry:
        topics = reader.one_of("topics", {"kept", "lost"}) if reader.has("topics") else None
        found = Carry(
            hours=converted(reader, "hours", amount, None),
            periods=converted(reader, "periods", whole),
            last_months=converted(reader, "last_months", whole, None),
            never=self.known(reader, "never", self.words.topics, ()),
            topics=topics,  # type: ignore[arg-type]
            in_multiples=reader.truth("in_multiples", default=False),
        )
        reader.finish()
        if not found.periods:
            raise reader.refuse("periods", "write `value: none` when nothing is carried over")
        return found

    def anchor(self, reader: Reader) -> Anchor:
        found = Anchor(
            first=reader.day("first"),
            years=converted(reader, "years", whole),
            before=reader.truth("before", default=False),
        )
        reader.finish()
        if not found.years:
            raise reader.refuse("years", "must be at least 1")
        return found

    def exam(self, reader: Reader) -> ExamRules:
        found = ExamRules(
            bank_times=converted(reader, "bank_times", whole, None),
            true_false_percent=converted(reader, "true_false_percent", whole, None),
            questions=converted(reader, "questions", whole, None),
            per_hours=converted(reader, "per_hours", amount, None),
        )
        reader.finish()
        if (found.questions is None) != (found.per_hours is None):
            raise reader.refuse("questions", "give `questions` together with `per_hours`")
        return found


def tangled(limits: Iterable[Limit]) -> tuple[Limit, Limit] | None:
    """Two limits of which neither lies within the other nor apart from it: then no exact
    allocation is quick, and we know of no authority that has such."""
    for one, other in combinations([limit for limit in limits if limit.per != "24 hours"], 2):
        spans = [
            {(mode, topic) for mode in limit.modes or MODES for topic in limit.topics or ("",)}
            for limit in (one, other)
        ]
        if bool(one.topics) != bool(other.topics):
            return one, other
        shared = spans[0] & spans[1]
        if shared and shared not in spans:
            return one, other
    return None
