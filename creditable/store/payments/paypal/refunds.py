"""A refund's way through PayPal: ask for it, and when in doubt ask what PayPal knows. PayPal takes
the same PayPal-Request-Id once, and shows our id of each refund on its order, so that a lost
answer neither loses a refund nor makes two of it.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from creditable.audit import clock
from creditable.disclosure import gate
from creditable.disclosure.models import Outbox
from creditable.lib.actor import Actor
from creditable.store.models import Refund
from creditable.store.payments import refunding
from creditable.store.payments.paypal import flow
from creditable.store.payments.paypal.flow import PAYPAL
from creditable.store.payments.paypal.messages import RefundState
from creditable.store.payments.paypal.releases import REFUND, REFUND_STATUS


@transaction.atomic
def begin(*, refund: Refund, by: Actor, hint: str = "first") -> None:
    """Asks PayPal to return the money. `hint` names why it is asked again; PayPal takes it as
    the same request whatever the hint."""
    order = refund.payment.order
    release = gate.open(template=REFUND, by=by, key=f"{_asks(refund)}{hint}")
    release.add(
        order.subject_id,
        {
            "capture_ref": refund.payment.capture_ref,
            "total": refund.amount.decimal,
            "currency": order.currency,
            "reference": order.reference,
            "refund": str(refund.id),
        },
    )
    release.commit(reference=str(refund.id))


@transaction.atomic
def ask_status(*, refund: Refund, by: Actor, hint: str) -> None:
    """Asks PayPal what it knows of the order and its refunds; the same hint asks once."""
    if refund.state in Refund.ENDED:
        return
    key = f"paypal.refund_status:{refund.id}:{hint}"
    release = gate.open(template=REFUND_STATUS, by=by, key=key)
    release.add(refund.payment.order.subject_id, {"provider_ref": refund.payment.provider_ref})
    release.commit(reference=str(refund.id))


@transaction.atomic
def take_note(*, refund_id: UUID, state: RefundState) -> None:
    """Takes over what PayPal said of the refund, from whichever answer."""
    refund = refunding.locked(refund_id)
    if state.status == "COMPLETED" and state.amount is not None:
        refunding.complete(refund=refund, refund_ref=state.id, amount=state.amount, by=PAYPAL)
    elif state.status == "PENDING":
        refunding.hold(refund=refund, refund_ref=state.id, by=PAYPAL)
    elif state.status in {"FAILED", "CANCELLED"}:
        refunding.fail(refund=refund, problem="PayPal could not return the money.", by=PAYPAL)


@transaction.atomic
def refused(*, refund_id: UUID, problem: str, hint: str) -> None:
    """PayPal said no. That is believed once its order shows no refund of ours: an earlier answer
    may have been lost."""
    refund = refunding.locked(refund_id)
    if refund.state != Refund.State.ASKED:
        return
    refund.problem = f"PayPal did not return the money: {problem}"[:200]
    refund.save(update_fields=["problem"])
    ask_status(refund=refund, by=PAYPAL, hint=hint)


@transaction.atomic
def take_stock(*, refund_id: UUID, refunds: Sequence[RefundState], hint: str) -> None:
    """PayPal showed its order. Our refund among its refunds: takes note. Not there: it failed if
    PayPal had said no, and is otherwise asked for again, as the same request."""
    refund = refunding.locked(refund_id)
    ours = next((each for each in refunds if each.custom_id == str(refund.id)), None)
    if ours is not None:
        take_note(refund_id=refund_id, state=ours)
    elif refund.state != Refund.State.ASKED:
        return
    elif refund.problem:
        refunding.fail(refund=refund, problem=refund.problem, by=PAYPAL)
    elif not Outbox.objects.filter(key__startswith=_asks(refund), settled=False).exists():
        begin(refund=refund, by=PAYPAL, hint=hint)


def look_again() -> None:
    """Asks PayPal about every refund whose outcome is open for some minutes, once an hour each."""
    now = clock.now()
    waiting = Refund.objects.filter(
        payment__provider=flow.PROVIDER,
        state__in=(Refund.State.ASKED, Refund.State.PENDING),
        changed_at__lt=now - timedelta(minutes=5),
    )
    for refund in waiting.select_related("payment__order").order_by("changed_at"):
        ask_status(refund=refund, by=Actor.system("schedule"), hint=f"look-{now:%Y%m%d%H}")


def first_request(refund: Refund) -> UUID:
    """The message that first asks PayPal for this refund, for who waits for its answer."""
    return Outbox.objects.values_list("id", flat=True).get(key=f"{_asks(refund)}first")


def _asks(refund: Refund) -> str:
    """How the names of the requests for this refund begin."""
    return f"paypal.refund:{refund.id}:"
