"""What PayPal answered. An answer that cannot be read says nothing, so PayPal is asked."""

from uuid import UUID

from creditable.disclosure.replies import Answer, on
from creditable.store.models import Payment, ProviderCertificate
from creditable.store.payments import settlement
from creditable.store.payments.paypal import flow, messages, notices
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


@on("paypal.certificate")
def certificate_answered(answer: Answer) -> None:
    """A certificate with which PayPal signs; kept only if it can be read."""
    if answer.outcome == "delivered" and notices.readable(answer.body):
        ProviderCertificate.objects.update_or_create(
            url=answer.reference, defaults={"pem": answer.body.decode()}
        )


def _read(answer: Answer) -> OrderState | None:
    if answer.outcome not in {"delivered", "refused"}:
        return None
    try:
        return messages.read_order(answer.status, answer.body)
    except messages.Unreadable:
        return None
