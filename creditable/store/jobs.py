"""What the store does after the answer."""

from uuid import UUID

from creditable.jobs import job
from creditable.lib.actor import Actor
from creditable.store import documents


@job("store.issue_invoice")
def issue_invoice(*, order_id: str) -> None:
    documents.issue_invoice(order_id=UUID(order_id), by=Actor.system("documents"))


@job("store.issue_credit_note")
def issue_credit_note(*, refund_id: str) -> None:
    documents.issue_credit_note(refund_id=UUID(refund_id), by=Actor.system("documents"))
