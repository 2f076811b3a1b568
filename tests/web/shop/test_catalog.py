import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from creditable.audit.clock import now
from creditable.catalog import publishing
from creditable.catalog.drafts import ApprovalDraft
from creditable.people import licenses
from creditable.people.models import Person
from creditable.store import basket
from creditable.store.models import Basket
from creditable.web.shop import catalog, home
from tests.factories.catalog import make_draft
from tests.factories.credit import make_held
from tests.factories.people import make_person
from tests.promises import promise
from tests.web.shop.stock import BY, TEXAS, make_course

pytestmark = pytest.mark.django_db


ALWAYS = (date(2026, 1, 1), date(2099, 12, 31))


def look(client: Client, person: Person, address: str = "/courses/") -> str:
    client.force_login(person)
    return client.get(address).content.decode()


def with_basket(client: Client, course: Any) -> Basket:
    """A browser that has put the course into its basket."""
    kept = basket.add(token=None, course=course, by=BY)
    client.cookies[settings.BASKET_COOKIE_NAME] = kept.token
    return kept


def test_the_shelf_shows_what_each_course_takes_costs_and_counts_for(client: Client) -> None:
    make_course(title="Grounding in practice", cents=3900)

    page = client.get("/courses/").content.decode()

    assert "Grounding in practice" in page
    assert "2 hours" in page
    assert "$39.00" in page
    assert "Approved by TDLR" in page
    assert "1 course<" in page
    assert '<a href="/courses/grounding/">' in page


def test_a_course_that_is_not_for_sale_says_so(client: Client) -> None:
    make_course(cents=None)

    assert "not on sale now" in client.get("/courses/").content.decode()


def test_words_and_subject_narrow_the_list_without_script(client: Client) -> None:
    make_course("grounding", title="Grounding in practice", subject="safety")
    make_course("code", title="What changed in the code", subject="law")

    found = client.get("/courses/", {"q": "GROUND practice"}).content.decode()
    assert "Grounding in practice" in found
    assert "What changed in the code" not in found
    assert 'value="GROUND practice"' in found

    law = client.get("/courses/", {"subject": "law"}).content.decode()
    assert "Grounding in practice" not in law
    assert "What changed in the code" in law
    assert 'name="subject" value="law" checked' in law
    assert 'name="subject" value="safety">' in law  # the way to the other subject stays

    both = client.get("/courses/", {"q": "code", "subject": "law"}).content.decode()
    assert 'href="?q=code"' in both  # the subject can be taken away alone


def test_what_is_ticked_in_one_group_adds_and_across_groups_narrows(client: Client) -> None:
    make_course("grounding", title="Grounding", subject="safety")
    make_course("code", title="Code changes", subject="law", approved=False)
    make_course("meters", title="Meters", subject="tools", approved=False)

    def titles(**ticked: object) -> list[str]:
        page = client.get("/courses/", ticked).content.decode()
        return [title for title in ("Grounding", "Code changes", "Meters") if title in page]

    assert titles(subject=["safety", "law"]) == ["Grounding", "Code changes"]
    assert titles(subject=["safety", "law"], authority=TEXAS) == ["Grounding"]
    assert titles(hours="middle") == ["Grounding", "Code changes", "Meters"]
    assert titles(hours="short") == []


def test_a_box_says_how_many_courses_it_would_show(client: Client) -> None:
    make_course("grounding", subject="safety")
    make_course("bonding", subject="safety", approved=False)
    make_course("code", subject="law")

    page = client.get("/courses/", {"authority": TEXAS, "subject": "law"}).content.decode()

    boxes = dict(re.findall(r'value="([\w-]+)"[^>]*><span>[^<]+<span[^>]*>(\d+)', page))
    assert boxes == {"safety": "1", "law": "1", TEXAS: "1"}


def test_the_list_is_sorted_as_asked(client: Client) -> None:
    make_course("dear", title="A dear one", cents=9000)
    make_course("cheap", title="B cheap one", cents=1000)
    make_course("gone", title="C not for sale", cents=None)

    page = client.get("/courses/", {"sort": "price"}).content.decode()

    places = [page.index(title) for title in ("B cheap one", "A dear one", "C not for sale")]
    assert places == sorted(places)


def test_a_long_shelf_has_pages_that_keep_what_was_asked(client: Client) -> None:
    for number in range(catalog.A_PAGE + 1):
        make_course(f"course-{number}", title=f"Course number {number}", subject="law")

    first = client.get("/courses/", {"subject": "law"}).content.decode()
    assert first.count('class="course-line"') == catalog.A_PAGE
    assert 'href="?subject=law&amp;page=2"' in first
    second = client.get("/courses/", {"subject": "law", "page": "2"}).content.decode()
    assert second.count('class="course-line"') == 1
    assert client.get("/courses/", {"page": "nonsense"}).status_code == 200


def electrician_of(authority: str, license_type: str) -> Person:
    person = make_person(email=f"{license_type}@example.com")
    licenses.add(
        subject_id=person.pk,
        authority=authority,
        license_type=license_type,
        number="100001",
        name_as_printed=person.name,
        issued=None,
        expires=now().date() + timedelta(days=90),
        by=person.actor,
    )
    return person


@promise("A13")
@pytest.mark.usefixtures("policy")
def test_a_holder_of_a_license_sees_in_the_list_what_counts(client: Client) -> None:
    make_course("grounding", title="Grounding")
    make_course("code", title="Code changes", approved=False)
    client.force_login(electrician_of(TEXAS, "journeyman_electrician"))

    page = client.get("/courses/").content.decode()
    assert "Yes: 2 hours count toward your 4 hours" in page
    assert "Counts for me" in page

    counting = client.get("/courses/", {"counts": "yes"}).content.decode()
    assert "Grounding" in counting
    assert "Code changes" not in counting


