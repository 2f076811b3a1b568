"""What is sent to people about their rights, and what the law may demand about them."""

from creditable.disclosure.templates import Template, register
from creditable.mail.kinds import Kind

HELD = Kind(
    name="rights.held",
    purpose="account",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "objected": "user.privacy.choice",
        "version": "system.operations",
    },
)

CONFIRM = Kind(
    name="rights.confirm",
    purpose="account",
    fields={"email": "user.contact.email", "link": "system.operations"},
)

PUBLISHED = Kind(
    name="rights.published",
    purpose="policy_news",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "version": "system.operations",
        "effective": "system.operations",
        "changed": "system.operations",
        "link": "system.operations",
    },
    choice="policy.news",
)

_DEMANDED = {
    "name": "user.name",
    "email": "user.contact.email",
    "phone": "user.contact.phone_number",
    "street": "user.contact.address.street",
    "city": "user.contact.address.city",
    "state": "user.contact.address.state",
    "postal_code": "user.contact.address.postal_code",
    "totals": "user.payment.total",
    "order_numbers": "user.payment.reference",
    "purchases": "user.behavior.purchase_history",
    "licenses": "user.government_id.ce_license",
    "enrollments": "user.ce.enrollment",
    "completions": "user.ce.completion",
    "certificates": "user.ce.certificate",
    "reports": "user.ce.report",
    "messages": "user.content.message",
}

ORDER = register(
    Template(
        name="legal.order",
        recipient="court",
        purpose="legal",
        channel="manual",
        fields=_DEMANDED,
    )
)
SAFETY = register(
    Template(
        name="legal.safety",
        recipient="court",
        purpose="safety",
        channel="manual",
        fields=_DEMANDED,
    )
)
