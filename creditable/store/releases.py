"""What the store mails to its customers."""

from creditable.mail.kinds import Kind

ORDER_CONFIRMED = Kind(
    name="store.order_confirmed",
    purpose="order",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "reference": "user.payment.reference",
        "total": "user.payment.total",
        "courses": "user.behavior.purchase_history",
        "order_path": "system.operations",
    },
)

REFUNDED = Kind(
    name="store.refunded",
    purpose="order",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "reference": "user.payment.reference",
        "amount": "user.payment.total",
        "course": "user.behavior.purchase_history",
        "credit_note": "user.payment.reference",
        "whole": "system.operations",
        "order_path": "system.operations",
    },
)
