"""What happens when a processor has told us for certain what became of a refund."""

from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from creditable.audit import trail
from creditable.audit.clock import Now
from creditable.jobs import enqueue
from creditable.learning import enrollment
from creditable.lib.actor import Actor
from creditable.lib.money import Money
from creditable.store import ledger
from creditable.store.fulfil import SOURCE
from creditable.store.models import OrderLine, Refund
from creditable.store.payments import settlement


@transaction.atomic
def complete(*, refund: Refund, refund_ref: str, amount: Money, by: Actor) -> None:
    """The money went back: books it, has the credit note issued, and takes back the access that
    the line gave once the whole of it went back. Completing the same refund again changes
    nothing. What does not fit what we asked for is shown to the office, and nothing is booked."""
    refund = locked(refund.id)
    order = refund.payment.order
    if refund.state == Refund.State.COMPLETED and refund.refund_ref == refund_ref:
        return
    if refund.state in Refund.ENDED or amount != refund.amount:
        problem = f"PayPal returned {amount} as {refund_ref}, which is not what we asked it for."
        settlement.flag(refund.payment, problem)
        return
    _move(refund, Refund.State.COMPLETED, refund_ref=refund_ref)
    ledger.book_refund(refund)
    if _whole(refund.line):
        enrollment.withdraw(source=SOURCE, source_id=str(refund.line_id), by=by)
    enqueue("store.issue_credit_note", {"refund_id": str(refund.id)})
    _note("refunds.complete", refund, by, {"order": order.reference})


@transaction.atomic
def hold(*, refund: Refund, refund_ref: str, by: Actor) -> None:
    """The processor is at work on it."""
    refund = locked(refund.id)
    if refund.state == Refund.State.ASKED:
        _move(refund, Refund.State.PENDING, refund_ref=refund_ref)
        _note("refunds.hold", refund, by)


@transaction.atomic
def fail(*, refund: Refund, problem: str, by: Actor) -> None:
    """The money certainly did not go back: the entry is reversed, and the amount may be asked
    for anew."""
    refund = locked(refund.id)
    if refund.state in Refund.ENDED:
        return
    _move(refund, Refund.State.FAILED, problem=problem)
    ledger.reverse_refund(refund)
    _note("refunds.fail", refund, by, {"problem": problem})


def locked(refund_id: UUID) -> Refund:
    """The refund with its payment, both locked until the transaction ends. The payment is locked
    first, as by whoever asks for another refund of it."""
    found = Refund.objects.only("payment_id").get(id=refund_id)
    settlement.locked(found.payment_id)
    refunds = Refund.objects.select_for_update(of=("self",))
    return refunds.select_related("payment__order", "line__order").get(id=refund_id)


def _whole(line: OrderLine) -> bool:
    back = line.refunds.filter(state=Refund.State.COMPLETED).aggregate(sum=Sum("cents"))["sum"]
    return bool(back == line.price_cents)


def _move(
    refund: Refund, state: Refund.State, *, refund_ref: str | None = None, problem: str = ""
) -> None:
    refund.state = state
    refund.refund_ref = refund_ref or refund.refund_ref
    refund.problem = problem
    refund.changed_at = Now()
    refund.save(update_fields=["state", "refund_ref", "problem", "changed_at"])


def _note(verb: str, refund: Refund, by: Actor, detail: dict[str, str] | None = None) -> None:
    trail.record(
        verb=verb,
        by=by,
        noun="refund",
        noun_id=refund.id,
        about=refund.payment.order.subject_id,
        detail=detail,
    )
