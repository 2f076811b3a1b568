"""The plan says what is missing, and which courses would settle every license at once."""

from datetime import timedelta

import lxml.html
import pytest
from django.test import Client

from creditable.audit.clock import now
from creditable.people.models import License, Person
from creditable.store import plans
from tests.factories.credit import BOARD, TEXAS, make_approval, make_award, make_held
from tests.factories.learning import enroll
from tests.factories.people import make_license
from tests.journeys.visitor import said
from tests.web.shop.stock import make_course

pytestmark = pytest.mark.django_db
PAGE = "/account/plan/"


def license_of(person: Person, authority: str = TEXAS, *, days: int = 200) -> License:
    kind = "journeyman_electrician" if authority == TEXAS else "journeyman"
    number = "100001" if authority == TEXAS else "J-20417"
    license = make_license(person, authority=authority, license_type=kind, number=number)
    license.expires = now().date() + timedelta(days=days)
    license.save()
    return license


def page(browser: Client) -> str:
    answer = browser.get(PAGE)
    assert answer.status_code == 200
    return said(lxml.html.fromstring(answer.content).find(".//main"))


def test_whoever_has_no_license_is_asked_for_one(browser: Client) -> None:
    assert "Which license do you keep?" in page(browser)


def test_the_cheapest_courses_are_named_with_what_they_count_and_cost(
    browser: Client, ana: Person
) -> None:
    license_of(ana)
    make_course("dear", title="The dear one", cents=9900)
    make_course("one", title="The first", cents=3900)
    make_course("two", title="The second", cents=2900)
    text = page(browser)
    assert "4 hours more by" in text
    assert "The cheapest way, and the quickest" in text
    assert "$68.00 4 hours" in text
    assert "The first" in text
    assert "The dear one" not in text
    assert "counts 2 hours for Journeyman Electrician 100001" in text


def test_a_course_that_one_has_costs_nothing(browser: Client, ana: Person) -> None:
    license_of(ana)
    enroll(ana, make_course("mine", title="Being taken", cents=9900))
    make_course("one", title="The first", cents=3900)
    make_course("two", title="The second", cents=2900)
    text = page(browser)
    assert "Being taken You have it" in text
    assert "The second $29.00" in text
    assert "The first" not in text


def test_one_course_settles_two_licenses_and_the_quickest_way_may_cost_more(ana: Person) -> None:
    license_of(ana)
    license_of(ana, BOARD)
    both = make_course("both", title="For both", cents=9000)
    make_approval(both.course, BOARD, minutes=100)
    make_course("texas", title="For Texas", cents=3000)
    make_course("texas-too", title="For Texas too", cents=3000)
    alone = make_course("board", title="For the board", cents=1000, approved=False)
    make_approval(alone.course, BOARD, minutes=100)
    found = plans.outlook(ana.pk)
    titles = [
        [step.course.version.title for step in way.steps]
        for way in (found.cheapest, found.quickest)
    ]
    assert sorted(titles[0]) == ["For Texas", "For Texas too", "For the board"]
    assert sorted(titles[1]) in (["For Texas", "For both"], ["For Texas too", "For both"])
    assert str(found.cheapest.price) == "$70.00"
    assert (found.cheapest.minutes, found.quickest.minutes) == (360, 240)
    assert not found.cheapest.left
    assert found.quickest.is_least
    serving = {
        step.course.version.title: [aim.goal.pack.id for aim, _ in step.counts]
        for step in found.quickest.steps
    }
    assert serving["For both"] == [TEXAS, BOARD]


def test_what_was_completed_here_and_elsewhere_is_not_planned_again(
    browser: Client, ana: Person
) -> None:
    license_of(ana)
    course = make_course("one", title="The first", cents=3900)
    make_course("two", title="The second", cents=4900)
    make_award(ana.pk, course.course, completed_at=now() - timedelta(days=3))
    assert "2 hours more" in page(browser)
    assert "The second $49.00" in page(browser)
    lately = now().date() - timedelta(days=30)
    make_held(ana, authority=TEXAS, completed_on=lately, minutes=120)
    text = page(browser)
    assert "Nothing missing" in text
    assert "There is no course to take" in text


def test_where_we_offer_too_little_it_says_how_much_is_left(browser: Client, ana: Person) -> None:
    license_of(ana)
    assert "no course here would count for it now" in page(browser)
    make_course("one", title="The first", cents=3900)
    text = page(browser)
    assert "still lacks 2 hours after these courses: we offer no more that counts for it" in text


def test_an_expired_license_is_planned_as_its_late_renewal(browser: Client, ana: Person) -> None:
    license_of(ana, days=-20)
    make_course("one", title="The first", cents=3900)
    make_course("two", title="The second", cents=2900)
    text = page(browser)
    assert "$68.00 4 hours" in text


def test_a_license_of_an_authority_without_rules_is_named_too(browser: Client, ana: Person) -> None:
    license = license_of(ana)
    License.objects.filter(pk=license.pk).update(authority="nobody-knows")
    text = page(browser)
    assert "nobody-knows" in text
    assert "We cannot tell" in text
    assert "There is nothing to plan with" in text
