"""The basket of a browser."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from creditable.catalog.models import Course, CourseVersion
from creditable.lib import ids
from creditable.lib.actor import Actor
from creditable.lib.money import Money
from creditable.lib.refusal import Refused
from creditable.store import fulfil, offers, pricing
from creditable.store.models import Basket, BasketItem

MOST_ITEMS = 20


@dataclass(frozen=True, slots=True)
class Item:
    """A course in the basket as it is sold now."""

    course_id: UUID
    slug: str
    version: CourseVersion
    price: Money


@dataclass(frozen=True, slots=True)
class Taken:
    """A course in the basket that the person has already, until `expires_at`."""

    slug: str
    title: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Contents:
    """A basket as it stands now: what can be bought, and the total. A course that the person has
    already is in `taken`, one that is no longer sold is named in `gone`; neither is counted."""

    items: tuple[Item, ...]
    taken: tuple[Taken, ...]
    gone: tuple[str, ...]
    total: Money


@transaction.atomic
def add(*, token: str | None, course: Course, by: Actor) -> Basket:
    """Puts the course into the basket of this token, making a basket with a new token when
    there is none. Refused when the course is not sold or the basket is full."""
    if course.id not in offers.prices([course.id]):
        raise Refused(
            _("This course is not on sale now. Your basket is unchanged."), code="not_sold"
        )
    basket = find(token) or Basket.objects.create(token=ids.token())
    Basket.objects.select_for_update().get(id=basket.id)
    if basket.items.exclude(course=course).count() >= MOST_ITEMS:
        raise Refused(
            _(
                "A basket holds {most_items} courses. Check out first, then come back for more."
            ).format(most_items=MOST_ITEMS),
            code="full",
        )
    BasketItem.objects.get_or_create(basket=basket, course=course)
    return basket


@transaction.atomic
def remove(*, token: str | None, slug: str, by: Actor) -> None:
    """Takes the course out. Taking out what is not there changes nothing."""
    BasketItem.objects.filter(basket__token=token or "", course__slug=slug).delete()


def find(token: str | None) -> Basket | None:
    return Basket.objects.filter(token=token).first() if token else None


def count(token: str | None) -> int:
    return BasketItem.objects.filter(basket__token=token).count() if token else 0


def contents(token: str | None, subject_id: UUID | None) -> Contents:
    """What is in the basket, at today's prices and in today's versions, for this person or for
    somebody who is not signed in (at most four queries)."""
    picked = list(
        BasketItem.objects.filter(basket__token=token or "")
        .select_related("course")
        .order_by("added_at", "id")
    )
    course_ids = [item.course_id for item in picked]
    prices = offers.prices(course_ids)
    versions = {
        version.course_id: version
        for version in CourseVersion.objects.filter(course_id__in=course_ids).order_by("number")
    }
    has = fulfil.open_already(subject_id, course_ids) if subject_id and course_ids else {}
    items = tuple(
        Item(item.course_id, item.course.slug, versions[item.course_id], prices[item.course_id])
        for item in picked
        if item.course_id in prices and item.course_id in versions and item.course_id not in has
    )
    taken = tuple(
        Taken(item.course.slug, versions[item.course_id].title, has[item.course_id])
        for item in picked
        if item.course_id in has
    )
    known = {item.course_id for item in items} | has.keys()
    gone = tuple(item.course.slug for item in picked if item.course_id not in known)
    return Contents(items, taken, gone, pricing.total(item.price for item in items))
