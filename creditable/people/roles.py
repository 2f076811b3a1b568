"""Giving and taking roles. What each role may do is in `permissions`."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import Now
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people.models import RoleGrant
from creditable.people.permissions import PERMISSIONS, ROLES, Role

__all__ = ["PERMISSIONS", "ROLES", "Role", "grant", "revoke"]

KEYHOLDER = "administrator"


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


def _known(role: str) -> None:
    if role not in ROLES:
        raise Refused(_("There is no such role."), field="role", code="unknown")
