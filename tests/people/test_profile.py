"""People change what they told us; what cannot be meant is refused at its place."""

from typing import Any

import pytest

from creditable.audit.models import Event
from creditable.lib.refusal import Refused
from creditable.people import profile
from creditable.people.models import Person
from tests.factories.people import BY, make_person
from tests.promises import promise

pytestmark = pytest.mark.django_db

TOLD = {
    "name": "Ana Díaz",
    "phone": "+1 (214) 555-0143 ext. 7",
    "street": "12 Elm Street, Apt 4",
    "city": "Plano",
    "state": "TX",
    "postal_code": "75001-1234",
    "shipping_street": "9 Yard Road",
    "shipping_city": "Waco",
    "shipping_state": "TX",
    "shipping_postal_code": "76701",
}


def update(person: Person, **told: Any) -> Person:
    return profile.update(person=person, **{**TOLD, **told}, by=person.actor)


@promise("A2")
def test_a_profile_holds_name_address_phone_and_state() -> None:
    person = make_person()
    update(person)
    kept = Person.objects.get(pk=person.pk)
    assert {field: getattr(kept, field) for field in TOLD} == TOLD


@promise("C7")
def test_everything_but_the_name_may_be_left_empty() -> None:
    person = make_person()
    update(person, **{field: "" for field in TOLD if field != "name"})
    assert Person.objects.get(pk=person.pk).street == ""


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "Ana 😀"),
        ("phone", "call me"),
        ("phone", "12"),
        ("phone", "1" * 41),
        ("street", "x" * 161),
        ("street", "12 Elm\u202e Street"),
        ("city", "x" * 81),
        ("state", "ZZ"),
        ("postal_code", "7500"),
        ("postal_code", "75001-12"),
        ("postal_code", "７５００１"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_field_and_changes_nothing(
    field: str, typed: str
) -> None:
    person = make_person(name="Before")
    with pytest.raises(Refused) as refusal:
        update(person, **{field: typed})
    assert refusal.value.field == field
    kept = Person.objects.get(pk=person.pk)
    assert (kept.name, kept.street, kept.state) == ("Before", "", "")


def test_the_trail_names_the_fields_and_no_value() -> None:
    person = make_person(name="Ana Diaz")
    for _ in range(2):
        profile.update(person=person, name="Ana Diaz", state="TX", postal_code="76701", by=BY)
    (event,) = Event.objects.filter(verb="profile.update")
    assert event.detail == {"fields": ["postal_code", "state"]}
    assert event.about == person.pk


@promise("C13")
def test_what_is_not_named_stays_as_it_is() -> None:
    person = make_person()
    update(person)
    profile.update(person=person, street="3 Oak Lane", by=person.actor)
    kept = Person.objects.get(pk=person.pk)
    assert {field: getattr(kept, field) for field in TOLD} == {**TOLD, "street": "3 Oak Lane"}


def test_half_a_shipping_address_is_refused_at_the_empty_line() -> None:
    person = make_person()
    with pytest.raises(Refused) as refusal:
        update(person, shipping_city="")
    assert refusal.value.field == "shipping_city"
    update(person, **dict.fromkeys(profile.SHIPPING, ""))
