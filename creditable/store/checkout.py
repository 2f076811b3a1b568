"""Placing an order."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.disclosure import policies, subjects
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people import profile
from creditable.people.models import Person
from creditable.store import basket as baskets
from creditable.store import ledger
from creditable.store.models import Basket, Cancellation, Order, OrderLine, Payment
from creditable.store.payments import settlement
from creditable.store.payments.paypal import flow

SHORTEST_KEY = 20


@dataclass(frozen=True, slots=True)
class Billing:
    """Who is billed: a complete address in the United States."""

    name: str
    street: str
    city: str
    state: str
    postal_code: str
    country: str = "US"


@transaction.atomic
def place_order(
    *, person: Person, basket_token: str, billing: Billing, attempt_key: str, by: Actor
) -> Order:
    """Freezes the basket as an order, books it, asks PayPal for it and empties the basket, all
    together. The same attempt again gives the same order. The billing address is kept in the
    account for the next time. A course that the person has already is not ordered. Refused when
    the address is not complete or nothing is left to order."""
    placed = _placed(person.pk, attempt_key)
    if placed is not None:
        return placed
    basket = Basket.objects.select_for_update().filter(token=basket_token).first()
    placed = _placed(person.pk, attempt_key)
    if placed is not None:
        return placed
    contents = baskets.contents(basket_token, person.pk)
    if basket is None or not contents.items:
        raise Refused(_("Your basket is empty, so there is nothing to order."), code="empty")
    _complete(billing)
    order = Order.objects.create(
        number=_next_number(),
        subject_id=person.pk,
        attempt_key=attempt_key,
        total_cents=contents.total.cents,
        currency=contents.total.currency,
        policy_version=policies.current().version,
        billing_name=billing.name,
        billing_email=person.email,
        billing_street=billing.street,
        billing_city=billing.city,
        billing_state=billing.state,
        billing_postal_code=billing.postal_code,
        billing_country=billing.country,
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            position=position,
            course_version=item.version,
            title=item.version.title,
            price_cents=item.price.cents,
        )
        for position, item in enumerate(contents.items, start=1)
    )
    profile.update(
        person=person,
        street=billing.street,
        city=billing.city,
        state=billing.state,
        postal_code=billing.postal_code,
        by=by,
    )
    ledger.book_sale(order)
    flow.begin(order=order, by=by)
    basket.delete()
    trail.record(
        verb="checkout.place_order",
        by=by,
        noun="order",
        noun_id=order.reference,
        about=person.pk,
        detail={"lines": len(contents.items), "cents": order.total_cents},
    )
    return order


@transaction.atomic
def cancel_order(*, order: Order, by: Actor) -> None:
    """Gives up an order that is not paid, for good: no payment of it can be approved or begun any
    more, and the books no longer expect its money. Canceling again changes nothing. Refused
    once PayPal was asked for the money."""
    for payment in order.payments.exclude(state__in=Payment.ENDED):
        settlement.end(payment=payment, state=Payment.State.CANCELED, by=by)
    subjects.lock([order.subject_id])
    if order.payments.exclude(state__in=Payment.ENDED).exists():
        raise Refused(
            _("PayPal was asked for the money of this order, so it can no longer be canceled."),
            code="paid",
        )
    _cancellation, new = Cancellation.objects.get_or_create(order=order)
    if new:
        ledger.book_cancellation(order)
        trail.record(
            verb="checkout.cancel_order",
            by=by,
            noun="order",
            noun_id=order.reference,
            about=order.subject_id,
        )


def waiting(subject_id: UUID) -> list[Order]:
    """The person's orders that wait for their approval at PayPal, newest first: what somebody
    who came back by the browser's button is looking for."""
    open_payment = Payment.objects.filter(
        order=OuterRef("id"), state__in=(Payment.State.CREATED, Payment.State.APPROVING)
    )
    orders = Order.objects.filter(Exists(open_payment), subject_id=subject_id)
    return list(orders.order_by("-placed_at")[:3])


def _placed(subject_id: UUID, attempt_key: str) -> Order | None:
    if len(attempt_key) < SHORTEST_KEY:
        raise Refused(_("This page is too old. Open your basket and try again."), code="stale")
    return Order.objects.filter(subject_id=subject_id, attempt_key=attempt_key).first()


def _complete(billing: Billing) -> None:
    for field in ("name", "street", "city", "state", "postal_code"):
        if not getattr(billing, field).strip():
            raise Refused(_("PayPal needs the whole billing address."), field=field, code="missing")


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('store_order_number')")
        (number,) = cursor.fetchone()
    return int(number)
