"""Courses as they stand on the shelf: the version on sale with its price and approvals, and what
it counts for those who hold a license."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.urls import reverse
from django.utils.translation import gettext_lazy

from creditable.catalog.models import CourseVersion
from creditable.credit import packs
from creditable.credit.counts import Holder
from creditable.credit.prospects import Answer, Prospect
from creditable.lib.money import Money

DELIVERIES = {
    "self_paced_online": gettext_lazy("Online, at your own pace"),
    "live_online": gettext_lazy("Online, live"),
    "in_person": gettext_lazy("In person"),
}

ANSWERS: Sequence[Answer] = ("yes", "partly", "cannot_tell", "no")


@dataclass(frozen=True)
class Shelved:
    """One course as the shop shows it. `price` None: not for sale now. `prospects`: one for
    each license of whoever is looking."""

    version: CourseVersion
    price: Money | None
    prospects: Sequence[Prospect] = ()

    @property
    def address(self) -> str:
        return reverse("shop:course", args=[self.version.course.slug])

    @property
    def delivery(self) -> str:
        return str(DELIVERIES[self.version.delivery])

    @property
    def authorities(self) -> list[str]:
        """Who approved it, each once."""
        approvals = self.version.course.approvals.all()
        names = {row.authority: authority_name(row.authority) for row in approvals}
        return [name for authority, name in names.items() if approves_courses(authority)]

    @property
    def need(self) -> tuple[int, Fraction]:
        """How much whoever looks needs it, least first: what completes the hours of a license, then
        what brings most of them."""
        needs = [(ANSWERS.index(one.answer), -one.brings) for one in self.prospects]
        return min(needs, default=(len(ANSWERS), Fraction(0)))

    @property
    def told(self) -> list[tuple[str, Prospect]]:
        """The prospects with the names of their authorities."""
        return [(authority_name(prospect.authority), prospect) for prospect in self.prospects]


def shelve(
    priced: Iterable[tuple[CourseVersion, Money | None]], holder: Holder | None = None
) -> list[Shelved]:
    """Versions with their prices (`store.offers`), and with what they count for this holder (no
    query more)."""
    return [
        Shelved(
            version,
            price,
            holder.prospects(version.course, version.delivery) if holder else (),
        )
        for version, price in priced
    ]


def approves_courses(authority: str) -> bool:
    """Whether an approval in our books is the authority's own word."""
    pack = packs.find(authority)
    return pack is None or pack.approves_courses is not False


def authority_in_full(authority: str) -> str:
    """An authority where one chooses it, in the name that stands on a license."""
    pack = packs.find(authority)
    return pack.name if pack else authority


def authority_name(authority: str) -> str:
    """An authority in a line; its id where its pack is not installed any more."""
    pack = packs.find(authority)
    return pack.short_name if pack else authority
