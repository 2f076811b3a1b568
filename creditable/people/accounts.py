"""Opening an account and moving it to another e-mail address."""

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.disclosure import subjects
from creditable.lib.actor import Actor
from creditable.lib.ids import uuid7
from creditable.lib.refusal import Refused
from creditable.mail import post
from creditable.people import names, releases
from creditable.people.models import Person


def holder(email: str) -> Person | None:
    """Whose address this is, whatever its case."""
    return Person.objects.filter(email__iexact=email).first()


@transaction.atomic
def open_account(*, email: str, name: str, verified: bool, by: Actor) -> Person:
    """A new person with this address and no password. `verified` says that the address has
    been proved to be theirs; until then they cannot sign in. Refused when the name is none, or
    the address belongs to an account (`code="taken"`)."""
    person = Person(
        subject=subjects.create(), email=canonical(email), name=names.cleaned(name, field="name")
    )
    person.set_unusable_password()
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(_("This address has an account."), field="email", code="taken") from error
    EmailAddress.objects.create(user=person, email=person.email, verified=verified, primary=True)
    trail.record(
        verb="accounts.open", by=by, noun="person", noun_id=person.pk, about=person.subject_id
    )
    return person


@transaction.atomic
def change_email(*, person: Person, email: str, by: Actor) -> None:
    """Moves the account to an address that has been proved to be theirs, and tells the old and
    the new address. Refused when it belongs to another account (`code="taken"`)."""
    locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    before, after = locked.email, canonical(email)
    try:
        with transaction.atomic():
            Person.objects.filter(pk=locked.pk).update(email=after)
    except IntegrityError as error:
        raise Refused(_("This address has an account."), field="email", code="taken") from error
    EmailAddress.objects.filter(user=locked).delete()
    EmailAddress.objects.create(user=locked, email=after, verified=True, primary=True)
    person.email = after
    trail.record(
        verb="accounts.change_email",
        by=by,
        noun="person",
        noun_id=locked.pk,
        about=locked.subject_id,
    )
    for told in (before, after):
        post.send(
            kind=releases.ADDRESS_CHANGED,
            subject_id=locked.subject_id,
            to=told,
            values={"name": locked.name, "new_address": masked(after)},
            by=by,
            key=f"people.address_changed:{uuid7()}",
        )


def canonical(email: str) -> str:
    """The one form in which an address is stored and compared."""
    return email.strip().lower()


def masked(email: str) -> str:
    """Enough of an address for its owner to recognize it: a…@example.com."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}…@{domain}"
