"""Changing the e-mail address: a code to the old address, a code to the new one, both typed in.

The old one proves that the account's owner asks, the new one that it can be reached. Between the
two steps the asking session carries what is pending.
"""

import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import transaction
from django.utils.translation import gettext as _

from creditable.audit import clock
from creditable.lib.actor import Actor
from creditable.lib.ids import uuid7
from creditable.lib.refusal import Refused
from creditable.mail import post
from creditable.mail.kinds import Kind
from creditable.people import accounts, releases
from creditable.people.models import Person

VALID_FOR = timedelta(minutes=15)
MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that waits for its codes. `new_code` is empty where the new address belongs to
    another account: nothing that is typed can match it, and nobody is told."""

    email: str
    old_code: str
    new_code: str
    since: str
    failed: int = 0

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, stored: dict[str, Any] | None) -> Self | None:
        return cls(**stored) if stored else None

    def failed_once_more(self) -> Self:
        return replace(self, failed=self.failed + 1)


@transaction.atomic
def begin(*, person: Person, email: str, by: Actor) -> Pending:
    """Sends both codes. An address that belongs to somebody else looks the same from here; its
    owner is told that they have an account."""
    email = accounts.canonical(email)
    if email == person.email:
        raise Refused(_("This is your address already."), field="email", code="same")
    old_code = _code()
    _send(releases.ADDRESS_CODE, person, person.email, by, code=old_code)
    other = accounts.holder(email)
    if other is None:
        new_code = _code()
        _send(releases.ADDRESS_CODE, person, email, by, code=new_code)
    else:
        new_code = ""
        _send(releases.ACCOUNT_EXISTS, other, email, by)
    return Pending(email, old_code, new_code, clock.now().isoformat())


@transaction.atomic
def confirm(*, person: Person, pending: Pending, old_code: str, new_code: str, by: Actor) -> None:
    """Changes the address when both codes are right. Refused at the field of the wrong code;
    with `code="over"` when the codes are too old or were tried too often."""
    age = clock.now() - datetime.fromisoformat(pending.since)
    if age > VALID_FOR or pending.failed >= MOST_TRIES:
        raise Refused(_("These codes no longer work. Ask for new ones."), code="over")
    for field, typed, right in (
        ("old_code", old_code, pending.old_code),
        ("new_code", new_code, pending.new_code),
    ):
        if not right or not secrets.compare_digest(_digits(typed), right):
            raise Refused(_("This is not the code that we sent there."), field=field, code="wrong")
    accounts.change_email(person=person, email=pending.email, by=by)


def _send(kind: Kind, person: Person, to: str, by: Actor, **values: object) -> None:
    post.send(
        kind=kind,
        subject_id=person.subject_id,
        to=to,
        values={"name": person.name, **values},
        by=by,
        key=f"{kind.name}:{uuid7()}",
    )


def _code() -> str:
    return f"{secrets.randbelow(1_000_000):06}"


def _digits(typed: str) -> str:
    return "".join(sign for sign in typed if sign in "0123456789")
