"""A case in the words of a pack, and what is not known about it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from difflib import get_close_matches
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any, TypeVar

from creditable.credit.case import Case, CaseRefused, Completion
from creditable.credit.demands import ASKED_OF_ALL, Asked, folded
from creditable.credit.pack import LicenseType, Pack
from creditable.credit.phrases import amount_in_words
from creditable.lib.dates import local_date
from creditable.lib.words import say

T = TypeVar("T")
PLAIN_WORDS = {"", "general", "other", "others", "elective", "electives", "any", "none", "misc"}

SPELLINGS = {
    "first_period": "first_renewal",
    "biennium": "cycle_index",
    "biennium_index": "cycle_index",
    "carried_in": "carry_in",
}


def whole(amount: Fraction, parts: int) -> int:
    """An amount in parts, of which one has so many that this is a whole number."""
    return amount.numerator * (parts // amount.denominator)


class Doubts:
    """Settles what is not known one way, but for some doubts the other; remembers them."""

    def __init__(self, *, favorable: bool, but: frozenset[str] = frozenset()) -> None:
        self._favorable = favorable
        self._but = but
        self.seen: dict[str, str] = {}

    @property
    def key(self) -> tuple[bool, frozenset[str]]:
        """By which way it settles."""
        return self._favorable, self._but

    def anew(self) -> "Doubts":
        """The same way, without what is remembered."""
        return Doubts(favorable=self._favorable, but=self._but)

    def favors(self, key: str) -> bool:
        """Which way that doubt is settled."""
        return self._favorable != (key in self._but)

    def settle(self, key: str, needed: str, good: T, bad: T) -> T:
        """Good for the holder or bad; `needed` says what we would have to know."""
        if good == bad:
            return good
        self.seen.setdefault(key, needed)
        return good if self.favors(key) else bad


class Holder:
    """The case in the words of the pack: what does not depend on any doubt."""

    def __init__(self, pack: Pack, case: Case) -> None:
        self.pack = pack
        self.case = replace(
            case, completions=tuple(self._on_its_day(row) for row in case.completions)
        )
        self.notes: list[str] = []
        self.appraised: list[Any] = []  # what trials have worked out for each other
        self.kinds = self._kinds()
        self.roles = self._roles()
        self.facts = self._facts()
        declared = {topic.id for topic in pack.topics}
        for rules in pack.versions:
            declared |= set(rules.topics.value or ())
        self._meant: dict[str, str] = {}
        self._topics = {folded(word): word for word in declared}
        for topic in pack.topics:
            for spelling in (topic.name, *topic.also):
                self._topics.setdefault(folded(spelling), topic.id)

    def _on_its_day(self, row: Completion) -> Completion:
        """An instant is a date only where the authority is: 03:30 UTC on September 1 is still
        August 31 in Florida."""
        if row.at is None or row.at.tzinfo is None:
            return row
        return replace(row, finished=local_date(row.at, self.pack.time_zone))

    def _kinds(self) -> tuple[LicenseType, ...]:
        """The types that the license may be of; none when its word is unknown."""
        word = self.case.license.type
        kinds = self.pack.license_types
        if not word:
            return kinds
        exact = tuple(kind for kind in kinds if kind.is_meant(word))
        if exact:
            return exact
        words = set(folded(word).split("_"))
        near = tuple(kind for kind in kinds if words <= set(folded(kind.name).split("_")))
        return near or (kinds if self.pack.all_types else ())

    def _roles(self) -> frozenset[str]:
        found = set()
        for word in self.case.license.roles:
            meant = [role.id for role in self.pack.roles if role.is_meant(word)]
            if not meant:
                self.notes.append(say("No rule here asks for the role {role}.", role=word))
            found |= set(meant)
        return frozenset(found)

    def _facts(self) -> dict[str, Any]:
        """The facts of the case, checked against what the pack asks."""
        asked = {folded(ask.name): ask for ask in (*ASKED_OF_ALL, *self.pack.asks)}
        facts: dict[str, Any] = {}
        for word, value in self.case.facts.items():
            ask = asked.get(SPELLINGS.get(folded(word), folded(word)))
            if ask is None:
                self.notes.append(say("No rule here asks for the fact {fact}.", fact=word))
            elif value is not None:
                facts[ask.name] = fact(f"facts.{word}", ask, value)
        return facts

    def topic(self, word: str) -> str:
        """The pack's topic of that word; "" for none of them."""
        if word not in self._meant:
            known = self._topics.get(folded(word))
            self._meant[word] = known or ""
            if known is None and folded(word) not in PLAIN_WORDS:
                self.notes.append(self._no_topic(word))
        return self._meant[word]

    def _no_topic(self, word: str) -> str:
        board = self.pack.short_name
        near = get_close_matches(folded(word), self._topics, n=1)
        if near:
            return say(
                "{board} has no topic {word}; did you mean {near}?",
                board=board,
                word=word,
                near=self._topics[near[0]],
            )
        return say("{board} has no topic {word}.", board=board, word=word)

    @cached_property
    def unit(self) -> int:
        """A unit of the authority in parts, so that every amount is a whole number of them."""
        in_units, others = set[int](), set[int]()
        for row in self.case.completions:
            told = in_units if row.minutes is None else others
            told.update(amount.denominator for amount in row.amounts)
        facts = (value for value in self.facts.values() if isinstance(value, Fraction))
        others.update(value.denominator for value in facts)
        return lcm(self.pack.parts * lcm(*others), *in_units)

    def parts(self, amount: Fraction) -> int:
        """So many units in parts."""
        return whole(amount, self.unit)

    def units(self, parts: int) -> Fraction:
        return Fraction(parts, self.unit)

    def words(self, parts: int) -> str:
        """An amount for people: "2 hours"."""
        return amount_in_words(self.units(parts), self.pack.unit)

    @cached_property
    def in_order(self) -> Sequence[tuple[int, Completion]]:
        """The completions by their day, those without one last; of one moment the longest first."""
        return sorted(enumerate(self.case.completions), key=lambda told: _moment(told[1]))

    def followed_by(self, row: Completion) -> "Holder":
        """The holder with one completion more."""
        return Holder(self.pack, replace(self.case, completions=(*self.case.completions, row)))

    def ends_before(self, other: "Holder") -> bool:
        """Whether the last completion of the other holder comes after all of these, and amounts
        are in the same parts."""
        last = _moment(other.case.completions[-1])
        return self.unit == other.unit and all(
            _moment(row) <= last for _, row in self.in_order[-1:]
        )


def fact(place: str, ask: Asked, value: Any) -> Any:
    """The value of a fact, of its kind. CaseRefused when it is none of it."""
    kind, choices = ask.kind, ask.choices
    if kind == "number":
        if isinstance(value, bool | str) or not 0 <= value <= 1_000_000:
            raise CaseRefused(place, "must be a number from 0 to 1000000")
        return Fraction(str(value))
    if kind == "choice":
        found = next((word for word in choices if folded(word) == folded(str(value))), None)
        if found is None:
            raise CaseRefused(place, f"{value!r} must be one of {', '.join(choices)}")
        return found
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise CaseRefused(place, f"{value!r} is no date; write it like 2026-11-30") from error
    if kind == "date" and value is not False:
        raise CaseRefused(place, "must be a date like 2026-11-30, or false")
    if not isinstance(value, bool):
        raise CaseRefused(place, "must be true, false or a date")
    return value


def _moment(row: Completion) -> tuple[date, float, Fraction, str]:
    return row.finished or date.max, _clock(row.at), -row.length, row.identity


def _clock(at: datetime | None) -> float:
    return at.hour * 60 + at.minute + at.second / 60 if at else 0
