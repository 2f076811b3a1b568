"""A license with what its holder completed, as somebody states it: JSON, read strictly."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from creditable.credit.demands import MODES, folded
from creditable.lib.words import say

LARGEST = 1_000_000
YEARS = range(1900, 2201)
NOT_TOLD = object()


class CaseRefused(Exception):
    """A case that cannot be read: the place in it and the cure."""

    def __init__(self, place: str, cure: str) -> None:
        super().__init__(f"{place}: {cure}" if place else cure)
        self.place = place
        self.cure = cure


@dataclass(frozen=True, slots=True)
class Completion:
    """A course that somebody finished: its length in minutes or in the authority's units, and
    how much of it is in which topic. `approved` None: nobody says otherwise."""

    course: str = ""
    approval: str = ""
    approved: bool | None = None
    finished: date | None = None
    at: datetime | None = None
    minutes: Fraction | None = None
    units: Fraction | None = None
    topics: Mapping[str, Fraction] = field(default_factory=dict)
    mode: str = ""
    provider: str = ""

    @property
    def amounts(self) -> Iterator[Fraction]:
        """All that it states."""
        yield self.length
        yield from self.topics.values()

    @property
    def length(self) -> Fraction:
        """Its minutes or units, whichever it states."""
        length = self.units if self.minutes is None else self.minutes
        assert length is not None
        return length

    @property
    def identity(self) -> str:
        """By which an authority knows the course again: its approval, else its own number."""
        return self.approval or self.course


@dataclass(frozen=True, slots=True)
class HeldLicense:
    """A license as its holder states it."""

    type: str = ""
    issued: date | None = None
    expires: date | None = None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be judged."""

    authority: str
    license: HeldLicense = HeldLicense()
    renewal_date: date | None = None
    completions: tuple[Completion, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """CaseRefused when its dates contradict each other."""
        issued = self.license.issued
        for place, day in (
            ("license.expires", self.license.expires),
            ("renewal_date", self.renewal_date),
        ):
            if issued and day and day < issued:
                raise CaseRefused(
                    place,
                    say("comes before the day of issue, {day}", day=issued.isoformat()),
                )


def read(text: str) -> Case:
    """The case in that JSON. CaseRefused names the place and the cure."""
    try:
        found = json.loads(
            text,
            parse_float=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=_no_key_twice,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise CaseRefused(place, f"not JSON: {error.msg}") from error
    except RecursionError as error:
        raise CaseRefused("", "not a case: nested too deeply") from error
    except ValueError as error:
        raise CaseRefused("", "not a case: a number of thousands of digits") from error
    return of(found)


def of(found: object) -> Case:
    """The case in those plain values."""
    top = _Place("", found)
    license = _license(top)
    rows = top.take("completions", [])
    if not isinstance(rows, list):
        raise top.refuse("completions", "must be a list")
    case = Case(
        authority=top.text("authority", required=True),
        license=license,
        renewal_date=top.day("renewal_date"),
        completions=tuple(
            _completion(_Place(f"completions[{number}]", row)) for number, row in enumerate(rows)
        ),
        facts=dict(_facts(top.under("facts"))),
    )
    top.finish()
    case.check()
    return case


def _license(top: "_Place") -> HeldLicense:
    place = top.under("license")
    roles = place.take("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise place.refuse("roles", "must be a list of words")
    held = HeldLicense(
        type=place.text("type"),
        issued=place.day("issued"),
        expires=place.day("expires", end_of_month=True),
        roles=tuple(roles),
    )
    place.text("number")
    place.finish()
    return held


def _completion(place: "_Place") -> Completion:
    minutes, units = place.number("minutes"), place.number("units")
    if (minutes is None) == (units is None):
        raise place.refuse("minutes", "give either `minutes` or `units`")
    topics = {}
    rows = place.under("topics")
    for topic in rows.names():
        amount = rows.number(topic)
        if amount is None or not folded(topic):
            raise rows.refuse(topic, "must be a topic with its amount")
        topics[topic] = amount
    total = minutes if units is None else units
    assert total is not None
    if sum(topics.values()) > total:
        raise place.refuse("topics", f"come to more than the {_plain(total)} of the course")
    mode = folded(place.text("mode"))
    if mode and mode not in MODES:
        raise place.refuse("mode", f"{mode!r} must be one of {', '.join(MODES)}")
    finished, at = place.moment("finished")
    approval, approved = _approval(place, finished)
    found = Completion(
        course=place.text("course"),
        approval=approval,
        approved=approved,
        finished=finished,
        at=at,
        minutes=minutes,
        units=units,
        topics=topics,
        mode=mode,
        provider=place.text("provider"),
    )
    place.finish()
    return found


def _approval(place: "_Place", finished: date | None) -> tuple[str, bool | None]:
    """The number of the approval and whether there was one on that day; None: nobody tells."""
    told = place.take("approval", NOT_TOLD)
    if isinstance(told, dict):
        row = _Place(f"{place.name}.approval", told)
        number, first, last = row.text("number"), row.day("valid_from"), row.day("valid_to")
        row.finish()
        early = first is not None and finished is not None and finished < first
        late = last is not None and finished is not None and finished > last
        return number, not early and not late
    if told is NOT_TOLD or told is None or isinstance(told, bool):
        return "", None if told is NOT_TOLD else bool(told)
    if not isinstance(told, str | int):
        raise place.refuse("approval", "must be the number of the approval, true, false or null")
    return str(told).strip(), bool(str(told).strip())


def _facts(place: "_Place") -> Iterator[tuple[str, Any]]:
    for name in place.names():
        value = place.take(name)
        if isinstance(value, list | dict):
            raise place.refuse(name, "must be a single value")
        yield name, value


class _Place:
    """Takes named values out of a part of the case; what nobody took is an unknown key."""

    def __init__(self, name: str, values: object) -> None:
        if not isinstance(values, dict):
            raise CaseRefused(name, "must be an object, {...}")
        self.name = name
        self._values = dict(values)

    def refuse(self, name: str, cure: str) -> CaseRefused:
        return CaseRefused(f"{self.name}.{name}".strip("."), cure)

    def names(self) -> list[str]:
        return list(self._values)

    def under(self, name: str) -> "_Place":
        """The names and values there; none when it is not told."""
        values = self.take(name)
        return _Place(f"{self.name}.{name}".strip("."), {} if values is None else values)

    def take(self, name: str, default: object = None) -> Any:
        return self._values.pop(name, default)

    def text(self, name: str, *, required: bool = False) -> str:
        value = self.take(name)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or (required and not value.strip()):
            raise self.refuse(name, "must be text")
        return value.strip()

    def number(self, name: str) -> Fraction | None:
        value = self.take(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self.refuse(name, "must be a number")
        if not 0 <= value <= LARGEST:
            raise self.refuse(name, f"must be from 0 to {LARGEST}")
        if isinstance(value, Decimal) and value.as_tuple().exponent < -9:  # type: ignore[operator]
            raise self.refuse(name, "must have at most 9 digits after the point")
        return Fraction(value)

    def day(self, name: str, *, end_of_month: bool = False) -> date | None:
        """A date; of a month alone its first day, or its last."""
        value = self.take(name)
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}", value):
            first = _date(f"{value}-01")
            if first and end_of_month:
                return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            value = f"{value}-01"
        day: date | None = self._checked(name, value, _date)
        return day

    def moment(self, name: str) -> tuple[date | None, datetime | None]:
        """A date, and the time on it where one is told."""
        value = self.take(name)
        if isinstance(value, str) and len(value) > len("2026-01-01"):
            instant = self._checked(name, value, _datetime)
            assert instant is not None
            return instant.date(), instant
        return self._checked(name, value, _date), None

    def _checked(self, name: str, value: object, convert: Any) -> Any:
        if value is None or value == "":
            return None
        found = convert(value) if isinstance(value, str) else None
        if found is None:
            raise self.refuse(name, f"{value!r} is no date; write it like 2026-11-30")
        if found.year not in YEARS:
            raise self.refuse(name, f"must be from {YEARS[0]} to {YEARS[-1]}")
        return found

    def finish(self) -> None:
        if self._values:
            unknown = min(self._values)
            raise self.refuse(unknown, "unknown key; correct its spelling or remove it")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 and text[7] == "-" else None
    except ValueError:
        return None


def _datetime(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _plain(value: Fraction) -> str:
    return f"{value.numerator / value.denominator:g}"


def _no_number(word: str) -> None:
    raise CaseRefused("", f"{word} is no number")


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise CaseRefused(name, "stands twice; keep one of them")
        found[name] = value
    return found
