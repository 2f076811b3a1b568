"""The office reckons how much credit a course is worth."""

import pytest
from django.test import Client

from tests.factories.people import make_person
from tests.people.signing import sign_in_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]

ADDRESS = "/console/calculator/"


@pytest.fixture
def office(client: Client) -> Client:
    sign_in_staff(client, make_person(name="Sam Office", role="administrator"))
    return client


def test_the_office_reckons_a_course_by_each_method_and_authority(office: Client) -> None:
    assert 'name="words"' in office.get(ADDRESS).content.decode()
    page = office.get(
        ADDRESS,
        {
            "minutes": "120",
            "words": "9000",
            "film": "30",
            "questions": "20",
            "pilot": "90 100 125",
        },
    ).content.decode()
    for told in ("117", "105", "Demo State Board of Electricians", "2.4 hours", "0.2 CEU"):
        assert told in page, told


def test_minutes_that_are_no_round_number_are_shown_to_a_tenth_and_hours_never_rounded_up(
    office: Client,
) -> None:
    """2,000 words and 20 questions: 11.11... and 37 minutes; 0.9622 hours of 50 minutes."""
    page = office.get(ADDRESS, {"words": "2000", "questions": "20"}).content.decode()
    for told in ("about 48.1<", "0.96 hours<", "0.8 hours<"):
        assert told in page, told
    exact = office.get(ADDRESS, {"questions": "10"}).content.decode()
    assert ">18.5<" in exact


@pytest.mark.parametrize(
    "typed", [{"minutes": "-1"}, {"words": "many"}, {"pilot": "90, soon"}, {"questions": "9" * 40}]
)
def test_what_is_no_number_is_told_at_its_field(office: Client, typed: dict[str, str]) -> None:
    answer = office.get(ADDRESS, typed)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == list(typed)
