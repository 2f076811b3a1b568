"""The books looked through every night, in plain SQL: every cent on every account is explained by
an order, a payment or a refund, or it is shown to the office.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from creditable.lib.actor import Actor
from creditable.store import reconciliation
from creditable.store.models import Difference, Order

PROVIDER = "books"

# What each account should hold for each order, from the orders, cancellations, payments and refunds
# alone, beside what the legs say. Rows where they differ, and entries that do not sum to zero.
UNEXPLAINED = """
WITH sold AS (
    SELECT o.id AS order_id, o.currency, o.total_cents,
        CASE WHEN c.order_id IS NULL THEN o.total_cents ELSE 0 END AS due
    FROM store_order o LEFT JOIN store_cancellation c ON c.order_id = o.id
), paid AS (
    SELECT order_id, count(*) AS times FROM store_payment
    WHERE state = 'captured' GROUP BY order_id
), back AS (
    SELECT p.order_id,
        sum(r.cents) FILTER (WHERE r.state <> 'failed') AS asked,
        sum(r.cents) FILTER (WHERE r.state = 'completed') AS returned
    FROM store_refund r JOIN store_payment p ON p.id = r.payment_id GROUP BY p.order_id
), expected AS (
    SELECT o.order_id, o.currency, a.account, CASE a.account
        WHEN 'sales' THEN coalesce(b.asked, 0) - o.due
        WHEN 'receivable' THEN o.due - o.total_cents * coalesce(p.times, 0)
        WHEN 'paypal' THEN o.total_cents * coalesce(p.times, 0) - coalesce(b.returned, 0)
        WHEN 'refunds' THEN coalesce(b.returned, 0) - coalesce(b.asked, 0)
    END AS cents
    FROM sold o
    CROSS JOIN (VALUES ('sales'), ('receivable'), ('paypal'), ('refunds')) AS a (account)
    LEFT JOIN paid p ON p.order_id = o.order_id
    LEFT JOIN back b ON b.order_id = o.order_id
), booked AS (
    SELECT t.order_id, l.currency, l.account, sum(l.cents) AS cents
    FROM store_leg l JOIN store_transaction t ON t.id = l.transaction_id
    GROUP BY t.order_id, l.currency, l.account
)
SELECT order_id, currency, account, coalesce(b.cents, 0), coalesce(e.cents, 0)
FROM expected e FULL JOIN booked b USING (order_id, currency, account)
WHERE coalesce(b.cents, 0) <> coalesce(e.cents, 0)
UNION ALL
SELECT t.order_id, l.currency, 'entry ' || t.key, sum(l.cents), 0
FROM store_leg l JOIN store_transaction t ON t.id = l.transaction_id
GROUP BY t.id, t.order_id, t.key, l.currency HAVING sum(l.cents) <> 0
"""


@dataclass(frozen=True, slots=True)
class Unexplained:
    """An account of an order that holds other cents than its orders, payments and refunds give;
    or an entry that does not sum to zero."""

    order_id: UUID
    currency: str
    account: str
    booked: int
    expected: int

    @property
    def reference(self) -> str:
        return f"{self.order_id}:{self.account}"[:120]


def unexplained() -> list[Unexplained]:
    """Everything in the books that does not add up; empty when all does."""
    with connection.cursor() as cursor:
        cursor.execute(UNEXPLAINED)
        return [
            Unexplained(order_id, currency, account, int(booked), int(expected))
            for order_id, currency, account, booked, expected in cursor.fetchall()
        ]


@transaction.atomic
def check(*, by: Actor) -> list[Unexplained]:
    """Looks the books through and notes what does not add up, once; what adds up again is
    closed."""
    found = unexplained()
    orders = Order.objects.in_bulk([each.order_id for each in found])
    for each in found:
        reconciliation.report(
            provider=PROVIDER,
            kind=Difference.Kind.BOOKS,
            reference=each.reference,
            order=orders[each.order_id],
            ours=each.booked,
            theirs=each.expected,
            currency=each.currency,
        )
    still = {each.reference for each in found}
    for difference in reconciliation.open_differences().filter(provider=PROVIDER):
        if difference.reference not in still:
            reconciliation.agreed(difference)
    return found
