"""Whether the licenses that people entered stand in the public list of their authority.

Of the list nothing is kept but what it says of those licenses; what their holders typed is never
changed by it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from creditable.audit import trail
from creditable.credit import names, packs, registers
from creditable.credit.demands import folded
from creditable.credit.models import LicenseLookup
from creditable.credit.registers import BadLine, Entry, Layout
from creditable.lib.actor import Actor
from creditable.people.models import License

NAMED = 20
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a list: licenses read, lines that could not be (the first of them by name), and
    of the licenses that people entered how many stand in it and how many do not."""

    read: int
    bad: int
    named: Sequence[BadLine]
    found: int
    missing: int


def take(*, lines: Iterable[str], layout: str, listed_on: date, by: Actor) -> Imported:
    """Looks up everybody's licenses in the list of that day. ListRefused when it is no such list;
    then nothing changes."""
    found_layout = registers.LAYOUTS[layout]
    wanted = _wanted(found_layout)
    best: dict[License, Entry] = {}
    read = bad = 0
    named: list[BadLine] = []
    for entry in registers.read(lines, found_layout):
        if isinstance(entry, BadLine):
            bad += 1
            named += [entry] if len(named) < NAMED else []
            continue
        read += 1
        for license in wanted.get(registers.folded_number(entry.number), ()):
            known = best.get(license)
            if known is None or _fits(license, entry) > _fits(license, known):
                best[license] = entry
    licenses = [license for group in wanted.values() for license in group]
    _store(licenses, best, layout, listed_on, by)
    return Imported(read, bad, named, len(best), len(licenses) - len(best))


def says(license: License, lookup: LicenseLookup | None) -> "Said | None":
    """What the last list says of a license; None when it was not looked up as it is now."""
    if lookup is None or (lookup.authority, lookup.number) != (license.authority, license.number):
        return None
    same_name = not lookup.name or names.matches(license.name_as_printed, lookup.name)
    same_day = license.expires is None or lookup.expires in (None, license.expires)
    return Said(lookup, same_name=same_name, same_day=same_day)


@dataclass(frozen=True, slots=True)
class Said:
    """What a list says of a license, and what of it is other than its holder typed."""

    lookup: LicenseLookup
    same_name: bool
    same_day: bool

    @property
    def agrees(self) -> bool:
        return self.lookup.found and self.same_name and self.same_day


def _wanted(layout: Layout) -> Mapping[str, Sequence[License]]:
    """The licenses that people entered of these authorities, by their folded number."""
    found: dict[str, list[License]] = defaultdict(list)
    held = License.objects.filter(authority__in=layout.authorities)
    for license in held.iterator(chunk_size=BATCH):
        found[registers.folded_number(license.number)].append(license)
    return found


def _fits(license: License, entry: Entry) -> tuple[bool, bool]:
    """How well an entry of that number fits: numbers are unique within a type only."""
    pack = packs.find(license.authority)
    kind = pack.license_type(license.license_type) if pack else None
    same_kind = bool(entry.kind) and (
        kind.is_meant(entry.kind) if kind else folded(entry.kind) == license.license_type
    )
    return same_kind, names.matches(license.name_as_printed, entry.name)


@transaction.atomic
def _store(
    licenses: Sequence[License],
    best: Mapping[License, Entry],
    layout: str,
    listed_on: date,
    by: Actor,
) -> None:
    rows = [_row(license, best.get(license), layout, listed_on) for license in licenses]
    LicenseLookup.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["license"],
        update_fields=[
            *("authority", "number", "list", "listed_on"),
            *("found", "name", "kind", "status", "expires"),
        ],
    )
    trail.record(
        verb="lookups.take",
        by=by,
        noun="license_list",
        noun_id=layout,
        detail={"listed_on": listed_on.isoformat(), "found": len(best), "looked_up": len(licenses)},
    )


def _row(license: License, entry: Entry | None, layout: str, listed_on: date) -> LicenseLookup:
    return LicenseLookup(
        license=license,
        subject_id=license.subject_id,
        authority=license.authority,
        number=license.number,
        list=layout,
        listed_on=listed_on,
        found=entry is not None,
        name=entry.name if entry else "",
        kind=entry.kind if entry else "",
        status=entry.status if entry else "",
        expires=entry.expires if entry else None,
    )
