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
