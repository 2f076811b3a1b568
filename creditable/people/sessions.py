"""Sessions in our own table: random in the cookie, a digest in the row, and the person's id, so
that people see where they are signed in and can end it.

Somebody who is signed in and does nothing for `IDLE_SECONDS` is signed out. `seen_at` tells when
this browser last did something; so that not every request writes, it moves at most every
`SEEN_EVERY`. The sign-out comes between the limit and that much later, never sooner.

`SESSION_ENGINE` names this module; Django wants the class to be called SessionStore.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.contrib.sessions.serializers import JSONSerializer
from django.db import IntegrityError, transaction
from django.db.models import DurationField, Q, QuerySet, Value
from django.utils.translation import gettext as _

from creditable.audit import prepared, trail
from creditable.audit.clock import Now
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people import vault
from creditable.people.models import Person, Session

SEEN_EVERY = timedelta(seconds=15)
WARNED = timedelta(minutes=1)
DEVICE_KEY = "device"
_PURPOSE = "session"


class SessionStore(SessionBase):
    """One browser's session. Time is the database's; a session that was ended while a request
    ran is not brought back by it. Once it was loaded, `person` is who is signed in, and `idled`
    says that somebody was, and did nothing for too long."""

    person: Person | None = None
    idled = False

    def load(self) -> dict[str, Any]:
        row = next(iter(_kept(digest(self.session_key or ""))), None)
        self.idled = row is not None and _is_idle(row)
        if row is None or self.idled:
            self._session_key = None
            return {}
        self.person = getattr(row.subject, "person", None)
        if row.at - row.seen_at >= SEEN_EVERY:
            Session.objects.filter(id=row.id).update(seen_at=Now())
        return self.decode(bytes(row.sealed))

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(digest=digest(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = secrets.token_urlsafe(32)
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's
        if self.session_key is None:
            self.create()
            return
        carried = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        columns = {
            "subject_id": UUID(carried[SESSION_KEY]) if SESSION_KEY in carried else None,
            "sealed": self.encode(carried),
            "device": carried.get(DEVICE_KEY, ""),
            "expires_at": Now() + Value(timedelta(seconds=self.get_expiry_age())),
        }
        if must_create:
            try:
                with transaction.atomic():
                    Session.objects.create(digest=digest(self.session_key), **columns)
            except IntegrityError as error:
                raise CreateError from error
        elif not Session.objects.filter(digest=digest(self.session_key)).update(**columns):
            raise UpdateError

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(digest=digest(key)).delete()

    def encode(self, session_dict: dict[str, Any]) -> bytes:  # type: ignore[override]
        return vault.seal(JSONSerializer().dumps(session_dict), purpose=_PURPOSE)

    def decode(self, session_data: bytes) -> dict[str, Any]:  # type: ignore[override]
        try:
            carried = JSONSerializer().loads(vault.open_sealed(session_data, purpose=_PURPOSE))
        except vault.Unreadable:
            return {}
        return dict(carried)

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.exclude(_alive()).delete()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser in which somebody is signed in. `here` marks the one that asks."""

    id: UUID
    device: str
    since: datetime
    seen: datetime
    here: bool


@prepared.query
def _kept(digest: str) -> QuerySet[Any]:
    """A session that is not over, with its person and what time it is."""
    sessions = Session.objects.select_related("subject__person").annotate(at=Now())
    return sessions.filter(digest=digest, expires_at__gt=Now())


def digest(session_key: str) -> str:
    """How a session's random number stands in the table."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def idle_limit() -> timedelta:
    """How long after `seen_at` somebody is signed out."""
    return timedelta(seconds=settings.IDLE_SECONDS) + SEEN_EVERY


def _alive() -> Q:
    """The condition on sessions that are neither over nor, when signed in, idle."""
    return Q(expires_at__gt=Now()) & (
        Q(subject=None) | Q(seen_at__gt=Now() - Value(idle_limit(), DurationField()))
    )


def _is_idle(row: Any) -> bool:
    """What `_alive` says of being idle, about a row that knows what time it is (`at`)."""
    return row.subject_id is not None and row.at - row.seen_at >= idle_limit()


# The same as part of a statement that asks and writes at once. It knows `clock`; its parameters
# are `session`, which is a digest, `subject` and those of `limits`.
SIGNED_IN = """signed_in AS (
    SELECT s.id, s.seen_at FROM people_session s, clock
    WHERE s.digest = %(session)s AND s.subject_id = %(subject)s AND s.expires_at > clock.now
        AND s.seen_at > clock.now - make_interval(secs => %(idle)s)
)"""


def limits() -> dict[str, float]:
    """How long a session may be idle, and how often its `seen_at` moves, in seconds."""
    return {"idle": idle_limit().total_seconds(), "often": SEEN_EVERY.total_seconds()}


def subject(session_key: str) -> UUID | None:
    """Who is signed in here; asking is no sign of life (one query)."""
    alive = Session.objects.filter(_alive(), digest=digest(session_key))
    return alive.values_list("subject_id", flat=True).first()


def idle_left(session_key: str) -> int | None:
    """Seconds until who is signed in here is signed out, 0 when that has come; None when nobody is
    signed in. Asking is no sign of life (one query)."""
    row = (
        Session.objects.filter(expires_at__gt=Now(), digest=digest(session_key))
        .exclude(subject=None)
        .annotate(at=Now())
        .first()
    )
    if row is None:
        return None
    return max(0, (row.seen_at + idle_limit() - row.at) // timedelta(seconds=1))


def still_here(session_key: str) -> int | None:
    """A sign of life, by a person who was asked; returns what `idle_left` does (one query, two
    when it came too late)."""
    alive = Session.objects.filter(_alive(), digest=digest(session_key)).exclude(subject=None)
    if alive.update(seen_at=Now()):
        return idle_limit() // timedelta(seconds=1)
    return idle_left(session_key)


def of(subject_id: UUID, *, here: str | None) -> Sequence[SignedIn]:
    """Where the person is signed in, latest first. `here` is the asking session's number."""
    rows = Session.objects.filter(_alive(), subject_id=subject_id).order_by("-seen_at")
    own = digest(here or "")
    return [
        SignedIn(row.id, row.device, row.created_at, row.seen_at, row.digest == own) for row in rows
    ]


@transaction.atomic
def end(*, subject_id: UUID, session_id: UUID, by: Actor) -> None:
    """Signs one of the person's browsers out, at once."""
    ended, _rows = Session.objects.filter(subject_id=subject_id, id=session_id).delete()
    if not ended:
        raise Refused(_("That browser is signed out already."), code="gone")
    trail.record(verb="sessions.end", by=by, noun="session", noun_id=session_id, about=subject_id)


@transaction.atomic
def end_others(*, subject_id: UUID, here: str | None, by: Actor) -> int:
    """Signs out every browser of the person but the asking one; says how many there were."""
    others = Session.objects.filter(subject_id=subject_id).exclude(digest=digest(here or ""))
    ended, _rows = others.delete()
    if ended:
        trail.record(
            verb="sessions.end_others",
            by=by,
            noun="person",
            noun_id=subject_id,
            about=subject_id,
            detail={"ended": ended},
        )
    return ended
