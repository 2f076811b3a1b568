"""The mail that answers what people asked by mail, or tells them who read what they wrote."""

from creditable.mail.kinds import Kind

_FIELDS = {
    "email": "user.contact.email",
    "name": "user.name",
    "choice": "system.operations",
    "link": "system.operations",
}

STOPPED = Kind("support.stopped", "account", _FIELDS)
NOT_STOPPED = Kind("support.not_stopped", "account", _FIELDS)

OPENED = Kind(
    "support.opened",
    "support",
    {
        "email": "user.contact.email",
        "name": "user.name",
        "code": "system.operations",
        "reason": "user.content.message",
    },
)
