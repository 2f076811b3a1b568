"""The books: every cent that moves has an entry whose legs sum to zero.

The database refuses an entry that does not (a constraint trigger at commit), and the application
cannot change one that was written.
"""

from django.db.models import Sum

from creditable.lib.money import Money
from creditable.store.models import Leg, Order, Refund, Transaction


def book_sale(order: Order) -> None:
    """The order was placed: the customer owes the total, and it is a sale."""
    _book(
        order,
        "sale",
        f"sale:{order.id}",
        debit=Leg.Account.RECEIVABLE,
        credit=Leg.Account.SALES,
        cents=order.total_cents,
    )


def book_cancellation(order: Order) -> None:
    """The order was canceled unpaid: the customer owes nothing, and there is no sale."""
    _book(
        order,
        "cancellation",
        f"cancellation:{order.id}",
        debit=Leg.Account.SALES,
        credit=Leg.Account.RECEIVABLE,
        cents=order.total_cents,
    )


def book_capture(order: Order, *, capture_ref: str) -> None:
    """PayPal took the total for us: the customer owes nothing, PayPal owes it to us."""
    _book(
        order,
        "capture",
        f"capture:paypal:{capture_ref}",
        debit=Leg.Account.PAYPAL,
        credit=Leg.Account.RECEIVABLE,
        cents=order.total_cents,
    )


def book_refund_asked(refund: Refund) -> None:
    """Money is to go back: the sale is less by it, and until PayPal has returned it, it stands
    with the refunds under way."""
    _book(
        refund.payment.order,
        "refund_asked",
        f"refund_asked:{refund.id}",
        debit=Leg.Account.SALES,
        credit=Leg.Account.REFUNDS,
        cents=refund.cents,
    )


def book_refund(refund: Refund) -> None:
    """PayPal returned it: it is no longer under way, and PayPal owes us less."""
    _book(
        refund.payment.order,
        "refund",
        f"refund:paypal:{refund.refund_ref}",
        debit=Leg.Account.REFUNDS,
        credit=Leg.Account.PAYPAL,
        cents=refund.cents,
    )


def reverse_refund(refund: Refund) -> None:
    """It did not go back: the entry that asked for it, the other way around."""
    _book(
        refund.payment.order,
        "refund_reversed",
        f"refund_reversed:{refund.id}",
        debit=Leg.Account.REFUNDS,
        credit=Leg.Account.SALES,
        cents=refund.cents,
    )


def balance(account: Leg.Account, *, order: Order | None = None, currency: str = "USD") -> Money:
    """What stands on the account, in all or for one order."""
    legs = Leg.objects.filter(account=account, currency=currency)
    if order is not None:
        legs = legs.filter(transaction__order=order)
    return Money(legs.aggregate(sum=Sum("cents", default=0))["sum"], currency)


def _book(
    order: Order, kind: str, key: str, *, debit: Leg.Account, credit: Leg.Account, cents: int
) -> None:
    entry, new = Transaction.objects.get_or_create(key=key, defaults={"kind": kind, "order": order})
    if not new or not cents:
        return
    Leg.objects.bulk_create(
        Leg(transaction=entry, account=account, cents=signed, currency=order.currency)
        for account, signed in ((debit, cents), (credit, -cents))
    )
