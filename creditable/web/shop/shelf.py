"""Courses as they stand on the shelf: the version on sale with its price and approvals."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from creditable.catalog.models import CourseVersion
from creditable.credit import packs
from creditable.lib.money import Money
from creditable.store import offers

DELIVERIES = {
    "self_paced_online": "Online, at your own pace",
    "live_online": "Online, live",
    "in_person": "In person",
}


@dataclass(frozen=True)
class Shelved:
    """One course for a list. `price` None: not for sale now. `authorities`: who approved it."""

    version: CourseVersion
    price: Money | None
    authorities: tuple[str, ...]

    @property
    def address(self) -> str:
        return reverse("shop:course", args=[self.version.course.slug])

    @property
    def delivery(self) -> str:
        return DELIVERIES[self.version.delivery]


def shelve(versions: Iterable[CourseVersion]) -> list[Shelved]:
    """The versions with their prices (one query) and the names of those who approved them."""
    shown = list(versions)
    prices = offers.prices([version.course_id for version in shown]) if shown else {}
    return [
        Shelved(
            version,
            prices.get(version.course_id),
            tuple(
                dict.fromkeys(
                    authority_name(approval.authority)
                    for approval in version.course.approvals.all()
                )
            ),
        )
        for version in shown
    ]


def authority_name(pack_id: str) -> str:
    """An authority in a list; its id where we have no pack for it any more."""
    pack = packs.get(pack_id)
    return pack.short_name if pack else pack_id
