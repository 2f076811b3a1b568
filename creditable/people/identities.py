"""Which identity providers may vouch for whom: linking, unlinking, and opening an account with what
one of them said."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import Now
from creditable.disclosure import gate
from creditable.lib.actor import Actor
from creditable.lib.ids import uuid7
from creditable.lib.refusal import Refused
from creditable.mail import post
from creditable.people import accounts, releases
from creditable.people.identity_providers import IdentityProvider
from creditable.people.models import Identity, Person


def holder(*, provider: str, number: str) -> Person | None:
    """For whom the provider vouches with this number."""
    found = Identity.objects.filter(provider=provider, number=number)
    row = found.select_related("subject__person").first()
    return getattr(row.subject, "person", None) if row else None


def of(subject_id: UUID) -> Sequence[Identity]:
    """The providers that may vouch for the person."""
    return list(Identity.objects.filter(subject_id=subject_id).order_by("linked_at"))


@transaction.atomic
def link(*, person: Person, provider: IdentityProvider, number: str, by: Actor) -> Identity:
    """From now on the provider may vouch for the person, who is told by mail. Refused when it
    vouches with this number for somebody (`code="linked"`), or for the person with another
    (`code="other"`)."""
    if Identity.objects.filter(subject_id=person.pk, provider=provider.id).exists():
        raise Refused(
            _("Your account is linked to {provider} already. Unlink that first.").format(
                provider=provider.name
            ),
            code="other",
        )
    identity = _link(person, provider, number, by)
    learned(person=person, provider=provider, by=by)
    change = _("Sign-in with {provider} was linked.").format(provider=provider.name)
    _tell(person, change, by)
    return identity


@transaction.atomic
def unlink(*, person: Person, identity_id: UUID, by: Actor) -> None:
    """The provider no longer vouches for the person; a code by e-mail still signs them in."""
    row = Identity.objects.filter(subject_id=person.pk, id=identity_id).select_for_update().first()
    if row is None:
        raise Refused(_("This is unlinked already."), code="gone")
    row.delete()
    trail.record(
        verb="identities.unlink",
        by=by,
        noun="identity",
        noun_id=identity_id,
        about=person.subject_id,
    )
    name = settings.IDENTITY_PROVIDERS[row.provider]["name"]
    _tell(person, _("Sign-in with {provider} was unlinked.").format(provider=name), by)


@transaction.atomic
def open_account(
    *, provider: IdentityProvider, number: str, name: str, email: str, by: Actor
) -> Person:
    """A new person with the address that the provider vouches for. Refused when the name is none
    or the address has an account (`code="taken"`): an equal address links nothing."""
    person = accounts.open_account(email=email, name=name, verified=True, by=by)
    _link(person, provider, number, by)
    learned(person=person, provider=provider, by=by)
    return person


@transaction.atomic
def learned(*, person: Person, provider: IdentityProvider, by: Actor) -> None:
    """Writes into the ledger what the provider learned: that the person signs in here."""
    template = releases.SIGN_IN_WITH[provider.id]
    release = gate.open(template=template, by=by, key=None)
    release.add(person.subject_id, {"sign_in": "yes"})
    release.commit()
    Identity.objects.filter(subject_id=person.pk, provider=provider.id).update(used_at=Now())


def _link(person: Person, provider: IdentityProvider, number: str, by: Actor) -> Identity:
    try:
        with transaction.atomic():
            identity = Identity.objects.create(
                subject_id=person.subject_id, provider=provider.id, number=number
            )
    except IntegrityError as error:
        raise Refused(
            _("This {provider} account is linked to another account here.").format(
                provider=provider.name
            ),
            code="linked",
        ) from error
    trail.record(
        verb="identities.link",
        by=by,
        noun="identity",
        noun_id=identity.pk,
        about=person.subject_id,
        detail={"provider": provider.id},
    )
    return identity


def _tell(person: Person, change: str, by: Actor) -> None:
    post.send(
        kind=releases.SIGN_IN_CHANGED,
        subject_id=person.subject_id,
        to=person.email,
        values={"name": person.name, "change": change},
        by=by,
        key=f"people.sign_in_changed:{uuid7()}",
    )
