from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from creditable.audit.clock import now
from creditable.catalog import publishing
from creditable.catalog.drafts import ApprovalDraft
from creditable.catalog.models import Approval
from creditable.credit import packs
from creditable.credit.pack import Fact
from creditable.credit.phrases import day_in_words
from creditable.people import licenses as people_licenses
from creditable.people.models import Person
from tests.factories.catalog import BY, make_draft, survey, with_video
from tests.factories.learning import enroll
from tests.factories.people import make_person
from tests.web.shop.stock import COVER, TEXAS, make_course
from tests.web.shop.test_catalog import with_basket

pytestmark = pytest.mark.django_db


def journeyman(*, expires_in: int | None, licenses: int = 1) -> Person:
    """Somebody with licenses of one kind that end in so many days, or at an unknown date."""
    person = make_person()
    for number in range(licenses):
        people_licenses.add(
            subject_id=person.pk,
            authority=TEXAS,
            license_type="journeyman_electrician",
            number=str(100_000 + number),
            name_as_printed=person.name,
            issued=None,
            expires=expires_in and now().date() + timedelta(days=expires_in),
            by=person.actor,
        )
    return person


def test_everything_one_should_know_before_paying(client: Client) -> None:
    make_course()

    page = client.get("/courses/grounding/").content.decode()

    for told in (
        "Name the path of a ground fault.",  # objectives
        "Licensed electricians",  # audience
        "Iris Chan",  # instructor
        "Texas Department of Licensing and Regulation",  # approval ...
        "TX-grounding",  # ... its number
        "Safety: 2 hours",  # ... hours by topic
        '<time datetime="2099-12-31">December 31, 2099</time>',  # ... validity
        "The path of the fault",  # lessons
        "50 min",
        "$39.00",
        "365 days from purchase",
        "You take the lessons in any order.",
        "A lesson is done when its minutes are counted",
        "You pass with 70 percent, our own pass mark, and have 3 attempts.",
        "You have 365 days from purchase to do all of this",
        "within 30 days of buying it",  # refunds
        "A person answers within two business days",  # complaints
        "Any phone, tablet or computer",  # technical needs
        "29 CFR 1910.304",  # sources
    ):
        assert told in page


