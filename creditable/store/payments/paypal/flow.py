"""A payment's way through PayPal: ask for an order, capture it when it is approved, and when in
doubt ask what PayPal knows. Each step only queues a request; what PayPal says is handled in
`store.replies`, once.
"""

from uuid import UUID

from django.conf import settings
from django.db import transaction

from creditable.audit import trail
from creditable.audit.clock import Now
from creditable.disclosure import gate
from creditable.disclosure.gate import Released
from creditable.disclosure.templates import Template
from creditable.lib.actor import Actor
from creditable.lib.ids import token
from creditable.lib.money import Money
from creditable.store.models import Order, Payment
from creditable.store.payments import settlement
from creditable.store.payments.paypal.messages import OrderState, is_at
from creditable.store.payments.paypal.releases import CAPTURE, ORDER, STATUS

PROVIDER = "paypal"
PAYPAL = Actor.outside("paypal")
TO_APPROVE_AGAIN = frozenset(
    {"ORDER_NOT_APPROVED", "INSTRUMENT_DECLINED", "PAYER_CANNOT_PAY", "PAYER_ACTION_REQUIRED"}
)


@transaction.atomic
def begin(*, order: Order, by: Actor) -> Payment:
    """Asks PayPal for an order over the total. An open payment of the order is used again."""
    open_payment = order.payments.exclude(state__in=Payment.ENDED).first()
    if open_payment is not None:
        return open_payment
    payment = Payment.objects.create(order=order, provider=PROVIDER)
    back = f"{settings.BASE_URL}/checkout/{order.number}"
    release = gate.open(template=ORDER, by=by, key=order_key(payment))
    release.add(
        order.subject_id,
        {
            "total": order.total.decimal,
            "currency": order.currency,
            "reference": order.reference,
            "name": order.billing_name,
            "email": order.billing_email,
            "street": order.billing_street,
            "city": order.billing_city,
            "state": order.billing_state,
            "postal_code": order.billing_postal_code,
            "country": order.billing_country,
            "return_url": f"{back}/return/",
            "cancel_url": f"{back}/cancel/",
        },
    )
    release.commit(reference=str(payment.id))
    return payment


@transaction.atomic
def capture(*, payment: Payment, by: Actor) -> Released | None:
    """Asks PayPal to take the money of an approved order. None when there is nothing to take
    (again): it was asked for, or taken, or has ended."""
    payment = settlement.locked(payment.id)
    if payment.state != Payment.State.APPROVING or payment.provider_ref is None:
        return None
    payment.state = Payment.State.CAPTURING
    payment.capture_attempt += 1
    payment.changed_at = Now()
    payment.save(update_fields=["state", "capture_attempt", "changed_at"])
    key = f"paypal.capture:{payment.id}:{payment.capture_attempt}"
    return _ask(CAPTURE, payment, key, by)


@transaction.atomic
def ask_status(*, payment: Payment, by: Actor, hint: str = "") -> Released | None:
    """Asks PayPal what it knows of the payment; `hint` names why (a notice's id), so that the
    same hint asks once."""
    if payment.provider_ref is None or payment.state in {Payment.State.CAPTURED, *Payment.ENDED}:
        return None
    return _ask(STATUS, payment, f"paypal.status:{payment.id}:{hint or token()}", by)


@transaction.atomic
def take_note(*, payment_id: UUID, state: OrderState) -> None:
    """Takes over what PayPal said of the order, from whichever answer. Captured: settles. Ready
    to be approved or approved: the payment follows. What we do not know stays as it was."""
    payment = settlement.locked(payment_id)
    if state.problem in TO_APPROVE_AGAIN:
        _back_to_approval(payment)
    elif state.problem == "ORDER_ALREADY_CAPTURED":
        ask_status(payment=payment, by=PAYPAL)
    elif state.capture_status == "COMPLETED" and state.captured is not None:
        _settle(payment, state.capture_ref, state.captured)
    elif state.status == "VOIDED":
        settlement.end(payment=payment, state=Payment.State.CANCELED, by=PAYPAL)
    elif state.status in {"CREATED", "PAYER_ACTION_REQUIRED", "APPROVED"}:
        _follow(payment, state)


def _settle(payment: Payment, capture_ref: str, amount: Money) -> None:
    try:
        settlement.settle(payment=payment, capture_ref=capture_ref, amount=amount, by=PAYPAL)
    except settlement.Mismatch as mismatch:
        trail.record(
            verb="payments.mismatch",
            by=PAYPAL,
            noun="order",
            noun_id=payment.order.reference,
            about=payment.order.subject_id,
            detail={"capture": capture_ref, "why": str(mismatch)},
        )


def _follow(payment: Payment, state: OrderState) -> None:
    if payment.state == Payment.State.CREATED:
        payment.state = Payment.State.APPROVING
        payment.provider_ref = state.id
        payment.approve_url = _approve_url(state)
        payment.changed_at = Now()
        payment.save(update_fields=["state", "provider_ref", "approve_url", "changed_at"])
    if state.status == "APPROVED" and payment.capture_attempt == 0:
        capture(payment=payment, by=PAYPAL)


def _back_to_approval(payment: Payment) -> None:
    if payment.state != Payment.State.CAPTURING:
        return
    payment.state = Payment.State.APPROVING
    payment.changed_at = Now()
    payment.save(update_fields=["state", "changed_at"])


def _approve_url(state: OrderState) -> str:
    return state.approve_url if is_at(state.approve_url, settings.PAYPAL_CHECKOUT_URL) else ""


def _ask(template: Template, payment: Payment, key: str, by: Actor) -> Released:
    release = gate.open(template=template, by=by, key=key)
    release.add(payment.order.subject_id, {"provider_ref": payment.provider_ref})
    return release.commit(reference=str(payment.id))


def order_key(payment: Payment) -> str:
    """The name of the request that asks PayPal for this payment's order."""
    return f"paypal.order:{payment.id}"
