"""Names: does the license name the person of the account?

Authorities match a report by the name on the license; an account often has another spelling of
it. A difference is settled before the exam, by correcting the one or the other.
"""

import re
import unicodedata
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from creditable.audit import prepared
from creditable.catalog.models import Approval, Course
from creditable.credit import packs
from creditable.people.models import License, Person

SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "v"}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A license whose printed name and the account's name are not the same person's."""

    license_id: UUID
    authority_name: str
    license_number: str
    license_name: str
    account_name: str


def matches(license_name: str, account_name: str) -> bool:
    """Whether both are spellings of one name. Case, accents, punctuation and the order "Last,
    First" do not matter; a middle name may be missing or an initial, a suffix may be missing.
    First and last name must be there and equal: a nickname is not a match."""
    one, other = _parts(license_name), _parts(account_name)
    if not one or not other or one[0] != other[0] or one[-1] != other[-1]:
        return False
    if (len(one) == 1) != (len(other) == 1):
        return False
    return _fits(one[1:-1], other[1:-1]) or _fits(other[1:-1], one[1:-1])


def check(person: Person, course: Course) -> list[Mismatch]:
    """The person's licenses that this course is approved for and that carry another name than
    the account (one query)."""
    return [
        Mismatch(
            license_id=license.pk,
            authority_name=pack.name if (pack := packs.find(license.authority)) else "",
            license_number=license.number,
            license_name=license.name_as_printed,
            account_name=person.name,
        )
        for license in _licenses(person.pk, course.pk)
        if not matches(license.name_as_printed, person.name)
    ]


@prepared.query
def _licenses(subject_id: UUID, course_id: UUID) -> QuerySet[License]:
    approved = Approval.objects.filter(course=course_id).values("authority")
    held = License.objects.filter(subject_id=subject_id, authority__in=approved)
    return held.order_by("created_at")


def _parts(name: str) -> list[str]:
    """The words of a name, given name first, without accents, punctuation and suffix."""
    last, comma, first = name.partition(",")
    if comma and not _words(first) <= SUFFIXES:
        name = f"{first} {last}"
    words = _plain(name).split()
    while len(words) > 2 and words[-1] in SUFFIXES:
        words.pop()
    return words


def _words(text: str) -> set[str]:
    return set(_plain(text).split())


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.replace("ß", "ss")).casefold()
    marks_gone = "".join(sign for sign in letters if not unicodedata.combining(sign))
    joined = re.sub(r"['’ʼ`.]", "", marks_gone)
    return re.sub(r"[^\w]+", " ", joined).strip()


def _fits(shorter: list[str], longer: list[str]) -> bool:
    """Whether the middle names of one appear in the other's, in order, initials allowed."""
    rest = iter(longer)
    return all(any(_same(name, other) for other in rest) for name in shorter)


def _same(name: str, other: str) -> bool:
    if len(name) == 1 or len(other) == 1:
        return name[0] == other[0]
    return name == other
