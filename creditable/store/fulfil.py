"""Delivering what was paid for."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from creditable.learning import access, enrollment
from creditable.lib.actor import Actor
from creditable.mail import post
from creditable.store.models import Order
from creditable.store.releases import ORDER_CONFIRMED

SOURCE = "store.order_line"
"""What the places that an order line opens name as their source."""


def open_already(subject_id: UUID, course_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Those of the courses that the person is in, with the end of their access: paying for one of
    them would open nothing (one query)."""
    places = access.under_way(subject_id).filter(course_version__course__in=list(course_ids))
    return dict(places.order_by("expires_at").values_list("course_version__course", "expires_at"))


def deliver(*, order: Order, by: Actor) -> None:
    """Opens each course of the order to the customer and confirms the order by mail. Each line
    grants once, so delivering again changes nothing. Runs in the caller's transaction."""
    for line in order.lines.select_related("course_version"):
        enrollment.grant(
            subject_id=order.subject_id,
            course_version=line.course_version,
            source=SOURCE,
            source_id=str(line.id),
            by=by,
        )
    post.send(
        kind=ORDER_CONFIRMED,
        subject_id=order.subject_id,
        to=order.billing_email,
        values={
            "name": order.billing_name,
            "reference": order.reference,
            "total": str(order.total),
            "courses": [
                {"title": line.title, "price": str(line.price)} for line in order.lines.all()
            ],
            "order_path": f"/account/orders/{order.number}/",
        },
        by=by,
        key=f"order_confirmed:{order.id}",
    )
