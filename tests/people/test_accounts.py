"""One address, one account; a person is a subject with a name."""

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from creditable.audit.models import Event
from creditable.disclosure.models import Subject
from creditable.lib.refusal import Refused
from creditable.people import accounts
from creditable.people.models import Person
from tests.factories.people import BY, make_person

pytestmark = pytest.mark.django_db


def test_an_account_is_a_subject_a_person_and_an_address() -> None:
    person = make_person(email="Ana@Example.com", name=" Ana   Diaz ")
    assert person.pk == person.subject_id
    assert Subject.objects.filter(id=person.pk).exists()
    assert (person.email, person.name) == ("ana@example.com", "Ana Diaz")
    assert not person.has_usable_password()
    kept = EmailAddress.objects.get(user=person)
    assert (kept.email, kept.verified, kept.primary) == ("ana@example.com", True, True)
    event = Event.objects.get(verb="accounts.open")
    assert event.about == person.pk
    assert "ana" not in str(event.detail)


def test_an_address_has_one_account_whatever_its_case() -> None:
    make_person(email="ana@example.com")
    with pytest.raises(Refused) as refusal:
        make_person(email="ANA@example.com")
    assert refusal.value.code == "taken"
    assert Person.objects.count() == 1
    assert Subject.objects.count() == 1


def test_the_database_itself_bars_a_second_account_with_the_address() -> None:
    make_person(email="ana@example.com")
    other = make_person(email="ben@example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=other.pk).update(email="Ana@example.com")


def test_moving_to_another_address_tells_both(policy: None) -> None:
    from tests.people.signing import mails_to, text_of

    person = make_person(email="ana@example.com")
    accounts.change_email(person=person, email="Diaz@Example.org", by=BY)
    assert Person.objects.get(pk=person.pk).email == "diaz@example.org"
    addresses = EmailAddress.objects.filter(user=person)
    assert [(a.email, a.verified, a.primary) for a in addresses] == [
        ("diaz@example.org", True, True)
    ]
    for told in ("ana@example.com", "diaz@example.org"):
        (mail,) = mails_to(told)
        assert "d…@example.org" in text_of(mail)
        assert "diaz@example.org" not in text_of(mail)


def test_moving_to_an_address_in_use_changes_nothing(policy: None) -> None:
    person, other = make_person(email="ana@example.com"), make_person(email="ben@example.com")
    with pytest.raises(Refused) as refusal:
        accounts.change_email(person=person, email=other.email, by=BY)
    assert refusal.value.code == "taken"
    assert Person.objects.get(pk=person.pk).email == "ana@example.com"
    assert EmailAddress.objects.get(user=person).email == "ana@example.com"
