"""As many licenses as one holds, each once, as it stands on the paper."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from creditable.lib.refusal import Refused
from creditable.people import licenses
from creditable.people.models import License, Person
from tests.factories.people import make_person
from tests.promises import promise

pytestmark = pytest.mark.django_db

TEXAS = {
    "authority": "us-tx-tdlr-electricians",
    "license_type": "journeyman",
    "number": "123456",
    "name_as_printed": "ANA DIAZ",
    "issued": date(2024, 3, 1),
    "expires": date(2027, 3, 1),
}


def add(person: Person, **told: Any) -> License:
    return licenses.add(subject_id=person.pk, **{**TEXAS, **told}, by=person.actor)


@promise("A2")
def test_a_person_holds_several_licenses_each_with_its_details() -> None:
    person = make_person()
    add(person)
    add(person, authority="demo-state-board", license_type="master", number="m-77", issued=None)
    held = License.objects.filter(subject_id=person.pk).order_by("created_at")
    assert [(kept.authority, kept.number) for kept in held] == [
        ("us-tx-tdlr-electricians", "123456"),
        ("demo-state-board", "M-77"),
    ]
    assert {field: getattr(held[0], field) for field in TEXAS} == TEXAS


def test_the_same_license_is_entered_once_also_with_other_case_and_spaces() -> None:
    person = make_person()
    add(person, number="ab 12")
    with pytest.raises(Refused) as refusal:
        add(person, number=" AB   12 ")
    assert (refusal.value.field, refusal.value.code) == ("number", "twice")
    assert License.objects.count() == 1
    add(make_person(), number="ab 12")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("authority", ""),
        ("authority", "x" * 61),
        ("license_type", " "),
        ("number", ""),
        ("number", "---"),
        ("number", "1" * 41),
        ("number", "12\u200b34"),
        ("name_as_printed", ""),
        ("name_as_printed", "A" * 121),
        ("expires", date(2024, 3, 1)),
        ("expires", date(2020, 1, 1)),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_field(field: str, typed: object) -> None:
    person = make_person()
    with pytest.raises(Refused) as refusal:
        add(person, **{field: typed})
    assert refusal.value.field == field
    assert not License.objects.exists()


def test_the_database_bars_a_license_that_expires_before_it_is_issued() -> None:
    kept = add(make_person())
    with pytest.raises(IntegrityError), transaction.atomic():
        License.objects.filter(id=kept.id).update(expires=date(2020, 1, 1))


def test_a_license_is_corrected_and_removed() -> None:
    person = make_person()
    kept = add(person)
    told = {**TEXAS, "number": "654321", "expires": None}
    licenses.change(license=kept, **told, by=person.actor)  # type: ignore[arg-type]
    again = License.objects.get(subject_id=person.pk)
    assert (again.id, again.number, again.expires) == (kept.id, "654321", None)
    licenses.remove(license=again, by=person.actor)
    assert not License.objects.exists()


def test_correcting_one_license_into_another_is_refused_and_changes_nothing() -> None:
    person = make_person()
    first, second = add(person), add(person, number="2")
    told = {**TEXAS, "number": first.number}
    with pytest.raises(Refused) as refusal:
        licenses.change(license=second, **told, by=person.actor)  # type: ignore[arg-type]
    assert refusal.value.code == "twice"
    assert License.objects.get(id=second.id).number == "2"
