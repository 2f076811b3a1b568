"""A rented list in the console: what it holds, and calling it back."""

import pytest
from django.test import Client

from creditable.disclosure import choices
from creditable.outreach import rentals
from creditable.outreach.models import RentedList
from creditable.people.models import Person
from tests.factories.people import make_person
from tests.outreach.test_rentals import CLERK, approved, rents, resident, sign
from tests.people.signing import sign_in_staff

__all__ = ["rents"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Person:
    return resident("Ana Diaz")


@pytest.fixture
def listed(ana: Person) -> RentedList:
    return rentals.export(rental=approved(sign()), by=CLERK)


@pytest.fixture
def outreach(client: Client) -> Client:
    sign_in_staff(client, make_person(role="outreach"))
    return client


def test_who_said_no_since_is_counted_and_the_list_called_back(
    outreach: Client, listed: RentedList, ana: Person
) -> None:
    page = f"/console/rentals/{listed.pk}/"
    assert "Everybody on it could be on a list still." in outreach.get(page).content.decode()
    choices.stop(subject_id=ana.pk, recipient="renter", by=ana.actor)
    assert "1 person on it could not" in outreach.get(page).content.decode()
    empty = outreach.post(f"{page}recall/", {"why": ""})
    assert empty.status_code == 422
    assert "Say why." in empty.content.decode()
    answer = outreach.post(f"{page}recall/", {"why": "Ana objected."})
    assert answer["Location"] == page
    shown = outreach.get(page).content.decode()
    assert "Ana objected." in shown
    assert f"with the mark {listed.mark} must not be used any more" in shown
    assert "Recalled" in outreach.get("/console/rentals/").content.decode()


def test_a_list_that_was_recalled_cannot_be_fetched(outreach: Client, listed: RentedList) -> None:
    outreach.post(f"/console/rentals/{listed.pk}/recall/", {"why": "Misused."})
    answer = outreach.get(f"/console/rentals/{listed.pk}/file/")
    assert answer.status_code == 409
    assert "Ana Diaz" not in answer.content.decode()
    again = outreach.post(f"/console/rentals/{listed.pk}/recall/", {"why": "Misused."})
    assert "recalled already" in again.content.decode()


def test_the_persons_own_page_says_that_it_was_recalled(listed: RentedList, ana: Person) -> None:
    rentals.recall(listed=listed, why="Misused.", by=CLERK)
    hers = Client()
    hers.force_login(ana)
    assert "it must not be used any more" in hers.get("/account/privacy/").content.decode()
