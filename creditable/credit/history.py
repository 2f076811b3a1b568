"""What a person has been credited with so far, and the rows of our books, as the rules read them.

The seam between our books and a case: an approval, an award and a credit from elsewhere give whole
minutes by topic; a case states units of the authority's (conversion.in_units). A completion that
was awarded for two licenses of an authority is one completion.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import DateTimeField, Func, JSONField, QuerySet, Value

from creditable.audit import prepared
from creditable.catalog import models as catalog
from creditable.credit.case import Case, CaseRefused, Completion, HeldLicense
from creditable.credit.conversion import in_units
from creditable.credit.demands import ASKED_OF_ALL
from creditable.credit.holder import fact
from creditable.credit.models import Award, HeldCredit
from creditable.credit.pack import Pack
from creditable.credit.prospects import Approval
from creditable.people.models import License

MODES = {
    "self_paced_online": "self_paced",
    "live_online": "live_online",
    "in_person": "in_person",
}


class _ToJson(Func):
    """A column of text as the JSON of the rows beside it."""

    function = "to_jsonb"
    output_field = JSONField()


@dataclass(frozen=True, slots=True)
class Line:
    """A course that somebody completed, here (`approved`) or elsewhere: its number with the
    authority, the day there, whole minutes, and those by topic as far as they are known."""

    course_number: str
    completed_on: date
    minutes: int
    completed_at: datetime | None = None
    topic_minutes: Mapping[str, int] = field(default_factory=dict)
    mode: str = ""
    approved: bool = False

    def completion(self, pack: Pack, license_type: str) -> Completion:
        """As a case of that authority states it."""
        rules = pack.rules_on(self.completed_on, license_type)
        return Completion(
            approval=self.course_number,
            approved=self.approved or None,
            finished=self.completed_on,
            at=self.completed_at,
            units=in_units(rules, sum(self.topic_minutes.values()) or self.minutes),
            topics={word: in_units(rules, each) for word, each in self.topic_minutes.items()},
            mode=self.mode,
        )


def lines(subject_id: UUID) -> Mapping[str, Sequence[Line]]:
    """Per authority: the courses completed here and those the person told us of (one query)."""

    def told_of(topics: Any, minutes: int) -> Mapping[str, int]:
        """By topic; of a credit from elsewhere the topic is all that is told."""
        return {topics: minutes} if isinstance(topics, str) and topics else topics or {}

    found: dict[str, list[Line]] = defaultdict(list)
    known = set()
    for authority, number, on, minutes, at, topics, delivery, ours in _credited(subject_id):
        key = (authority, number, on, at, ours)
        if key not in known:  # two licenses of one authority: one completion
            known.add(key)
            mode = MODES.get(delivery, delivery or "")
            by_topic = told_of(topics, minutes)
            found[authority].append(Line(number, on, minutes, at, by_topic, mode, approved=ours))
    return found


@prepared.query
def _credited(subject_id: UUID) -> QuerySet[Award, Any]:
    columns = ("authority", "course_number", "completed_on", "minutes")
    taken = ("completed_at", "snapshot__approval__topic_minutes", "snapshot__course__delivery")
    told = (Value(None, DateTimeField()), _ToJson("topic"), _ToJson("mode"))
    here: QuerySet[Award] = Award.objects.filter(subject_id=subject_id).exclude(authority="")
    elsewhere = HeldCredit.objects.filter(subject_id=subject_id)
    return here.values_list(*columns, *taken, Value(value=True)).union(
        elsewhere.values_list(*columns, *told, Value(value=False)), all=True
    )


def case(pack: Pack, row: License, told: Sequence[Line], on: date) -> Case:
    """The license with what its holder has completed, to be renewed when it expires; on that day
    when it has expired, or when it says nothing and all licenses of the authority end together."""
    rules = pack.rules_on(on, row.license_type)
    anchored = row.expires is None and rules is not None and rules.anchor.value is not None
    late = row.expires is not None and row.expires < on
    return Case(
        authority=pack.id,
        license=HeldLicense(
            row.license_type, row.issued, row.expires, tuple(row.answers.get("roles", ()))
        ),
        renewal_date=on if late or anchored else None,
        completions=tuple(line.completion(pack, row.license_type) for line in told),
        facts=dict(_facts(pack, row.answers.get("facts", {}))),
    )


def _facts(pack: Pack, answers: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The answers that the pack still asks for and understands; it may have changed since."""
    for ask in (*ASKED_OF_ALL, *pack.asks):
        if ask.name in answers:
            with suppress(CaseRefused):
                fact(ask.name, ask, answers[ask.name])
                yield ask.name, answers[ask.name]


@prepared.query
def approvals(course_id: UUID) -> QuerySet[catalog.Approval]:
    """The approvals of a course (one query)."""
    return catalog.Approval.objects.filter(course=course_id)


@prepared.query
def licenses(subject_id: UUID) -> QuerySet[License]:
    """The person's licenses, the first first (one query)."""
    return License.objects.filter(subject_id=subject_id).order_by("created_at", "id")


def approval(row: catalog.Approval) -> Approval:
    return Approval(row.number, row.topic_minutes, row.valid_from, row.valid_to)
