"""Which course helps a license most."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from creditable.catalog.models import CourseVersion
from creditable.credit.counts import Holder
from creditable.credit.prospects import Prospect
from creditable.lib.money import Money
from creditable.store import offers


@dataclass(frozen=True)
class Advice:
    """A course and what it would do for one license. `price` None: the person has it already."""

    version: CourseVersion
    price: Money | None
    prospect: Prospect


def next_best(holder: Holder, *, taking: Collection[UUID] = ()) -> Sequence[Advice | None]:
    """For each license of the holder the course that helps it most, None where none does (two
    queries; none for somebody without a license). `taking` are the courses that the person has
    and has not completed, by their ids: those cost nothing more."""
    if not holder.licenses:
        return []
    offered = [
        (version, None if version.course_id in taking else price)
        for version, price in offers.listing()
        if price is not None or version.course_id in taking
    ]
    weighed = [
        (version, price, holder.prospects(version.course, version.delivery))
        for version, price in offered
    ]
    return [
        best(Advice(version, price, prospects[place]) for version, price, prospects in weighed)
        for place, _ in enumerate(holder.licenses)
    ]


def best(offered: Iterable[Advice]) -> Advice | None:
    """The cheapest of the courses that complete the hours; when none does, the one that adds
    most, and of those the cheapest. None when no course counts."""
    counting = [one for one in offered if one.prospect.answer in {"yes", "partly"}]
    return min(counting, key=_rank, default=None)


def _rank(advice: Advice) -> tuple[bool, Fraction, int, str]:
    completes = advice.prospect.answer == "yes"
    added = Fraction(0) if completes else -advice.prospect.brings
    cents = advice.price.cents if advice.price else 0
    return (not completes, added, cents, advice.version.title)
