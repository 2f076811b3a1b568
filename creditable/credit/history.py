"""What a person has been credited with so far, as the rules read it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import QuerySet, Value

from creditable.catalog import models as catalog
from creditable.credit import rules
from creditable.credit.models import Award, HeldCredit
from creditable.people.models import License


def lines(subject_id: UUID) -> Mapping[str, Sequence[rules.Line]]:
    """Per authority: the courses completed here and those the person told us of (one query)."""
    columns = ("authority", "course_number", "completed_on", "minutes")
    here: QuerySet[Award] = Award.objects.filter(subject_id=subject_id).exclude(authority="")
    elsewhere = HeldCredit.objects.filter(subject_id=subject_id)
    found: dict[str, list[rules.Line]] = defaultdict(list)
    rows = here.values_list(*columns, Value(1)).union(
        elsewhere.values_list(*columns, Value(2)), all=True
    )
    for authority, course_number, completed_on, minutes, _ in rows:
        line = rules.Line(course_number, completed_on, minutes)
        if line not in found[authority]:  # two licenses of one authority: one completion
            found[authority].append(line)
    return found


def license(row: License) -> rules.License:
    return rules.License(row.license_type, row.expires)


def approval(row: catalog.Approval) -> rules.Approval:
    return rules.Approval(row.number, row.topic_minutes, row.valid_from, row.valid_to)
