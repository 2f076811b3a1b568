"""The mail that goes to many, by the choice that each of them makes about it."""

from collections.abc import Mapping

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
