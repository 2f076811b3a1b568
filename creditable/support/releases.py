"""The mail that answers what people asked by mail."""

from creditable.mail.kinds import Kind

_FIELDS = {
    "email": "user.contact.email",
    "name": "user.name",
    "choice": "system.operations",
    "link": "system.operations",
}

STOPPED = Kind("support.stopped", "account", _FIELDS)
NOT_STOPPED = Kind("support.not_stopped", "account", _FIELDS)
