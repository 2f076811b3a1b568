from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from creditable.audit.models import Event
from creditable.disclosure import subjects
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.support import cases
from creditable.support.models import Case

pytestmark = pytest.mark.django_db

VISITOR = Actor.outside("contact form")


def message(**changed: Any) -> dict[str, Any]:
    return {
        "key": uuid4(),
        "name": "Rosa Delgado",
        "email": "rosa@example.com",
        "topic": "credit",
        "body": "My certificate shows an old license number.",
        "by": VISITOR,
    } | changed


def test_a_message_opens_a_case_with_a_number_and_a_day_for_the_answer() -> None:
    case = cases.open(**message())

    assert case.code == f"C-{case.number}"
    assert case.number > 1000
    assert case.state == "open"
    assert 2 <= (case.due - case.opened_at.date()).days <= 4
    assert case.subject_id is None


def test_each_case_has_its_own_number() -> None:
    one, other = cases.open(**message()), cases.open(**message())

    assert one.number != other.number


def test_the_same_form_sent_twice_is_one_case() -> None:
    sent = message()

    first = cases.open(**sent)
    again = cases.open(**sent | {"body": "pressed twice"})

    assert again.id == first.id
    assert Case.objects.get().body == sent["body"]
    assert Event.objects.filter(verb="cases.open").count() == 1


def test_a_person_who_is_signed_in_finds_the_case_under_their_own_id() -> None:
    subject = subjects.create()

    case = cases.open(**message(subject_id=subject.id, by=Actor.person(subject.id)))

    assert list(subject.cases.all()) == [case]
    event = Event.objects.get(verb="cases.open")
    assert event.about == subject.id
    assert "rosa" not in str(event.detail).lower()


def test_one_address_cannot_bury_the_people_who_answer(
    move_clock: Callable[[timedelta], None],
) -> None:
    for _ in range(cases.CASES_AN_HOUR):
        cases.open(**message())

    with pytest.raises(Refused) as refused:
        cases.open(**message(email="ROSA@example.com"))
    assert refused.value.field == "email"
    cases.open(**message(email="someone.else@example.com"))

    move_clock(timedelta(minutes=61))
    cases.open(**message())


def test_sending_again_is_answered_even_when_the_address_has_reached_its_limit() -> None:
    sent = [message() for _ in range(cases.CASES_AN_HOUR)]
    opened = [cases.open(**one) for one in sent]

    assert cases.open(**sent[-1]) == opened[-1]


@pytest.mark.parametrize("changed", [{"body": ""}, {"topic": "gossip"}])
def test_a_case_that_says_nothing_or_is_about_nothing_we_know_cannot_exist(
    changed: dict[str, str],
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        cases.open(**message(**changed))