def test_film_order_evaluation_and_an_authoritys_pass_mark_are_named(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    texas = packs.get(TEXAS)
    changed = tuple(
        replace(one, pass_percent=Fact(80, one.pass_percent.source, "")) for one in texas.versions
    )
    known = {TEXAS: replace(texas, versions=changed)}
    monkeypatch.setattr(packs, "find", known.get)
    approval = ApprovalDraft(TEXAS, "TX-1", {"safety": 60}, date(2026, 1, 1), date(2099, 12, 31))
    draft = make_draft(slug="filmed", approvals=(approval,), evaluation=survey(required=False))
    publishing.publish(draft=replace(with_video(draft), in_order=True), by=BY)

    page = client.get("/courses/filmed/").content.decode()

    for told in (
        "with a video of 0:24",
        "You take the lessons in their order",
        f"For credit with {texas.name} you need 80 percent, as it requires.",
        "you may answer a short evaluation",
    ):
        assert told in page


def test_a_visitor_is_told_how_to_find_out_whether_it_counts(client: Client) -> None:
    make_course()

    page = client.get("/courses/grounding/").content.decode()

    assert "/account/login/?next=/courses/grounding/" in page


def test_a_person_without_a_license_is_asked_for_one(client: Client) -> None:
    make_course()
    client.force_login(make_person())

    assert "/account/licenses/" in client.get("/courses/grounding/").content.decode()


def test_a_texas_journeyman_is_told_how_much_counts_and_what_is_missing(client: Client) -> None:
    make_course()
    client.force_login(journeyman(expires_in=120))

    page = client.get("/courses/grounding/").content.decode()

    assert "Yes: 2 hours count toward your 4 hours" in page
    assert "verdict--partly" in page
    assert "TDLR Journeyman Electrician 100000" in page


def test_what_we_cannot_know_is_said_with_the_cure(client: Client) -> None:
    make_course()
    client.force_login(journeyman(expires_in=None))

    page = client.get("/courses/grounding/").content.decode()

    assert "We cannot tell" in page
    assert "Add the expiry date printed on your license." in page
    assert page.count("expiry date of your license") == 1


def test_a_course_that_nobody_approved_does_not_count(client: Client) -> None:
    make_course(approved=False)
    client.force_login(journeyman(expires_in=120))

    page = client.get("/courses/grounding/").content.decode()

    assert "verdict--no" in page
    assert "No authority has approved this course" in page


def ending(days: int) -> Approval:
    """The course, whose approval ends in so many days."""
    approval = make_course().course.approvals.get()
    approval.valid_to = now().date() + timedelta(days=days)
    approval.save()
    return approval


def test_an_approval_that_ends_before_the_access_is_told_before_anybody_buys(
    client: Client,
) -> None:
    approval = ending(60)
    told = f"TDLR counts this course until {day_in_words(approval.valid_to)}"

    assert told in client.get("/courses/grounding/").content.decode()
    client.force_login(journeyman(expires_in=500))
    page = client.get("/courses/grounding/").content.decode()
    assert told in page
    assert "does not count for this renewal" not in page


@pytest.mark.usefixtures("policy")
def test_basket_and_checkout_say_again_what_ends_too_soon(client: Client) -> None:
    approval = ending(400)
    client.force_login(journeyman(expires_in=120))
    with_basket(client, approval.course)

    for address in ("/courses/grounding/", "/basket/", "/checkout/"):
        page = client.get(address).content.decode()
        assert "does not count for this renewal" in page, address
        assert "counts this course until" not in page, address
    assert "Grounding in practice: Your license of TDLR" in client.get("/basket/").content.decode()


def test_the_button_leads_to_the_basket(client: Client) -> None:
    make_course()

    page = client.get("/courses/grounding/").content.decode()
    answer = client.post("/basket/add/grounding/", HTTP_SEC_FETCH_SITE="same-origin", follow=True)

    assert 'action="/basket/add/grounding/"' in page
    assert answer.request["PATH_INFO"] == "/basket/"


def test_a_course_that_is_not_for_sale_has_no_button(client: Client) -> None:
    make_course(cents=None)

    page = client.get("/courses/grounding/").content.decode()

    assert "Not on sale now" in page
    assert "/basket/add/" not in page


@pytest.mark.parametrize("slug", ["nothing", "grounding-2", "x" * 300])
def test_an_unknown_course_is_a_page_that_says_so(client: Client, slug: str) -> None:
    answer = client.get(f"/courses/{slug}/")

    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_the_cover_may_be_seen_by_anyone_and_may_do_nothing(client: Client) -> None:
    make_course(picture=True)

    answer = client.get("/courses/grounding/picture/")

    assert answer.content == COVER
    assert answer["Content-Type"] == "image/svg+xml"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert 'src="/courses/grounding/picture/"' in client.get("/courses/grounding/").content.decode()


def test_a_course_without_a_cover_has_no_file(client: Client) -> None:
    make_course()

    assert client.get("/courses/grounding/picture/").status_code == 404
    assert "<svg" in client.get("/courses/grounding/").content.decode()


@pytest.mark.parametrize("licenses", [1, 3])
def test_the_page_takes_eight_queries_however_many_licenses(
    client: Client, django_assert_num_queries: Callable[..., Any], licenses: int
) -> None:
    version = make_course()
    client.force_login(journeyman(expires_in=120, licenses=licenses))
    with_basket(client, version.course)
    client.get("/courses/grounding/")  # the first form of a session writes its token into it

    with django_assert_num_queries(8):
        page = client.get("/courses/grounding/").content.decode()

    assert page.count('class="verdict verdict--') == licenses


@pytest.mark.usefixtures("policy")
def test_who_has_the_course_is_led_to_it_and_not_to_the_basket(client: Client) -> None:
    version = make_course()
    person = make_person()
    client.force_login(person)
    assert "Add to basket" in client.get("/courses/grounding/").content.decode()

    enroll(person, version)

    page = client.get("/courses/grounding/").content.decode()
    assert "You have this course." in page
    assert 'href="/learn/grounding/"' in page
    assert "Add to basket" not in page
