"""What people tell us about themselves, and may change at any time."""

import re
from collections.abc import Callable, Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people import names, texts
from creditable.people.models import Person
from creditable.people.states import STATES

ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?")
PHONE = re.compile(r"[0-9+()./ \-]+( ?(x|ext\.?) ?[0-9]+)?", re.IGNORECASE)


SHIPPING = ("shipping_street", "shipping_city", "shipping_state", "shipping_postal_code")


@transaction.atomic
def update(*, person: Person, by: Actor, **told: str) -> Person:
    """Stores what the person told us, by the names of FIELDS; what is not named stays as it is.
    Everything but the name may be empty; a shipping address is whole or empty, and empty means
    the billing address. Refused at the field at fault."""
    if unknown := set(told) - set(FIELDS):
        raise TypeError(f"a profile has no {unknown}")
    told = {field: FIELDS[field](value, field) for field, value in told.items()}
    locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    for refusal in _missing({field: told.get(field, getattr(locked, field)) for field in SHIPPING}):
        raise refusal
    changed = sorted(field for field, value in told.items() if getattr(locked, field) != value)
    if changed:
        Person.objects.filter(pk=locked.pk).update(**{field: told[field] for field in changed})
        trail.record(
            verb="profile.update",
            by=by,
            noun="person",
            noun_id=locked.pk,
            about=locked.subject_id,
            detail={"fields": changed},
        )
    for field, value in told.items():
        setattr(person, field, value)
    return person


def faults(**told: str) -> list[Refused]:
    """Everything for which `update` would refuse what was told, each at its field."""
    found = []
    for field, value in told.items():
        try:
            FIELDS[field](value, field)
        except Refused as refusal:
            found.append(refusal)
    return found + _missing({field: told[field] for field in SHIPPING if field in told})


def _missing(address: Mapping[str, str]) -> list[Refused]:
    words = _("Fill in the whole shipping address, or leave all of it empty.")
    empty = [field for field, value in address.items() if not value]
    if len(empty) == len(address):
        return []
    return [Refused(words, field=field, code="missing") for field in empty]


def _name(text: str, field: str) -> str:
    return names.cleaned(text, field=field)


def _street(text: str, field: str) -> str:
    return texts.line(text, field=field, longest=160, label=_("Street"))


def _city(text: str, field: str) -> str:
    return texts.line(text, field=field, longest=80, label=_("City"))


def _phone(text: str, field: str) -> str:
    phone = texts.line(text, field=field, longest=40, label=_("Phone"))
    if phone and (not PHONE.fullmatch(phone) or not 7 <= sum(map(str.isdigit, phone)) <= 20):
        raise Refused(_("Enter a phone number, such as 214 555 0143."), field=field, code="shape")
    return phone


def _state(text: str, field: str) -> str:
    state = text.strip().upper()
    if state and state not in STATES:
        raise Refused(_("Choose a state from the list."), field=field, code="unknown")
    return state


def _postal_code(text: str, field: str) -> str:
    code = text.strip()
    if code and not ZIP.fullmatch(code):
        raise Refused(
            _("Enter a ZIP code of five digits, such as 75001."), field=field, code="shape"
        )
    return code


FIELDS: Mapping[str, Callable[[str, str], str]] = {
    "name": _name,
    "phone": _phone,
    "street": _street,
    "city": _city,
    "state": _state,
    "postal_code": _postal_code,
    "shipping_street": _street,
    "shipping_city": _city,
    "shipping_state": _state,
    "shipping_postal_code": _postal_code,
}
"""What a profile holds, with how each is read from what was typed."""
