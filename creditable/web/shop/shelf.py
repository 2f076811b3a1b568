"""Courses as they stand on the shelf: the version on sale with its price and approvals."""

from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet
from django.urls import reverse

from creditable.catalog.models import CourseVersion
from creditable.credit import packs
from creditable.lib.money import Money
from creditable.store.models import Offer

DELIVERIES = {
    "self_paced_online": "Online, at your own pace",
    "live_online": "Online, live",
    "in_person": "In person",
}


@dataclass(frozen=True)
class Shelved:
    """One course as the shop shows it. `price` None: not for sale now."""

    version: CourseVersion
    price: Money | None

    @property
    def address(self) -> str:
        return reverse("shop:course", args=[self.version.course.slug])

    @property
    def delivery(self) -> str:
        return DELIVERIES[self.version.delivery]

    @property
    def authorities(self) -> list[str]:
        """Who approved it, each once."""
        approvals = self.version.course.approvals.all()
        return list(dict.fromkeys(authority_name(approval.authority) for approval in approvals))


def shelve(versions: QuerySet[CourseVersion]) -> list[Shelved]:
    """The versions with their prices, in the query that reads them."""
    offer = Offer.objects.filter(course=OuterRef("course"), withdrawn_at=None)
    priced = versions.annotate(
        price_cents=offer.values("price_cents"), price_currency=offer.values("currency")
    )
    return [
        Shelved(
            version,
            None
            if version.price_cents is None
            else Money(version.price_cents, version.price_currency),
        )
        for version in priced
    ]


def authority_name(authority: str) -> str:
    """An authority in a line; its id where its pack is not installed any more."""
    pack = packs.find(authority)
    return pack.short_name if pack else authority
