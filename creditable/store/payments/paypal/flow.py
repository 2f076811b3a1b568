"""A payment's way through PayPal: ask for an order, capture it when it is approved, and when in
doubt ask what PayPal knows. Each step only queues a request; what PayPal says is handled in
`store.replies`, once.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from creditable.audit import clock
from creditable.audit.clock import Now
from creditable.disclosure import gate, subjects
from creditable.disclosure.gate import Released
from creditable.disclosure.models import Outbox
from creditable.disclosure.templates import Template
from creditable.lib.actor import Actor
from creditable.lib.ids import token
from creditable.lib.money import Money
from creditable.lib.refusal import Refused
from creditable.store import fulfil
from creditable.store.models import Cancellation, Order, Payment
from creditable.store.payments import settlement
from creditable.store.payments.paypal.messages import OrderState, is_at
from creditable.store.payments.paypal.releases import CAPTURE, ORDER, STATUS

PROVIDER = "paypal"
PAYPAL = Actor.outside("paypal")
MOST_CAPTURES = 5
TO_APPROVE_AGAIN = frozenset(
    {"ORDER_NOT_APPROVED", "INSTRUMENT_DECLINED", "PAYER_CANNOT_PAY", "PAYER_ACTION_REQUIRED"}
)


@transaction.atomic
def begin(*, order: Order, by: Actor) -> Payment:
    """Asks PayPal for an order over the total. An open payment of the order is used again.
    Refused when the order was canceled, or opens a course that the customer has already."""
    subjects.lock([order.subject_id])
    if Cancellation.objects.filter(order=order).exists():
        raise Refused(_("This order was canceled. Nothing was charged."), code="canceled")
    open_payment = order.payments.exclude(state__in=Payment.ENDED).first()
    if open_payment is not None:
        return open_payment
    if _paid_otherwise(order):
        raise Refused(
            _("You have a course of this order already, so it is not charged."), code="taken"
        )
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
    (again): it was asked for, or taken, or has ended. Where the customer came by a course of the
    order otherwise since, the payment ends without money: nobody pays twice by accident."""
    payment = settlement.locked(payment.id)
    if payment.state != Payment.State.APPROVING or payment.provider_ref is None:
        return None
    subjects.lock([payment.order.subject_id])
    if _paid_otherwise(payment.order):
        settlement.end(payment=payment, state=Payment.State.CANCELED, by=by)
        return None
    payment.state = Payment.State.CAPTURING
    payment.capture_attempt += 1
    payment.changed_at = Now()
    payment.save(update_fields=["state", "capture_attempt", "changed_at"])
    return _ask(CAPTURE, payment, _capture_key(payment), by)


@transaction.atomic
def ask_status(*, payment: Payment, by: Actor, hint: str = "") -> Released | None:
    """Asks PayPal what it knows of the payment; `hint` names why (a notice's id), so that the
    same hint asks once."""
    if payment.provider_ref is None or payment.state in {Payment.State.CAPTURED, *Payment.ENDED}:
        return None
    return _ask(STATUS, payment, f"paypal.status:{payment.id}:{hint or token()}", by)


@transaction.atomic
def take_note(*, payment_id: UUID, state: OrderState) -> None:
    """Takes over what PayPal said of the order, from whichever answer. Captured: settles.
    Declined for good: ends. Ready to be approved or approved: the payment follows. Whatever is
    not certain is asked."""
    payment = settlement.locked(payment_id)
    if state.problem in TO_APPROVE_AGAIN:
        _back_to_approval(payment)
    elif state.problem:
        ask_status(payment=payment, by=PAYPAL, hint=f"after-{state.problem}"[:60])
    elif state.capture_status == "COMPLETED" and state.captured is not None:
        _settle(payment, state.capture_ref, state.captured)
    elif state.capture_status in {"DECLINED", "FAILED"}:
        settlement.end(payment=payment, state=Payment.State.DECLINED, by=PAYPAL)
    elif state.status == "VOIDED":
        settlement.end(payment=payment, state=Payment.State.CANCELED, by=PAYPAL)
    elif state.status in {"CREATED", "PAYER_ACTION_REQUIRED", "APPROVED"}:
        _follow(payment, state)


@transaction.atomic
def gone(*, payment_id: UUID) -> None:
    """PayPal no longer knows the order: it ran out before anybody approved it. Where we had
    asked for the money, somebody has to look."""
    payment = settlement.locked(payment_id)
    if payment.state == Payment.State.CAPTURING:
        settlement.flag(payment, "PayPal no longer knows this order; look at PayPal's list.")
    else:
        settlement.end(payment=payment, state=Payment.State.CANCELED, by=PAYPAL)


def look_again() -> None:
    """Asks PayPal about every payment that has waited for some minutes, once an hour each: for
    notices that never came and answers that said nothing."""
    now = clock.now()
    waiting = Payment.objects.filter(
        provider=PROVIDER,
        state__in=(Payment.State.APPROVING, Payment.State.CAPTURING),
        changed_at__lt=now - timedelta(minutes=5),
        changed_at__gt=now - timedelta(days=30),
    )
    for payment in waiting.select_related("order").order_by("changed_at"):
        ask_status(payment=payment, by=Actor.system("schedule"), hint=f"look-{now:%Y%m%d%H}")


def _paid_otherwise(order: Order) -> bool:
    """Whether the customer has a course of the order already, or another order that PayPal was
    asked to take the money of opens it."""
    course_ids = order.lines.values_list("course_version__course", flat=True)
    being_paid = Payment.objects.filter(
        state=Payment.State.CAPTURING,
        order__subject=order.subject_id,
        order__lines__course_version__course__in=course_ids,
    )
    has = fulfil.open_already(order.subject_id, course_ids)
    return bool(has) or being_paid.exclude(order=order).exists()


def _settle(payment: Payment, capture_ref: str, amount: Money) -> None:
    try:
        settlement.settle(payment=payment, capture_ref=capture_ref, amount=amount, by=PAYPAL)
    except settlement.Mismatch as mismatch:
        settlement.flag(payment, str(mismatch))


def _follow(payment: Payment, state: OrderState) -> None:
    if payment.state == Payment.State.CREATED:
        payment.state = Payment.State.APPROVING
        payment.provider_ref = state.id
        payment.approve_url = _approve_url(state)
        payment.changed_at = Now()
        payment.save(update_fields=["state", "provider_ref", "approve_url", "changed_at"])
    elif payment.state == Payment.State.CAPTURING and not _asking_for_money(payment):
        _back_to_approval(payment)
    if state.status == "APPROVED" and payment.capture_attempt < MOST_CAPTURES:
        capture(payment=payment, by=PAYPAL)


def _asking_for_money(payment: Payment) -> bool:
    """Whether the newest request for the money may still reach PayPal."""
    return Outbox.objects.filter(key=_capture_key(payment), settled=False).exists()


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


def _capture_key(payment: Payment) -> str:
    return f"paypal.capture:{payment.id}:{payment.capture_attempt}"
