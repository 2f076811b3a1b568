"""Prices of courses."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from creditable.audit import prepared, trail
from creditable.audit.clock import Now
from creditable.catalog import offerings
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


def listing(query: str = "") -> list[tuple[CourseVersion, Money | None]]:
    """The courses on sale that hold every word of `query` (`offerings.listing`), with the price at
    which each is sold now, None where it is not (two queries)."""
    return _with_prices(_priced(offerings.listing(query)) if query else _all())


def course(slug: str) -> list[tuple[CourseVersion, Money | None]]:
    """The version on sale of one course (`offerings.course`), with its price, and what time it is
    (`at`); nothing where there is no such course (three queries)."""
    return _with_prices(_one(slug))


@prepared.query
def _all() -> QuerySet[CourseVersion]:
    return _priced(offerings.listing())


@prepared.query
def _one(slug: str) -> QuerySet[CourseVersion]:
    return _priced(offerings.course(slug)).annotate(at=Now())


def _priced(versions: QuerySet[CourseVersion]) -> QuerySet[CourseVersion]:
    offer = Offer.objects.filter(course=OuterRef("course"), withdrawn_at=None)
    price = JSONObject(cents="price_cents", currency="currency")
    return versions.annotate(price=Subquery(offer.values_list(price)))


def _with_prices(rows: Iterable[Any]) -> list[tuple[CourseVersion, Money | None]]:
    return [(version, Money(**version.price) if version.price else None) for version in rows]


def prices(course_ids: Iterable[UUID]) -> dict[UUID, Money]:
    """The price of each course that is on sale (one query)."""
    offers = Offer.objects.filter(course_id__in=list(course_ids), withdrawn_at=None)
    return {offer.course_id: offer.price for offer in offers}
