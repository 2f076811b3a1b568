"""Giving and taking roles, and looking through who holds them. What each role may do is in
`permissions`."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import Now
from creditable.audit.models import Event
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people.models import RoleGrant
from creditable.people.permissions import PERMISSIONS, ROLES, Role

__all__ = [
    "PERMISSIONS",
    "ROLES",
    "Role",
    "grant",
    "is_due",
    "last_review",
    "review",
    "review_ends",
    "revoke",
]

KEYHOLDER = "administrator"
REVIEW_EVERY = timedelta(days=90)
"""So long an access review holds."""
_REVIEWED = "access"


@transaction.atomic
def grant(*, subject_id: UUID, role: str, by: Actor) -> RoleGrant:
    """Gives the role. Giving it to somebody who holds it changes nothing."""
    _known(role)
    given, new = RoleGrant.objects.get_or_create(
        subject_id=subject_id,
        role=role,
        revoked_at=None,
        defaults={"granted_by": by.subject_id},
    )
    if new:
        trail.record(verb="roles.grant", by=by, noun="role", noun_id=role, about=subject_id)
    return given


@transaction.atomic
def revoke(*, subject_id: UUID, role: str, by: Actor) -> None:
    """Takes the role. Refused when nobody would be left to give roles."""
    _known(role)
    open_grants = RoleGrant.objects.select_for_update().filter(role=role, revoked_at=None)
    held = {grant.subject_id: grant for grant in open_grants.order_by("id")}
    mine = held.pop(subject_id, None)
    if mine is None:
        raise Refused(_("This person does not hold the role."), field="role", code="not_held")
    if role == KEYHOLDER and not held:
        raise Refused(
            _("This is the last administrator. Make somebody else administrator first."),
            field="role",
            code="last_administrator",
        )
    RoleGrant.objects.filter(id=mine.id).update(revoked_at=Now(), revoked_by=by.subject_id)
    trail.record(verb="roles.revoke", by=by, noun="role", noun_id=role, about=subject_id)


@transaction.atomic
def review(*, seen: Iterable[UUID], by: Actor) -> None:
    """Somebody has looked through who holds which role: `seen` are the grants that they saw.
    Refused when another was given meanwhile or one of them taken."""
    open_grants = set(
        RoleGrant.objects.select_for_update().filter(revoked_at=None).values_list("id", flat=True)
    )
    if open_grants != set(seen):
        raise Refused(
            _("Roles were given or taken since you opened the page. Look through them again."),
            code="changed",
        )
    trail.record(
        verb="roles.review", by=by, noun=_REVIEWED, noun_id="roles",
        detail={"grants": len(open_grants)},
    )  # fmt: skip


def last_review() -> Event | None:
    """The latest access review: who did it, when, and of how many grants."""
    return _reviews().order_by("-at", "-id").first()


def review_ends(review: Event) -> datetime:
    """Until when it holds."""
    return review.at + REVIEW_EVERY


def is_due() -> bool:
    """Whether somebody has to look through the roles: nobody has, or it was too long ago."""
    return not _reviews().filter(at__gt=Now() - REVIEW_EVERY).exists()


def _reviews() -> QuerySet[Event]:
    return Event.objects.filter(noun=_REVIEWED, noun_id="roles", verb="roles.review")


def _known(role: str) -> None:
    if role not in ROLES:
        raise Refused(_("There is no such role."), field="role", code="unknown")
