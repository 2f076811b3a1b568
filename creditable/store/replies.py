"""What PayPal answered."""

from uuid import UUID

from creditable.disclosure.replies import Answer, on
from creditable.store.models import Payment, ProviderCertificate
from creditable.store.payments import settlement
from creditable.store.payments.paypal import flow, messages, notices


@on("paypal.order")
def order_answered(answer: Answer) -> None:
    """PayPal made the order, or will not. Nobody has paid yet, so giving up loses nothing."""
    state = messages.read_order(answer.status, answer.body)
    if answer.outcome == "delivered":
        flow.take_note(payment_id=UUID(answer.reference), state=state)
        return
    payment = Payment.objects.get(id=UUID(answer.reference))
    settlement.end(payment=payment, state=Payment.State.CANCELED, by=flow.PAYPAL)


@on("paypal.capture")
def capture_answered(answer: Answer) -> None:
    """PayPal took the money, said why not, or we do not know: then we ask."""
    if answer.outcome in {"delivered", "refused"}:
        state = messages.read_order(answer.status, answer.body)
        flow.take_note(payment_id=UUID(answer.reference), state=state)
        return
    payment = Payment.objects.get(id=UUID(answer.reference))
    flow.ask_status(payment=payment, by=flow.PAYPAL, hint=f"after-{answer.outbox_id}")


@on("paypal.status")
def status_answered(answer: Answer) -> None:
    """What PayPal knows of the order. No answer: the next hint or the hourly look asks again."""
    if answer.outcome == "delivered":
        state = messages.read_order(answer.status, answer.body)
        flow.take_note(payment_id=UUID(answer.reference), state=state)


@on("paypal.certificate")
def certificate_answered(answer: Answer) -> None:
    """A certificate with which PayPal signs; kept only if it can be read."""
    if answer.outcome == "delivered" and notices.readable(answer.body):
        ProviderCertificate.objects.update_or_create(
            url=answer.reference, defaults={"pem": answer.body.decode()}
        )
