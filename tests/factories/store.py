"""Courses on sale, baskets and orders for tests."""

import json
from pathlib import Path
from uuid import uuid4

from creditable.catalog import importing, publishing
from creditable.catalog.models import CourseVersion
from creditable.disclosure import replies
from creditable.disclosure.models import Outbox, Reply
from creditable.lib.actor import Actor
from creditable.lib.money import Money
from creditable.people.models import Person
from creditable.store import basket, checkout, offers, refunds
from creditable.store.checkout import Billing
from creditable.store.models import Order, OrderLine, Payment, Refund

BY = Actor.system("tests")
COURSES = Path(__file__).parent.parent.parent / "demo" / "electric" / "courses"
BILLING = Billing(
    name="Ana Diaz", street="12 Main St", city="Waco", state="TX", postal_code="76701"
)


def make_course_on_sale(
    folder: str = "ladder-and-lift-safety", price: Money | None = None
) -> CourseVersion:
    """A course of the demo, published and on sale."""
    draft = importing.read_course(COURSES / folder)
    version = publishing.publish(draft=draft, by=BY)
    offers.set_price(course=version.course, price=price or Money(1500), by=BY)
    return version


def make_basket(*versions: CourseVersion) -> str:
    """A basket with these courses; gives its token."""
    token: str | None = None
    for version in versions:
        token = basket.add(token=token, course=version.course, by=BY).token
    assert token
    return token


def make_order(
    person: Person, *versions: CourseVersion, attempt_key: str = "", billing: Billing = BILLING
) -> Order:
    """An order just placed: PayPal has been asked and has not answered."""
    return checkout.place_order(
        person=person,
        basket_token=make_basket(*(versions or (make_course_on_sale(),))),
        billing=billing,
        attempt_key=attempt_key or uuid4().hex,
        by=person.actor,
    )


def paypal_order(order: Order, status: str, **more: object) -> dict[str, object]:
    """PayPal's picture of the order, as its published description shows it."""
    reference = f"PP{order.number}"
    return {
        "id": reference,
        "status": status,
        "links": [
            {
                "rel": "payer-action",
                "href": f"https://www.sandbox.paypal.com/checkoutnow?token={reference}",
            }
        ],
        **more,
    }


def captured(
    order: Order, value: str = "", capture: str = "3C679366HH908993F"
) -> dict[str, object]:
    """PayPal's picture of an order whose money was taken."""
    amount = {"currency_code": order.currency, "value": value or order.total.decimal}
    units = [{"payments": {"captures": [{"id": capture, "status": "COMPLETED", "amount": amount}]}}]
    return paypal_order(order, "COMPLETED", purchase_units=units)


def answer(
    topic: str, body: dict[str, object] | None, *, status: int = 200, outcome: str = "delivered"
) -> None:
    """The outside answers the oldest open message of this topic, and the program hears it."""
    row = Outbox.objects.filter(topic=topic, settled=False).order_by("created_at", "id").first()
    assert row is not None, f"nothing was sent about {topic}"
    Reply.objects.create(
        outbox=row,
        attempt=1,
        outcome=outcome,
        status=status if outcome in {"delivered", "refused"} else None,
        body=json.dumps(body).encode() if body is not None else b"",
    )
    replies.handle(outbox_id=row.id)


def pay(order: Order, *, capture: str = "3C679366HH908993F") -> Payment:
    """The whole way of an order through PayPal."""
    from creditable.store.payments.paypal import flow

    answer("paypal.order", paypal_order(order, "PAYER_ACTION_REQUIRED"), status=201)
    payment = order.payments.get()
    flow.capture(payment=payment, by=BY)
    answer("paypal.capture", captured(order, capture=capture), status=201)
    payment.refresh_from_db()
    return payment


def ask_refund(
    line: OrderLine,
    amount: Money | None = None,
    *,
    reason: str = "our_fault",
    confirmed: bool = False,
    attempt_key: str = "",
) -> Refund:
    """A refund that the office has asked for: the whole line unless told otherwise."""
    return refunds.ask(
        line=line,
        amount=line.price if amount is None else amount,
        reason=reason,
        note="as agreed by phone",
        confirmed=confirmed,
        attempt_key=attempt_key or uuid4().hex,
        by=BY,
    )


def paypal_refund(
    refund: Refund, *, ref: str = "1JU08902781691411", status: str = "COMPLETED", value: str = ""
) -> dict[str, object]:
    """PayPal's picture of the refund, as its published description shows it."""
    amount = refund.amount
    return {
        "id": ref,
        "status": status,
        "amount": {"currency_code": amount.currency, "value": value or amount.decimal},
        "custom_id": str(refund.id),
    }


def with_refunds(order: Order, *refunds: dict[str, object]) -> dict[str, object]:
    """PayPal's picture of a captured order with these refunds."""
    shown = captured(order)
    payments = shown["purchase_units"][0]["payments"]  # type: ignore[index]
    if refunds:
        payments["refunds"] = list(refunds)
    return shown
