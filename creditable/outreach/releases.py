"""The mail that goes to many, by the choice that each of them makes about it, and the lists that
agencies rent."""

from collections.abc import Mapping

from creditable.disclosure.templates import Template, register
from creditable.mail.kinds import Kind

_FIELDS = {
    "email": "user.contact.email",
    "name": "user.name",
    "headline": "system.operations",
    "text": "system.operations",
}

TOPICS: Mapping[str, Kind] = {
    kind.choice: kind
    for kind in (
        Kind("outreach.offers", "offers", _FIELDS, choice="offers.email"),
        Kind("outreach.research", "research", _FIELDS, choice="research.email"),
    )
}
"""The kinds of campaign, by their choice. A policy that has no such choice has no such campaign."""

_ADDRESS = {
    "name": "user.name",
    "street": "user.contact.address.street",
    "city": "user.contact.address.city",
    "state": "user.contact.address.state",
    "postal_code": "user.contact.address.postal_code",
}
RENTED = register(
    Template(
        name="outreach.rented",
        recipient="renter",
        purpose="third_party_offers",
        channel="manual",
        fields=_ADDRESS,
        required=frozenset(_ADDRESS),
    )
)
"""A line of a rented list. It has no field for e-mail or phone, and no policy can open one."""
