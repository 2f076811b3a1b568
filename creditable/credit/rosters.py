"""Which reports travel together, and what the roster says of each: the release and its bytes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from creditable.credit import issuer, packs
from creditable.credit.formats import WRITTEN
from creditable.credit.models import Certificate, Report
from creditable.credit.pack import Pack
from creditable.credit.releases import LETTERS, ROSTERS, roster_of
from creditable.credit.roster import Roster
from creditable.disclosure import choices, gate
from creditable.disclosure.choices import Option
from creditable.disclosure.gate import Opened, Plan
from creditable.lib.actor import Actor
from creditable.people.models import License

BATCH = 5000
"""So many reports are read at once."""


class Row(NamedTuple):
    """A report as far as a roster is concerned: a hundred thousand of them go into one."""

    id: UUID
    subject_id: UUID
    authority: str
    award_id: UUID
    license_id: UUID | None
    course_number: str
    completed_on: date
    minutes: int
    course_title: str
    delivery: str
    license_type: str
    license_number: str
    holder_name: str

    @classmethod
    def all(cls, reports: "QuerySet[Report]") -> "list[Row]":
        found = reports.values_list(
            "id",
            "subject_id",
            "authority",
            "award_id",
            "award__license_id",
            "award__course_number",
            "award__completed_on",
            "award__minutes",
            "award__snapshot__course__title",
            "award__snapshot__course__delivery",
            "award__snapshot__license__type",
            "award__snapshot__license__number",
            "award__snapshot__holder_name",
        )
        one: dict[object, object] = {}  # of what many rows say alike, one is kept
        return [
            cls._make(one.setdefault(value, value) if alike else value for value, alike in row)
            for row in (zip(values, _ALIKE, strict=True) for values in found.iterator(BATCH))
        ]


_ALIKE = tuple(
    name
    in {"authority", "course_number", "completed_on", "course_title", "delivery", "license_type"}
    for name in Row._fields
)


def together(rows: Iterable[Row]) -> list[tuple[Pack, list[Row]]]:
    """The reports by authority and what its rosters hold together, each person at most once in a
    roster and no roster longer than its layout allows. What learners file themselves travels in
    none."""
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    times: dict[tuple[object, ...], int] = defaultdict(int)
    parts: dict[tuple[object, ...], int] = defaultdict(int)
    for row in rows:
        pack = packs.get(row.authority)
        if not pack.is_told_by_us:
            continue
        shared: tuple[object, ...] = (pack.id,)
        if pack.layout.group_by == "course_and_day":
            shared = (pack.id, row.course_number, row.completed_on)
        turn = times[(*shared, row.subject_id)]
        times[(*shared, row.subject_id)] += 1
        if len(groups[(*shared, turn, parts[(*shared, turn)])]) >= pack.layout.lines:
            parts[(*shared, turn)] += 1
        groups[(*shared, turn, parts[(*shared, turn)])].append(row)
    return [(packs.get(group[0].authority), group) for group in groups.values()]


def release(pack: Pack, number: str, group: Sequence[Row], *, by: Actor, key: str = "") -> Opened:
    """A release of these reports, not committed. Each person is in it once. A corrected
    certificate and its report say the same; else the report says the license as it reads now."""
    template = ROSTERS[pack.id]
    opened = gate.open(template=template, by=by, key=key or f"roster:{number}")
    provider = issuer.current()
    shared = {
        "roster_id": number,
        "authority_name": pack.name,
        "provider_name": provider.name,
        "provider_number": provider.number(pack.id),
    }
    for row, type_id, license_number, holder_name in _as_said(group):
        kind = pack.license_type(type_id)
        known = {
            **shared,
            "line_id": str(row.id),
            "location": pack.layout.location.get(row.delivery, ""),
            "holder_name": holder_name,
            "license_type": type_id,
            "license_type_name": kind.name if kind else type_id,
            "license_number": license_number,
            "course_title": row.course_title,
            "course_number": row.course_number,
            "completed_on": row.completed_on,
            "minutes": row.minutes,
        }
        opened.add(row.subject_id, {name: known[name] for name in template.fields})
    return opened


def letter(pack: Pack, row: Row, *, by: Actor, key: str) -> Opened:
    """The release of what a letter says that amends an accepted line."""
    template = LETTERS[pack.id]
    told = release(pack, "letter", [row], by=by).added(row.subject_id)
    opened = gate.open(template=template, by=by, key=key)
    opened.add(row.subject_id, {name: told[name] for name in template.fields})
    return opened


def written(release: Opened, plan: Plan) -> Roster | None:
    """The roster of those whom the policy lets through, with those fields alone that it lets
    through; None when that is nobody."""
    rows = [release.kept(line) for line in plan.allowed]
    return roster_of(rows) if rows else None


def content(pack: Pack, roster: Roster | None) -> bytes:
    """The exact bytes of the roster."""
    return WRITTEN[pack.layout.format].write(roster, pack.layout) if roster else b""


def filename(pack: Pack, roster: Roster) -> str:
    return WRITTEN[pack.layout.format].filename(roster, pack.layout)


def allowed(group: Sequence[Row], plan: Plan) -> tuple[Row, ...]:
    let = {line.subject_id for line in plan.allowed}
    return tuple(row for row in group if row.subject_id in let)


def withheld(group: Sequence[Row], plan: Plan) -> tuple[tuple[Row, str], ...]:
    reasons = {line.subject_id: line.reason for line in plan.lines if not line.allowed}
    return tuple((row, reasons[row.subject_id]) for row in group if row.subject_id in reasons)


def to_agree(*, subject_id: UUID, authority: str) -> list[Option]:
    """What a person has to be asked before a report to the authority can leave; nothing where we
    report nothing to it."""
    template = ROSTERS.get(authority)
    return choices.needed(subject_id=subject_id, template=template) if template else []


def _as_said(group: Sequence[Row]) -> Iterator[tuple[Row, str, str, str]]:
    """Each report with the type, the number and the name that are told."""
    for start in range(0, len(group), BATCH):
        part = group[start : start + BATCH]
        licenses = _licenses(part)
        corrected = _corrected([row.award_id for row in part])
        for row in part:
            then = (row.license_type, row.license_number, row.holder_name)
            now = licenses.get(row.license_id, then)
            type_id, number, name = then if now == then else now  # what is equal is kept once
            if said := corrected.get(row.award_id):
                number, name = said["license_number"], said["holder_name"]
            yield row, type_id, number, name


def _licenses(group: Sequence[Row]) -> dict[UUID | None, tuple[str, str, str]]:
    """Type, number and printed name of each license as it reads now."""
    kept = License.objects.filter(pk__in=[row.license_id for row in group])
    found = kept.values_list("id", "license_type", "number", "name_as_printed")
    return {id: (type, number, name) for id, type, number, name in found}


def _corrected(award_ids: Iterable[UUID]) -> dict[UUID, Mapping[str, str]]:
    """What the newest certificate says of each award whose certificate was corrected."""
    later = Certificate.objects.filter(award_id__in=award_ids, edition__gt=1)
    return dict(later.order_by("edition").values_list("award_id", "content"))
