"""What an identity provider says about somebody, once it is known that it was said to us, now, and
in answer to what this browser asked (OpenID Connect Core 1.0, section 3.1.3.7)."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

ALGORITHMS = ["RS256", "ES256"]
LEEWAY = 60  # seconds by which two clocks may differ
LONGEST_NUMBER = 255
REQUIRED = ["iss", "sub", "aud", "exp", "iat", "nonce"]
MACHINERY = frozenset({*REQUIRED, "azp", "at_hash", "nbf", "jti", "auth_time", "email_verified"})
"""Claims that say something about the sign-in, not about the person."""


class NotBelieved(ValueError):
    """What was said cannot be taken for what it claims to be. The text says why, for the log."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a provider says about a person: the number by which it knows them, their name and
    e-mail address where given, whether it vouches for the address, and the names of whatever else
    it said, of which nothing is kept."""

    number: str
    name: str
    email: str
    email_verified: bool
    others: tuple[str, ...]


def of_token(
    token: str, keys: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str
) -> Claims:
    """The claims of an ID token that `issuer` signed for us with one of its keys."""
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        key = next(key for key in jwt.PyJWKSet.from_dict(dict(keys)).keys if key.key_id == kid)
        said = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            issuer=issuer,
            audience=client_id,
            leeway=LEEWAY,
            options={"require": REQUIRED},
        )
    except StopIteration as error:
        raise NotBelieved("it is signed with no key of the provider's") from error
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotBelieved(type(error).__name__) from error
    if said["aud"] != client_id and said.get("azp") != client_id:
        raise NotBelieved("it was made for another")
    if not hmac.compare_digest(str(said["nonce"]).encode(), nonce.encode()):
        raise NotBelieved("it answers another request")
    return _claims(said, "sub", verified=said.get("email_verified") is True)


def of_profile(said: object) -> Claims:
    """What Facebook's Graph says of the person whose token was shown. It vouches for no address."""
    if not isinstance(said, Mapping):
        raise NotBelieved("it is no profile")
    return _claims(said, "id", verified=False)


def _claims(said: Mapping[str, Any], number: str, *, verified: bool) -> Claims:
    known = said.get(number)
    if not isinstance(known, str) or not 0 < len(known) <= LONGEST_NUMBER:
        raise NotBelieved("it names nobody")
    name, email = said.get("name"), said.get("email")
    return Claims(
        number=known,
        name=name if isinstance(name, str) else "",
        email=email if isinstance(email, str) else "",
        email_verified=verified,
        others=tuple(sorted(set(said) - MACHINERY - {number, "name", "email"})),
    )
