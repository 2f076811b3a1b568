"""A roster: completions as one authority is told of them, and its answer. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Participant:
    """One completion in a roster, as far as it was released. `line_id` names it in the authority's
    answer; `license_type` is the pack's id and `license_type_name` what the authority calls it;
    `holder_name` is the name as printed on the license."""

    line_id: str
    holder_name: str
    license_type: str
    license_type_name: str
    license_number: str
    course_title: str
    course_number: str
    completed_on: date
    minutes: int | None

    @property
    def first_name(self) -> str:
        return _names(self.holder_name)[0]

    @property
    def last_name(self) -> str:
        return _names(self.holder_name)[1]


@dataclass(frozen=True, slots=True)
class Roster:
    """What one message, file or list to an authority holds."""

    roster_id: str
    authority_name: str
    provider_name: str
    provider_number: str
    location: str
    participants: tuple[Participant, ...]


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """An authority's answer for one line. `pending` means that it has not decided yet; a
    rejection carries its code and words."""

    line_id: str
    verdict: Literal["accepted", "rejected", "pending"]
    confirmation: str = ""
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The authority has taken a roster: its number for it, and how many lines it counted."""

    receipt_id: str
    received: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The authority's verdicts on a roster, as far as it has them."""

    receipt_id: str
    roster_id: str
    lines: tuple[LineVerdict, ...]


SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "v"}


class Unreadable(ValueError):
    """An answer that does not have the authority's shape; the text says what is wrong."""


def values(roster: Roster, participant: Participant) -> Mapping[str, str]:
    """Every field that a layout may name, as text, for one participant; "" for what was not
    released."""
    return {
        "roster_id": roster.roster_id,
        "provider_name": roster.provider_name,
        "provider_number": roster.provider_number,
        "location": roster.location,
        "participants": str(len(roster.participants)),
        "record_fee": "as the authority computes it",
        "line_id": participant.line_id,
        "holder_name": participant.holder_name,
        "first_name": participant.first_name,
        "last_name": participant.last_name,
        "license_type": participant.license_type_name,
        "license_number": participant.license_number,
        "course_title": participant.course_title,
        "course_number": participant.course_number,
        "completed_on": f"{participant.completed_on:%m/%d/%Y}",
        "minutes": "" if participant.minutes is None else str(participant.minutes),
    }


def _names(name: str) -> tuple[str, str]:
    """Given names and family name of a name as printed, "First Last Jr." or "Last, First"; a suffix
    stays with the family name."""
    last, comma, first = name.partition(",")
    if comma and first.strip(" .").lower() not in SUFFIXES:
        return first.strip(), last.strip()
    words = name.split()
    take = 2 if len(words) > 2 and words[-1].strip(".").lower() in SUFFIXES else 1
    return " ".join(words[:-take]), " ".join(words[-take:])
