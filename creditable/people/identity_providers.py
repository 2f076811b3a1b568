"""Companies that may vouch for people at sign-in, as the settings name them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from creditable.disclosure import policies
from creditable.people import releases
from creditable.policy.contents import Cell


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """One of them. `issuer` is empty for Facebook, which speaks OAuth 2.0 alone: its `profile_path`
    says who somebody is. `authorize` is where the browser is led."""

    id: str
    name: str
    client_id: str
    authorize: str
    token_path: str
    issuer: str = ""
    keys_destination: str = ""
    keys_path: str = ""
    profile_path: str = ""

    @property
    def origin(self) -> str:
        """Where the browser goes, for the policy of content security."""
        return "{0.scheme}://{0.netloc}".format(urlsplit(self.authorize))

    def question(self, *, state: str, nonce: str, challenge: str, back: str) -> str:
        """The address at which it asks the person (RFC 6749 4.1.1, RFC 7636)."""
        words = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": back,
            "scope": "openid email profile" if self.issuer else "public_profile,email",
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **({"nonce": nonce} if self.issuer else {}),
        }
        return f"{self.authorize}?{urlencode(words)}"


@cache
def named() -> dict[str, IdentityProvider]:
    """Those that are set up."""
    return {
        name: IdentityProvider(id=name, **entry)
        for name, entry in settings.IDENTITY_PROVIDERS.items()
        if entry["client_id"]
    }


def offered() -> Sequence[IdentityProvider]:
    """Those that are set up and that the policy permits to learn of a sign-in."""
    found = named()
    if not found:
        return []
    decisions = policies.decisions()
    return [one for one in found.values() if decisions.decide(_cell(one.id)).allowed]


def _cell(name: str) -> Cell:
    template = releases.SIGN_IN_WITH[name]
    (category,) = template.fields.values()
    return Cell(category, template.recipient, template.purpose, template.channel, template.group)
