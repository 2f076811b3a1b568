"""Mail about refunds, queued with the deed that it tells of. The deed stands also where the policy
does not let the mail leave."""

from creditable.disclosure import gate
from creditable.lib.actor import Actor
from creditable.mail import post
from creditable.store.models import Document, Refund
from creditable.store.releases import REFUNDED


def refunded(*, refund: Refund, credit_note: Document, by: Actor) -> None:
    """Tells the customer what went back, where the credit note is, and what became of access."""
    order = refund.payment.order
    values: dict[str, object] = {
        "name": order.billing_name,
        "reference": order.reference,
        "amount": str(refund.amount),
        "course": refund.line.title,
        "credit_note": credit_note.name,
        "whole": refund.decision["whole"],
        "order_path": f"/account/orders/{order.number}/",
    }
    try:
        post.send(
            kind=REFUNDED,
            subject_id=order.subject_id,
            to=order.billing_email,
            values=values,
            by=by,
            key=f"refunded:{refund.id}",
        )
    except gate.Denied as denied:
        denied.note()
