"""Prices of courses."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from creditable.audit import trail
from creditable.audit.clock import Now
from creditable.catalog.models import Course, CourseVersion
from creditable.lib.actor import Actor
from creditable.lib.money import Money
from creditable.store.models import Offer


@transaction.atomic
def set_price(*, course: Course, price: Money, by: Actor) -> Offer:
    """Sells the course at this price from now on. The same price again changes nothing."""
    current = Offer.objects.select_for_update().filter(course=course, withdrawn_at=None).first()
    if current is not None:
        if current.price == price:
            return current
        current.withdrawn_at = Now()
        current.save(update_fields=["withdrawn_at"])
    offer = Offer.objects.create(course=course, price_cents=price.cents, currency=price.currency)
    trail.record(
        verb="offers.set_price",
        by=by,
        noun="course",
        noun_id=course.slug,
        detail={"cents": price.cents, "currency": price.currency},
    )
    return offer


def priced(versions: QuerySet[CourseVersion]) -> list[tuple[CourseVersion, Money | None]]:
    """The versions with the price at which each is sold now, None where it is not (in the query
    that reads the versions)."""
    offer = Offer.objects.filter(course=OuterRef("course"), withdrawn_at=None)
    price = JSONObject(cents="price_cents", currency="currency")
    rows = versions.annotate(price=Subquery(offer.values_list(price)))
    return [(version, Money(**version.price) if version.price else None) for version in rows]


def prices(course_ids: Iterable[UUID]) -> dict[UUID, Money]:
    """The price of each course that is on sale (one query)."""
    offers = Offer.objects.filter(course_id__in=list(course_ids), withdrawn_at=None)
    return {offer.course_id: offer.price for offer in offers}
