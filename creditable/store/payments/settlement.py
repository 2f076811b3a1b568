"""What happens when a processor has told us for certain."""

from uuid import UUID

from django.db import transaction

from creditable.audit import trail
from creditable.audit.clock import Now
from creditable.jobs import enqueue
from creditable.lib.actor import Actor
from creditable.lib.money import Money
from creditable.store import fulfil, ledger
from creditable.store.models import Payment


class Mismatch(Exception):
    """The processor took another amount than the order's total. Nothing is delivered; somebody
    has to look."""


@transaction.atomic
def settle(*, payment: Payment, capture_ref: str, amount: Money, by: Actor) -> None:
    """The money is ours: books it, opens the courses, confirms the order, has its
    invoice issued, together. Settling the
    same capture again changes nothing. Raises Mismatch when the amount is not the total."""
    payment = locked(payment.id)
    if payment.state == Payment.State.CAPTURED:
        if payment.capture_ref != capture_ref:
            raise Mismatch(f"order {payment.order.reference} was captured twice")
        return
    if amount != payment.order.total:
        raise Mismatch(f"order {payment.order.reference}: {amount} is not {payment.order.total}")
    payment.state = Payment.State.CAPTURED
    payment.capture_ref = capture_ref
    payment.changed_at = Now()
    payment.save(update_fields=["state", "capture_ref", "changed_at"])
    ledger.book_capture(payment.order, capture_ref=capture_ref)
    fulfil.deliver(order=payment.order, by=by)
    enqueue("store.issue_invoice", {"order_id": str(payment.order_id)})
    trail.record(
        verb="payments.settle",
        by=by,
        noun="order",
        noun_id=payment.order.reference,
        about=payment.order.subject_id,
    )


@transaction.atomic
def end(*, payment: Payment, state: Payment.State, by: Actor) -> None:
    """The money will never come: declined or canceled. A payment that was captured is not ended,
    and one that waits for its capture's outcome only when the processor declined that."""
    payment = locked(payment.id)
    if payment.state == Payment.State.CAPTURING and state != Payment.State.DECLINED:
        return
    if payment.state in {Payment.State.CAPTURED, *Payment.ENDED}:
        return
    payment.state = state
    payment.changed_at = Now()
    payment.save(update_fields=["state", "changed_at"])
    trail.record(
        verb=f"payments.{state}",
        by=by,
        noun="order",
        noun_id=payment.order.reference,
        about=payment.order.subject_id,
    )


def flag(payment: Payment, problem: str) -> None:
    """Says on the payment what somebody in the office has to look at, and on the trail. Runs in
    the caller's transaction."""
    Payment.objects.filter(id=payment.id).update(problem=problem)
    trail.record(
        verb="payments.flag",
        by=Actor.system("store"),
        noun="order",
        noun_id=payment.order.reference,
        about=payment.order.subject_id,
        detail={"problem": problem},
    )


def locked(payment_id: UUID) -> Payment:
    """The payment with its order, locked until the transaction ends."""
    payments = Payment.objects.select_for_update(of=("self",)).select_related("order")
    return payments.get(id=payment_id)
