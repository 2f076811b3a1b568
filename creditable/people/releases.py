"""What leaves for the sake of an account: the mail that people get about it (those with a code are
secret: their text never enters the archive), and the talk with an identity provider."""

from creditable.disclosure.templates import Template, register
from creditable.mail.kinds import Kind
from creditable.people import identity_messages as messages

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

DOCUMENT_DESTROYED = Kind(
    "people.document_destroyed", "licensure", _ADDRESSED | {"document": "user.ce.report"}
)

IDENTITY = "identity"
"""The topic of what identity providers answer."""
MINUTE = 1 / 60
_PROVIDERS = ("google", "facebook", "openid")


def _call(provider: str, name: str, *fields: str) -> Template:
    """A call that names nobody: a one-time code goes back to whom it came from."""
    return register(
        Template(
            name=f"identity.{provider}.{name}",
            recipient=f"identity.{provider}",
            purpose="account",
            channel="https",
            fields=dict.fromkeys(("destination", "path", *fields), "system.operations"),
            required=frozenset({"destination", "path", *fields}),
            build=getattr(messages, name),
            topic=IDENTITY,
            hours=MINUTE,
        )
    )


EXCHANGE = {name: _call(name, "exchange", "code", "verifier", "back") for name in _PROVIDERS}
KEYS = {name: _call(name, "keys") for name in ("google", "openid")}
PROFILE = {"facebook": _call("facebook", "profile", "token")}
SIGN_IN_WITH = {
    name: register(
        Template(
            name=f"identity.{name}.sign_in",
            recipient=f"identity.{name}",
            purpose="account",
            channel="web",
            fields={"sign_in": "user.authorization.identity"},
        )
    )
    for name in _PROVIDERS
}
"""What a provider learns when somebody is led to it: that they sign in here."""
