"""Another address: only who reads the old mailbox and the new one gets there."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from creditable.lib.refusal import Refused
from creditable.people import address_change
from creditable.people.address_change import Pending
from creditable.people.models import Person
from tests.factories.people import make_person
from tests.people.signing import code_for, mails_to, text_of, wrong

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]

OLD, NEW = "ana@example.com", "diaz@example.org"


@pytest.fixture
def person() -> Person:
    return make_person(email=OLD)


def begin(person: Person, email: str = NEW) -> Pending:
    return address_change.begin(person=person, email=email, by=person.actor)


def confirm(person: Person, pending: Pending, old: str, new: str) -> None:
    address_change.confirm(
        person=person, pending=pending, old_code=old, new_code=new, by=person.actor
    )


def address_of(person: Person) -> str:
    return Person.objects.get(pk=person.pk).email


def test_both_codes_change_the_address(person: Person) -> None:
    pending = begin(person, " Diaz@Example.org ")
    assert code_for(OLD) != "" != code_for(NEW)
    confirm(person, pending, code_for(OLD), f" {code_for(NEW)[:3]} {code_for(NEW)[3:]} ")
    assert address_of(person) == NEW


@pytest.mark.parametrize("which", ["old_code", "new_code"])
def test_one_right_code_is_not_enough(person: Person, which: str) -> None:
    pending = begin(person)
    typed = {"old_code": code_for(OLD), "new_code": code_for(NEW)}
    typed[which] = wrong(typed[which])
    with pytest.raises(Refused) as refusal:
        confirm(person, pending, typed["old_code"], typed["new_code"])
    assert refusal.value.field == which
    assert address_of(person) == OLD


def test_codes_end_after_fifteen_minutes(
    person: Person, move_clock: Callable[[timedelta], None]
) -> None:
    pending = begin(person)
    old, new = code_for(OLD), code_for(NEW)
    move_clock(timedelta(minutes=15, seconds=1))
    with pytest.raises(Refused) as refusal:
        confirm(person, pending, old, new)
    assert refusal.value.code == "over"
    assert address_of(person) == OLD


def test_codes_end_after_three_wrong_tries(person: Person) -> None:
    pending = begin(person)
    for _ in range(3):
        pending = pending.failed_once_more()
    with pytest.raises(Refused) as refusal:
        confirm(person, pending, code_for(OLD), code_for(NEW))
    assert refusal.value.code == "over"
    assert address_of(person) == OLD


def test_an_address_in_use_looks_free_and_its_owner_is_told(person: Person) -> None:
    other = make_person(email="ben@example.com", name="Ben Cole")
    pending = begin(person, other.email)
    (told,) = mails_to(other.email)
    assert "You have an account" in text_of(told)
    assert "Ana" not in text_of(told)
    for guess in ("", "000000", pending.old_code):
        with pytest.raises(Refused):
            confirm(person, pending, code_for(OLD), guess)
    assert address_of(person) == OLD


def test_an_address_taken_in_the_meantime_is_refused(person: Person) -> None:
    pending = begin(person)
    make_person(email=NEW)
    with pytest.raises(Refused) as refusal:
        confirm(person, pending, code_for(OLD), code_for(NEW))
    assert refusal.value.code == "taken"
    assert address_of(person) == OLD


def test_ones_own_address_is_refused(person: Person) -> None:
    with pytest.raises(Refused) as refusal:
        begin(person, OLD.upper())
    assert refusal.value.field == "email"
    assert not mails_to(OLD)
