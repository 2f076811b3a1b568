"""Licenses: several, each correct in its own way, nobody else's."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from creditable.audit.clock import now
from creditable.credit import packs
from creditable.credit.models import HeldCredit
from creditable.lib.dates import local_date
from creditable.people.models import License, Person
from tests.factories.people import make_license, make_person
from tests.promises import promise

pytestmark = pytest.mark.django_db

PAGE, ADD = "/account/licenses/", "/account/licenses/add/"


@pytest.fixture
def told() -> dict[str, str]:
    """A Texas license as its holder would type it."""
    return {
        "license_type": first_of("us-tx-tdlr-electricians"),
        "number": "123456",
        "name_as_printed": "ANA DIAZ",
        "issued": "2024-03-01",
        "expires": "2027-03-01",
    }


def first_of(authority: str) -> str:
    """The first license that the authority issues, as the form sends it."""
    pack = packs.get(authority)
    return f"{pack.id}/{pack.license_types[0].id}"


@promise("A2")
def test_several_licenses_are_entered_shown_and_corrected(
    browser: Client, ana: Person, told: dict[str, str]
) -> None:
    assert "No license yet" in browser.get(PAGE).content.decode()
    assert browser.post(ADD, told).headers["Location"] == PAGE
    second = {
        **told,
        "license_type": first_of("demo-state-board"),
        "number": "E-10442",
        "issued": "",
        "expires": "",
    }
    answer = browser.post(ADD, second)
    if answer.status_code == 422:  # the number looks unlike the board's: say so once more
        answer = browser.post(ADD, {**second, "asked_about": "E-10442"})
    assert answer.headers["Location"] == PAGE
    page = browser.get(PAGE).content.decode()
    assert "123456" in page
    assert "E-10442" in page
    assert "March 1, 2027" in page
    first = License.objects.get(subject_id=ana.pk, number="123456")
    assert (first.issued, first.expires) == (date(2024, 3, 1), date(2027, 3, 1))
    change = f"{PAGE}{first.id}/"
    assert browser.get(change).context["form"]["number"].value() == "123456"
    browser.post(change, {**told, "number": "654321"})
    assert License.objects.get(id=first.id).number == "654321"
    browser.post(f"{change}remove/")
    assert not License.objects.filter(id=first.id).exists()


@promise("A2")
def test_an_odd_number_gets_a_clear_error_at_its_field_and_is_kept_if_meant(
    browser: Client, told: dict[str, str]
) -> None:
    odd = {**told, "number": "TX-ABC"}
    answer = browser.post(ADD, odd)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert list(form.errors) == ["number"]
    assert "save once more" in form.errors["number"][0]
    assert form["number"].value() == "TX-ABC"
    assert not License.objects.exists()
    again = {**odd, "asked_about": form["asked_about"].value()}
    assert browser.post(ADD, again).headers["Location"] == PAGE
    assert License.objects.get().number == "TX-ABC"


def test_another_odd_number_is_asked_about_again(browser: Client, told: dict[str, str]) -> None:
    answer = browser.post(ADD, {**told, "number": "TX-ABC", "asked_about": "TX-XYZ"})
    assert answer.status_code == 422
    assert not License.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("license_type", ""),
        ("license_type", "us-tx-tdlr-electricians"),
        ("license_type", "nobody/nothing"),
        ("number", ""),
        ("number", "\u200b"),
        ("number", "1" * 41),
        ("name_as_printed", ""),
        ("name_as_printed", "Ana 😀"),
        ("issued", "yesterday"),
        ("issued", "2024-02-30"),
        ("expires", "99999-01-01"),
        ("expires", "2024-03-01"),
    ],
)
def test_bad_input_is_told_at_its_field_and_what_was_typed_stays(
    browser: Client, told: dict[str, str], field: str, typed: str
) -> None:
    bad = {**told, field: typed, "asked_about": typed if field == "number" else ""}
    answer = browser.post(ADD, bad)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert {name: form[name].value() for name in told} == {name: bad[name] for name in told}
    assert not License.objects.exists()


def test_the_same_license_twice_is_told_at_its_field(browser: Client, told: dict[str, str]) -> None:
    browser.post(ADD, told)
    answer = browser.post(ADD, told)
    assert answer.status_code == 422
    assert "in your list already" in answer.context["form"].errors["number"][0]


def test_a_double_click_enters_one(browser: Client, told: dict[str, str]) -> None:
    for _ in range(2):
        browser.post(ADD, told)
    assert License.objects.count() == 1


@pytest.mark.parametrize("page", ["", "remove/"])
def test_somebody_elses_license_does_not_exist(
    browser: Client, told: dict[str, str], page: str
) -> None:
    theirs = make_license(make_person())
    answer: Any = browser.post(f"{PAGE}{theirs.id}/{page}", told)
    assert answer.status_code == 404
    assert browser.post(f"{PAGE}{uuid4()}/{page}", told).status_code == 404
    kept = License.objects.get()
    assert (kept.id, kept.number) == (theirs.id, theirs.number)
    assert theirs.number not in browser.get(PAGE).content.decode()


def test_a_license_of_an_authority_that_is_gone_is_still_shown(
    browser: Client, ana: Person
) -> None:
    make_license(ana, authority="us-zz-gone", license_type="diver", number="77")
    page = browser.get(PAGE).content.decode()
    assert "us-zz-gone" in page
    assert "diver" in page


def test_what_the_rules_ask_is_answered_and_decides(browser: Client, told: dict[str, str]) -> None:
    apprentice = {**told, "license_type": "us-tx-tdlr-electricians/electrical_apprentice"}
    soon = local_date(now(), "America/Chicago") + timedelta(days=100)
    browser.post(ADD, {**apprentice, "issued": "", "expires": soon.isoformat()})
    page = browser.get(PAGE).content.decode()
    assert "4 hours missing by" in page
    license = License.objects.get()
    ask = f"{PAGE}{license.id}/answers/"
    assert ask in page
    assert "department-registered apprenticeship program" in browser.get(ask).content.decode()
    wrong = browser.post(ask, {"fact_apprenticeship": "perhaps"})
    assert wrong.status_code == 422
    assert browser.post(ask, {"fact_apprenticeship": "yes"}).headers["Location"] == PAGE
    assert "Nothing is asked for this renewal." in browser.get(PAGE).content.decode()
    assert browser.get(ask).context["form"]["fact_apprenticeship"].value() == "yes"


def test_a_credit_from_elsewhere_is_in_a_topic_of_its_authority(browser: Client) -> None:
    credit = {
        "authority": "us-tx-tdlr-electricians",
        "course_title": "Code update",
        "course_number": "TX-7",
        "completed_on": "2026-05-01",
        "hours": "2",
        "topic": "us-tx-tdlr-electricians/nec",
        "mode": "live_online",
    }
    other = browser.post("/account/credits/", {**credit, "authority": "demo-state-board"})
    assert list(other.context["form"].errors) == ["topic"]
    assert browser.post("/account/credits/", credit).status_code == 302
    kept = HeldCredit.objects.get()
    assert (kept.topic, kept.mode, kept.minutes) == ("nec", "live_online", 120)


def test_a_date_that_cannot_be_right_is_asked_about_and_not_reckoned_with(
    browser: Client, told: dict[str, str]
) -> None:
    """A license of Texas lasts a year. A course page says the same of it."""
    browser.post(ADD, {**told, "expires": "2099-03-01"})
    page = browser.get(PAGE).content.decode()
    assert "We cannot tell what is missing" in page
    assert "March 1, 2099 is more than a full term away" in page
    assert "Check the expiry date" in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_queries_for_one_and_for_three(
    browser: Client, ana: Person, number: int, django_assert_num_queries: Any
) -> None:
    for count in range(number):
        make_license(ana, number=f"{count}")
    browser.get(PAGE)  # whose forms give the session its token, once
    with django_assert_num_queries(QUERIES):
        browser.get(PAGE)


QUERIES = 4  # session with person, licenses, what was completed so far, the calendar's link
