"""The links by which somebody says what they want without signing in. Each is signed, names one
person, and never runs out: who finds an old mail may still refuse the next."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from creditable.lib import tokens
from creditable.lib.tokens import BadToken

_PURPOSE = "choices"


@dataclass(frozen=True, slots=True)
class Link:
    """Who it is for, and which mail it stood in: its choice and its number, where it had them."""

    subject_id: UUID
    choice: str = ""
    number: str = ""


Address = Callable[[Link], str]


def write(link: Link) -> str:
    payload = {"p": link.subject_id.hex, "c": link.choice, "m": link.number}
    return tokens.sign(payload, key=settings.MAIL_KEY, purpose=_PURPOSE)


def read(token: str) -> Link:
    """What the link says; BadToken when we did not write it."""
    payload = tokens.read(token, key=settings.MAIL_KEY, purpose=_PURPOSE)
    try:
        return Link(UUID(hex=payload["p"]), str(payload["c"]), str(payload["m"]))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadToken("not a link of ours") from error


def choices(link: Link) -> str:
    """The address of the page with all choices."""
    return f"{settings.BASE_URL}/choices/{write(link)}/"


def stop(link: Link) -> str:
    """The address that refuses the mail's choice: in one click for programs, with a question for
    people."""
    return f"{choices(link)}stop/"


def undo(link: Link) -> str:
    """The address that agrees again, for whom somebody else has refused."""
    return f"{choices(link)}undo/"


def why(link: Link) -> str:
    """The address that tells why somebody got the mail."""
    return f"{choices(link)}why/"
