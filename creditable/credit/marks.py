"""The pass marks of an exam: the provider's own, and those of authorities for the learner's
licenses. The rule is `conversion.pass_mark`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from creditable.catalog.models import Approval, Course
from creditable.credit import history, packs
from creditable.credit.conversion import PassMark, pass_mark
from creditable.lib.dates import local_date


@dataclass(frozen=True, slots=True)
class LicenseMark:
    """The mark that counts for the learner's licenses of one authority."""

    authority_name: str
    license_numbers: tuple[str, ...]
    mark: PassMark


def of(*, subject_id: UUID, course: Course, own: int, at: datetime) -> list[LicenseMark]:
    """The mark for each authority that approves the course on that day and whose license the
    person holds, by the authority's name (two queries)."""
    in_force = _in_force(history.approvals(course.pk), own, at)
    held: dict[str, list[str]] = {}
    for license in history.licenses(subject_id) if in_force else ():
        if license.authority in in_force:
            held.setdefault(license.authority, []).append(license.number)
    return sorted(
        (
            LicenseMark(packs.get(authority).name, tuple(numbers), in_force[authority])
            for authority, numbers in held.items()
        ),
        key=lambda mark: mark.authority_name,
    )


def asked(*, approvals: Iterable[Approval], own: int, at: datetime) -> list[tuple[str, int]]:
    """The authorities, by name, whose own mark counts instead of the provider's, with that mark:
    what anybody may know before they hold a license or buy."""
    marks = _in_force(approvals, own, at).items()
    return sorted((packs.get(pack).name, mark.percent) for pack, mark in marks if not mark.own)


def _in_force(approvals: Iterable[Approval], own: int, at: datetime) -> Mapping[str, PassMark]:
    """The mark for each authority whose approval covers the day, by the id of its pack."""
    found = {}
    for approval in approvals:
        pack = packs.find(approval.authority)
        day = local_date(at, pack.time_zone) if pack else None
        known = pack.rules_on(day) if pack and day else None
        if pack and day and known and history.approval(approval).covers(day):
            found[pack.id] = pass_mark(known, own)
    return found
