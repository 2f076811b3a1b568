"""Licenses: as many as a person holds, each as its holder typed it."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people import documents, names, texts
from creditable.people.models import IdentityDocument, License


@transaction.atomic
def add(
    *,
    subject_id: UUID,
    authority: str,
    license_type: str,
    number: str,
    name_as_printed: str,
    issued: date | None,
    expires: date | None,
    by: Actor,
) -> License:
    """Stores a license. Refused at the field at fault, and when the person has it already."""
    return _store(
        License(subject_id=subject_id),
        by,
        authority=authority,
        license_type=license_type,
        number=number,
        name_as_printed=name_as_printed,
        issued=issued,
        expires=expires,
    )


@transaction.atomic
def change(
    *,
    license: License,
    authority: str,
    license_type: str,
    number: str,
    name_as_printed: str,
    issued: date | None,
    expires: date | None,
    by: Actor,
) -> License:
    """Corrects a license. What was awarded for it keeps the license as it was then. An identity
    document is for the authority that it was handed in for, and ends with a change of that."""
    held = License.objects.select_for_update().get(id=license.id)
    if authority != held.authority:
        documents.end_all(license_id=held.pk, why=IdentityDocument.End.LICENSE_CHANGED, by=by)
    return _store(
        held,
        by,
        authority=authority,
        license_type=license_type,
        number=number,
        name_as_printed=name_as_printed,
        issued=issued,
        expires=expires,
    )


@transaction.atomic
def answer(
    *, license: License, roles: Sequence[str], facts: Mapping[str, bool | float | str], by: Actor
) -> None:
    """Stores what the holder answers to the questions of the authority's rules. The answers are
    about the period that ends when the license expires, and go when that day changes."""
    kept = License.objects.select_for_update().get(id=license.id)
    kept.answers = {"roles": list(roles), "facts": dict(facts)}
    kept.save(update_fields=["answers"])
    _trail("licenses.answer", kept, by)


@transaction.atomic
def remove(*, license: License, by: Actor) -> None:
    """Forgets a license, and the identity document handed in for it. What was awarded for it stays
    awarded."""
    documents.end_all(license_id=license.pk, why=IdentityDocument.End.LICENSE_REMOVED, by=by)
    _trail("licenses.remove", license, by)
    license.delete()


def cleaned_number(text: str, *, field: str = "number") -> str:
    """The number in capitals with single spaces. Refused when it has neither letter nor digit."""
    number = texts.line(text, field=field, longest=40, label=_("Number")).upper()
    if not any(sign.isascii() and sign.isalnum() for sign in number):
        raise Refused(
            _("Enter the number as it stands on the license."), field=field, code="required"
        )
    return number


def _store(
    license: License,
    by: Actor,
    *,
    authority: str,
    license_type: str,
    number: str,
    name_as_printed: str,
    issued: date | None,
    expires: date | None,
) -> License:
    new = license._state.adding
    before = license.authority, license.license_type, license.expires
    license.authority = _chosen(authority, "authority", "Choose who issued the license.")
    license.license_type = _chosen(license_type, "license_type", "Choose the type of license.")
    license.number = cleaned_number(number)
    license.name_as_printed = names.cleaned(name_as_printed, field="name_as_printed")
    if issued and expires and expires <= issued:
        raise Refused(
            _("A license expires after it is issued. Check both dates."),
            field="expires",
            code="order",
        )
    if (license.authority, license.license_type, expires) != before:
        license.answers = {}
    license.issued, license.expires = issued, expires
    try:
        with transaction.atomic():
            license.save()
    except IntegrityError as error:
        raise Refused(
            _("This license is in your list already."), field="number", code="twice"
        ) from error
    _trail("licenses.add" if new else "licenses.change", license, by)
    return license


def _chosen(text: str, field: str, words: str) -> str:
    chosen = texts.line(text, field=field, longest=60, label=_("Choice"))
    if not chosen:
        raise Refused(words, field=field, code="required")
    return chosen


def _trail(verb: str, license: License, by: Actor) -> None:
    trail.record(
        verb=verb,
        by=by,
        noun="license",
        noun_id=license.pk,
        about=license.subject_id,
        detail={"authority": license.authority},
    )
