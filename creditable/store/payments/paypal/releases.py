"""What PayPal gets to know."""

from creditable.disclosure.templates import Template, register
from creditable.store.payments.paypal import messages

ORDER = register(
    Template(
        name="paypal.order",
        recipient="payment.paypal",
        purpose="payment",
        channel="https",
        fields={
            "total": "user.payment.total",
            "currency": "user.payment.total",
            "reference": "user.payment.reference",
            "name": "user.name",
            "email": "user.contact.email",
            "street": "user.contact.address.street",
            "city": "user.contact.address.city",
            "state": "user.contact.address.state",
            "postal_code": "user.contact.address.postal_code",
            "country": "user.contact.address.state",
            "return_url": "system.operations",
            "cancel_url": "system.operations",
        },
        required=frozenset({"total", "currency", "reference"}),
        build=messages.create_order,
        topic="paypal.order",
        hours=2,
    )
)

CAPTURE = register(
    Template(
        name="paypal.capture",
        recipient="payment.paypal",
        purpose="payment",
        channel="https",
        fields={"provider_ref": "user.payment.reference"},
        required=frozenset({"provider_ref"}),
        build=messages.capture_order,
        topic="paypal.capture",
        hours=2,
    )
)

STATUS = register(
    Template(
        name="paypal.status",
        recipient="payment.paypal",
        purpose="payment",
        channel="https",
        fields={"provider_ref": "user.payment.reference"},
        required=frozenset({"provider_ref"}),
        build=messages.show_order,
        topic="paypal.status",
        hours=2,
    )
)

REFUND = register(
    Template(
        name="paypal.refund",
        recipient="payment.paypal",
        purpose="refund",
        channel="https",
        fields={
            "capture_ref": "user.payment.reference",
            "total": "user.payment.total",
            "currency": "user.payment.total",
            "reference": "user.payment.reference",
            "refund": "user.payment.reference",
        },
        required=frozenset({"capture_ref", "total", "currency", "reference", "refund"}),
        build=messages.refund_capture,
        topic="paypal.refund",
        hours=2,
    )
)

REFUND_STATUS = register(
    Template(
        name="paypal.refund_status",
        recipient="payment.paypal",
        purpose="refund",
        channel="https",
        fields={"provider_ref": "user.payment.reference"},
        required=frozenset({"provider_ref"}),
        build=messages.show_order,
        topic="paypal.refund_status",
        hours=2,
    )
)

LIST = register(
    Template(
        name="paypal.list",
        recipient="payment.paypal",
        purpose="payment",
        channel="https",
        fields={
            "since": "system.operations",
            "until": "system.operations",
            "page": "system.operations",
        },
        required=frozenset({"since", "until", "page"}),
        build=messages.list_movements,
        topic="paypal.list",
        hours=6,
    )
)

CERTIFICATE = register(
    Template(
        name="paypal.certificate",
        recipient="payment.paypal",
        purpose="payment",
        channel="https",
        fields={"path": "system.operations"},
        required=frozenset({"path"}),
        build=messages.fetch_certificate,
        topic="paypal.certificate",
        hours=1,
    )
)
