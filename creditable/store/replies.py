"""What PayPal answered. An answer that cannot be read says nothing, so PayPal is asked."""

from contextlib import suppress
from uuid import UUID

from creditable.disclosure.replies import Answer, on
from creditable.store import reconciliation
from creditable.store.models import Payment, ProviderCertificate, Refund
from creditable.store.payments import settlement
from creditable.store.payments.paypal import flow, messages, notices, refunds
from creditable.store.payments.paypal.messages import OrderState


@on("paypal.order")
def order_answered(answer: Answer) -> None:
    """PayPal made the order, or did not, or we do not know. Without the address at which to
    approve it nobody can have paid, so giving the payment up loses nothing."""
    state = _read(answer)
    if answer.outcome == "delivered" and state is not None:
        flow.take_note(payment_id=UUID(answer.reference), state=state)
        return
    payment = Payment.objects.get(id=UUID(answer.reference))
    settlement.end(payment=payment, state=Payment.State.CANCELED, by=flow.PAYPAL)


@on("paypal.capture")
def capture_answered(answer: Answer) -> None:
    """PayPal took the money, said why not, or we do not know: then we ask."""
    state = _read(answer)
    if state is not None:
        flow.take_note(payment_id=UUID(answer.reference), state=state)
        return
    payment = Payment.objects.get(id=UUID(answer.reference))
    flow.ask_status(payment=payment, by=flow.PAYPAL, hint=f"after-{answer.outbox_id}")


@on("paypal.status")
def status_answered(answer: Answer) -> None:
    """What PayPal knows of the order. No answer: the hourly look asks again."""
    state = _read(answer)
    if answer.outcome == "delivered" and state is not None:
        flow.take_note(payment_id=UUID(answer.reference), state=state)
    elif answer.status == 404:
        flow.gone(payment_id=UUID(answer.reference))


@on("paypal.refund")
def refund_answered(answer: Answer) -> None:
    """PayPal returned the money, is about to, said why not, or we do not know: then we ask."""
    refund_id, hint = UUID(answer.reference), f"after-{answer.outbox_id}"
    state = None
    if answer.outcome in {"delivered", "refused"}:
        with suppress(messages.Unreadable):
            state = messages.read_refund(answer.status, answer.body)
    if state is None:
        refund = Refund.objects.select_related("payment__order").get(id=refund_id)
        refunds.ask_status(refund=refund, by=flow.PAYPAL, hint=hint)
    elif state.problem:
        refunds.refused(refund_id=refund_id, problem=state.problem, hint=hint)
    else:
        refunds.take_note(refund_id=refund_id, state=state)


@on("paypal.refund_status")
def refund_status_answered(answer: Answer) -> None:
    """What PayPal knows of the order's refunds. No answer: the hourly look asks again."""
    state = _read(answer)
    if answer.outcome == "delivered" and state is not None:
        refunds.take_stock(
            refund_id=UUID(answer.reference),
            refunds=state.refunds,
            hint=f"after-{answer.outbox_id}",
        )


@on("paypal.list")
def list_answered(answer: Answer) -> None:
    """A page of PayPal's list. No answer: the next night reads the same stretch again."""
    page = None
    if answer.outcome == "delivered":
        with suppress(messages.Unreadable):
            page = messages.read_movements(answer.body)
    run_id = UUID(answer.reference)
    if page is None:
        reconciliation.give_up(run_id=run_id, outcome=answer.outcome, status=answer.status)
    else:
        reconciliation.take_page(run_id=run_id, page=page)


@on("paypal.certificate")
def certificate_answered(answer: Answer) -> None:
    """A certificate with which PayPal signs; kept only if it can be read."""
    if answer.outcome == "delivered" and notices.readable(answer.body):
        ProviderCertificate.objects.bulk_create(  # one statement, for two may come at once
            [ProviderCertificate(url=answer.reference, pem=answer.body.decode())],
            update_conflicts=True,
            unique_fields=["url"],
            update_fields=["pem"],
        )


def _read(answer: Answer) -> OrderState | None:
    if answer.outcome not in {"delivered", "refused"}:
        return None
    try:
        return messages.read_order(answer.status, answer.body)
    except messages.Unreadable:
        return None