def titles_in_order(page: str, *titles: str) -> list[str]:
    assert all(title in page for title in titles)
    return sorted(titles, key=page.index)


@promise("A13")
@pytest.mark.usefixtures("policy")
def test_the_list_begins_with_what_the_license_of_each_state_and_trade_still_needs(
    client: Client,
) -> None:
    make_course("alarms", title="Alarms", approved=False)
    make_course("grounding", title="Grounding")
    ours = ApprovalDraft("demo-state-board", "B-1", {"safety": 120}, *ALWAYS)
    publishing.publish(draft=make_draft(slug="beams", title="Beams", approvals=(ours,)), by=BY)
    shown = {
        license_type: titles_in_order(
            look(client, electrician_of(authority, license_type)), "Alarms", "Beams", "Grounding"
        )
        for authority, license_type in (
            (TEXAS, "journeyman_electrician"),
            ("demo-state-board", "journeyman"),
        )
    }
    assert shown == {
        "journeyman_electrician": ["Grounding", "Alarms", "Beams"],
        "journeyman": ["Beams", "Alarms", "Grounding"],
    }


@promise("A13")
@pytest.mark.usefixtures("policy")
def test_a_course_is_no_longer_first_once_the_hours_are_complete(client: Client) -> None:
    make_course("alarms", title="Alarms", approved=False)
    make_course("grounding", title="Grounding")
    ana = electrician_of(TEXAS, "journeyman_electrician")
    lately = now().date() - timedelta(days=30)
    make_held(ana, authority=TEXAS, completed_on=lately, minutes=240)

    page = look(client, ana)

    assert "Not needed: you hold 4 hours" in page
    assert titles_in_order(page, "Alarms", "Grounding") == ["Alarms", "Grounding"]


@promise("A13")
@pytest.mark.usefixtures("policy")
def test_who_says_no_sees_the_list_that_everybody_sees(client: Client) -> None:
    make_course("alarms", title="Alarms", approved=False)
    make_course("grounding", title="Grounding")
    ana = electrician_of(TEXAS, "journeyman_electrician")
    assert "Courses arranged by what your licenses need" in look(client, ana, "/account/choices/")
    assert "Grounding" in look(client, ana, "/learn/")
    shown = client.post("/account/choices/", {"shown": ["offers.suited"], "yes": []})
    assert shown.status_code == 303

    page = look(client, ana)

    assert titles_in_order(page, "Alarms", "Grounding") == ["Alarms", "Grounding"]
    assert "Counts for me" not in page
    assert "count toward your" not in page
    assert "What you need first" not in page
    assert "Grounding" not in look(client, ana, "/learn/")
    assert "Yes: 2 hours count toward your 4 hours" in look(client, ana, "/courses/grounding/")


def test_nothing_found_leads_back_to_everything(client: Client) -> None:
    make_course()

    page = client.get("/courses/", {"q": "plumbing"}).content.decode()

    assert "No course matches" in page
    assert "0 courses with “plumbing”" in page


@pytest.mark.parametrize(
    "query",
    [
        {"q": "\x00"},
        {"q": "%_\\'\";--"},
        {"q": "x" * 5000},
        {"q": "<script>alert(1)</script>"},
        {"subject": "\x00"},
        {"subject": "<b>"},
        {"subject": "x" * 5000},
    ],
)
def test_nonsense_is_searched_for_and_not_found(client: Client, query: dict[str, str]) -> None:
    make_course()

    answer = client.get("/courses/", query)

    assert answer.status_code == 200
    assert b"<script>alert" not in answer.content
    assert b"<b>" not in answer.content


def test_an_empty_shelf_says_so(client: Client) -> None:
    assert "No course is on sale yet" in client.get("/courses/").content.decode()
    assert "No course is on sale yet" in client.get("/").content.decode()


def test_a_newer_version_takes_the_place_of_the_older_one(client: Client) -> None:
    make_course(title="Grounding, first edition")
    make_course(title="Grounding, second edition")

    page = client.get("/courses/").content.decode()

    assert "second edition" in page
    assert "first edition" not in page


@pytest.mark.parametrize("courses", [1, 3])
def test_the_shelf_takes_six_queries_however_full(
    client: Client, django_assert_num_queries: Callable[..., Any], courses: int
) -> None:
    stock = [make_course(f"course-{number}") for number in range(courses)]
    client.force_login(make_person())
    with_basket(client, stock[0].course)

    with django_assert_num_queries(6):
        page = client.get("/courses/").content.decode()

    assert page.count('class="course-line"') == courses
    assert '<span class="visually-hidden">holds </span>1' in page


def test_home_shows_three_courses_and_the_way_to_the_rest(client: Client) -> None:
    for number in range(4):
        make_course(f"course-{number}", title=f"Course number {number}")

    page = client.get("/").content.decode()

    assert page.count('class="card course-card"') == 3
    assert "All courses" in page
    assert "Courses approved by TDLR" in page


def test_home_names_also_the_authorities_that_approve_no_courses(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "approves_courses", lambda authority: authority == TEXAS)
    make_course("grounding")
    approval = ApprovalDraft(
        "demo-state-board", "OURS-1", {"safety": 60}, date(2026, 1, 1), date(2099, 12, 31)
    )
    publishing.publish(draft=make_draft(slug="beams", approvals=(approval,)), by=BY)

    page = client.get("/").content.decode()

    kicker = re.search(r'hero__kicker">([^<]*)<', page)
    assert kicker
    assert kicker[1] == "Courses approved by TDLR, and of the kind accepted by Demo State Board"
