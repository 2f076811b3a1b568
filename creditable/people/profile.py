"""What people tell us about themselves, and may change at any time."""

import re

from django.db import transaction

from creditable.audit import trail
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people import names, texts
from creditable.people.models import Person
from creditable.people.states import STATES

ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?")
PHONE = re.compile(r"[0-9+()./ \-]+( ?(x|ext\.?) ?[0-9]+)?", re.IGNORECASE)


@transaction.atomic
def update(
    *,
    person: Person,
    name: str,
    phone: str,
    street: str,
    city: str,
    state: str,
    postal_code: str,
    by: Actor,
) -> Person:
    """Stores the profile. Everything but the name may be empty. Refused at the field at fault."""
    told = {
        "name": names.cleaned(name),
        "phone": _phone(phone),
        "street": texts.line(street, field="street", longest=160, label="Street"),
        "city": texts.line(city, field="city", longest=80, label="City"),
        "state": _state(state),
        "postal_code": _postal_code(postal_code),
    }
    locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
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


def _phone(text: str) -> str:
    phone = texts.line(text, field="phone", longest=40, label="Phone")
    if phone and (not PHONE.fullmatch(phone) or not 7 <= sum(map(str.isdigit, phone)) <= 20):
        raise Refused("Enter a phone number, such as 214 555 0143.", field="phone", code="shape")
    return phone


def _state(text: str) -> str:
    state = text.strip().upper()
    if state and state not in STATES:
        raise Refused("Choose a state from the list.", field="state", code="unknown")
    return state


def _postal_code(text: str) -> str:
    code = text.strip()
    if code and not ZIP.fullmatch(code):
        raise Refused(
            "Enter a ZIP code of five digits, such as 75001.", field="postal_code", code="shape"
        )
    return code
