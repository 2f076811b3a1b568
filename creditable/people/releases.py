"""The mail that people get about their account. Those with a code are secret: their text never
enters the archive."""

from creditable.mail.kinds import Kind

_ADDRESSED = {"email": "user.contact.email", "name": "user.name"}
_WITH_CODE = _ADDRESSED | {"code": "user.authorization.one_time_code"}

SIGN_UP_CODE = Kind("people.sign_up_code", "account", _WITH_CODE, secret=True)
SIGN_IN_CODE = Kind("people.sign_in_code", "account", _WITH_CODE, secret=True)
PASSWORD_CODE = Kind("people.password_code", "account", _WITH_CODE, secret=True)
ADDRESS_CODE = Kind("people.address_code", "account", _WITH_CODE, secret=True)
ACCOUNT_EXISTS = Kind("people.account_exists", "account", _ADDRESSED)
ADDRESS_CHANGED = Kind(
    "people.address_changed",
    "security",
    _ADDRESSED | {"new_address": "user.contact.email"},
)
SIGN_IN_CHANGED = Kind(
    "people.sign_in_changed",
    "security",
    _ADDRESSED | {"change": "system.operations"},
)
