"""The pass marks of an exam: the provider's own, and those of authorities for the learner's
licenses. The rule is `rules.pass_mark`."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from creditable.catalog.models import Approval, Course
from creditable.credit import history, packs, rules
from creditable.credit.rules import PassMark
from creditable.lib.dates import local_date
from creditable.people.models import License


@dataclass(frozen=True, slots=True)
class LicenseMark:
    """The mark that counts for the learner's licenses of one authority."""

    authority_name: str
    license_numbers: tuple[str, ...]
    mark: PassMark


def of(*, subject_id: UUID, course: Course, own: int, at: datetime) -> list[LicenseMark]:
    """The mark for each authority that approves the course on that day and whose license the
    person holds, by the authority's name (two queries)."""
    in_force = {}
    for approval in Approval.objects.filter(course=course):
        pack = packs.find(approval.authority)
        day = local_date(at, pack.time_zone) if pack else None
        known = pack.rules_on(day) if pack and day else None
        if pack and day and known and history.approval(approval).covers(day):
            in_force[pack.id] = (pack, rules.pass_mark(known, own))
    held: dict[str, list[str]] = {}
    licenses = License.objects.filter(subject_id=subject_id, authority__in=in_force)
    for license in licenses.order_by("created_at", "id"):
        held.setdefault(license.authority, []).append(license.number)
    return sorted(
        (
            LicenseMark(in_force[authority][0].name, tuple(numbers), in_force[authority][1])
            for authority, numbers in held.items()
        ),
        key=lambda mark: mark.authority_name,
    )
