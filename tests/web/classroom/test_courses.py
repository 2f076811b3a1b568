"""/learn/: what is due, by when, how much is missing, and where each course goes on."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from creditable.audit.clock import now
from creditable.lib.dates import local_date
from creditable.people import licenses
from creditable.people.models import Person
from tests.factories.credit import TEXAS, make_award, make_held
from tests.factories.learning import enroll, sit
from tests.web.shop.stock import make_course

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]


def today() -> date:
    """By the calendar of the licenses' state."""
    return local_date(now(), "America/Chicago")


def license_of(person: Person, *, expires_in: int | None = 90, number: str = "100001") -> None:
    licenses.add(
        subject_id=person.pk,
        authority=TEXAS,
        license_type="journeyman_electrician",
        number=number,
        name_as_printed=person.name,
        issued=None,
        expires=expires_in and today() + timedelta(days=expires_in),
        by=person.actor,
    )


def test_a_license_says_what_is_missing_by_when_and_what_would_help(
    browser: Client, ana: Person
) -> None:
    license_of(ana)
    make_course("grounding", title="Grounding in practice", cents=3900)
    lately = today() - timedelta(days=30)
    make_held(ana, authority=TEXAS, completed_on=lately, minutes=60)

    page = browser.get("/learn/").content.decode()

    expiry = today() + timedelta(days=90)
    assert "3 hours missing by" in page
    assert f'datetime="{expiry.isoformat()}"' in page
    assert "1 of 4 hours" in page
    assert "90 days left" in page
    assert "Grounding in practice" in page
    assert "adds 2 hours, $39.00" in page


def test_the_course_that_one_is_taking_is_named_before_one_to_buy(
    browser: Client, ana: Person
) -> None:
    license_of(ana)
    make_course("dear", title="To buy")
    enroll(ana, make_course("mine", title="Being taken"))

    page = browser.get("/learn/").content.decode()

    assert "you are taking it; it adds" in page
    assert "To buy" not in page


def test_without_an_expiry_date_the_page_asks_for_it(browser: Client, ana: Person) -> None:
    license_of(ana, expires_in=None)

    page = browser.get("/learn/").content.decode()

    assert "We cannot tell what is missing" in page
    assert "Add the expiry date printed on your license." in page


def test_somebody_new_is_shown_what_to_do(browser: Client) -> None:
    page = browser.get("/learn/").content.decode()

    assert "Add a license" in page
    assert "See the courses" in page
    assert "Reports on their way" not in page


def test_the_course_that_was_begun_is_the_one_to_go_on_with(browser: Client, ana: Person) -> None:
    begun = enroll(ana, make_course("begun", title="Begun"))
    sit(begun, begun.course_version.lessons.all()[0], seconds=60)
    enroll(ana, make_course("newer", title="Newer"))

    page = browser.get("/learn/").content.decode()

    assert page.index("Go on where you stopped") < page.index("Begun") < page.index("Newer")
    assert "1 min of 2 hours" in page


def test_a_report_is_on_the_page_while_it_is_on_its_way(browser: Client, ana: Person) -> None:
    license_of(ana)
    version = make_course()
    assert "Reports on their way" not in browser.get("/learn/").content.decode()

    make_award(ana.pk, version.course, completed_at=now())

    page = browser.get("/learn/").content.decode()
    assert page.count("Reports on their way") == 1
    assert "Texas Department of Licensing and Regulation" in page
    assert "Journeyman Electrician 100001" in page


@pytest.mark.parametrize("many", [1, 3])
def test_the_page_takes_as_many_queries_for_three_as_for_one(
    browser: Client,
    ana: Person,
    django_assert_num_queries: Callable[..., Any],
    many: int,
) -> None:
    for number in range(many):
        license_of(ana, number=str(100_000 + number))
        enroll(ana, make_course(f"course-{number}"))

    with django_assert_num_queries(9):
        browser.get("/learn/")
