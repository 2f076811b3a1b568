"""A calendar program reads deadlines by a link that only its owner makes, and ends."""

from datetime import date

import pytest
from django.test import Client
from icalendar import Calendar

from creditable.credit import calendars
from creditable.people.models import Person
from tests.credit.test_awards import license_of
from tests.factories.credit import TEXAS, make_award, make_course
from tests.factories.people import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]


@pytest.fixture
def person() -> Person:
    person = make_person(name="Dana Whitfield")
    license_of(person, number="660417", expires=date(2027, 6, 15))
    return person


def local(address: str) -> str:
    return "/" + address.split("/", 3)[3]


def read(client: Client, address: str) -> Calendar:
    answer = client.get(local(address))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert not answer.cookies
    return Calendar.from_ical(answer.content)


def test_it_says_when_a_license_ends_and_what_is_missing(client: Client, person: Person) -> None:
    address = calendars.open(subject_id=person.pk, by=person.actor)
    (event,) = read(client, address).walk("VEVENT")
    assert event["DTSTART"].dt == date(2027, 6, 15)
    assert "4 hours missing" in event["SUMMARY"]
    assert len(event.walk("VALARM")) == 1
    for private in ("660417", "Dana", person.email):
        assert private not in read(client, address).to_ical().decode()
    make_award(person.pk, make_course(TEXAS, minutes=240))
    (event,) = read(client, address).walk("VEVENT")
    assert "nothing is missing" in event["SUMMARY"]
    assert not event.walk("VALARM")


def test_a_new_link_ends_the_old_one_and_stopping_ends_both(client: Client, person: Person) -> None:
    client.force_login(person)
    assert client.post("/account/licenses/calendar/open/").status_code == 302
    first = calendars.address(person.pk)
    assert first in client.get("/account/licenses/").content.decode()
    client.post("/account/licenses/calendar/open/")
    second = calendars.address(person.pk)
    assert client.get(local(first)).status_code == 404
    assert client.get(local(second)).status_code == 200
    client.post("/account/licenses/calendar/close/")
    assert client.get(local(second)).status_code == 404
    assert calendars.address(person.pk) == ""
    client.post("/account/licenses/calendar/open/")
    assert client.get(local(second)).status_code == 404
    assert client.get(local(calendars.address(person.pk))).status_code == 200


@pytest.mark.parametrize("token", ["x", "x.y", "e30.AAAA", "..", "%00"])
def test_a_link_that_we_did_not_write_opens_nothing(client: Client, token: str) -> None:
    assert client.get(f"/calendar/{token}.ics").status_code == 404


def test_an_altered_link_opens_nothing(client: Client, person: Person) -> None:
    path = local(calendars.open(subject_id=person.pk, by=person.actor))
    for place in range(len("/calendar/"), len(path) - len(".ics") - 1, 7):
        altered = path[:place] + ("A" if path[place] != "A" else "B") + path[place + 1 :]
        assert client.get(altered).status_code == 404, place
