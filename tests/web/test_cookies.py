"""Which cookies are given, when, and what they stand for."""

from collections.abc import Callable
from http.cookies import Morsel
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from creditable.people.models import Person, Session
from creditable.store.models import Basket, BasketItem, Order, OrderLine
from tests.factories.people import make_person
from tests.factories.store import BILLING, make_course_on_sale
from tests.promises import promise
from tests.web.crawl import Seen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]

SESSION, BASKET = settings.SESSION_COOKIE_NAME, settings.BASKET_COOKIE_NAME
SIGNING_IN = {"account_signup", "account_login", "account_login_password", "account_reset_password"}
COOKIES = "/ui/cookies/"
PASSWORD = "nine volts in a drawer"


@pytest.fixture
def ana() -> Person:
    return make_person(email="ana@example.com")


def add(client: Client, slug: str) -> Any:
    return client.post(f"/basket/add/{slug}/", HTTP_SEC_FETCH_SITE="same-origin")


def basket_of(client: Client) -> Morsel[str]:
    return client.cookies[BASKET]


def is_asked_for_cookies(page: Any) -> bool:
    return page.status_code == 200 and "keeps no cookies from us" in page.content.decode()


def deaf(client: Client, answer: Any) -> Any:
    """Goes on as a browser that refuses cookies does: without the one it was just given."""
    client.cookies.clear()
    while answer.status_code in {301, 302, 303}:
        answer = client.get(answer.headers["Location"])
        client.cookies.clear()
    return answer


@promise("A19")
def test_whoever_is_signed_out_is_given_no_cookie_but_the_baskets(
    crawled: Callable[[str], list[Seen]],
) -> None:
    answers = crawled("visitor")

    given = {(seen.name, seen.method): seen.cookies for seen in answers if seen.cookies}

    assert len(answers) > 100
    assert given == {("shop:basket_add", "POST"): {BASKET}}


@promise("A19")
def test_only_signing_in_gives_the_other(client: Client, ana: Person) -> None:
    for page in ("/account/login/", "/account/signup/", "/account/password/"):
        assert not client.get(page).cookies
    assert set(client.post("/account/login/", {"login": ana.email}).cookies) == {SESSION}


@promise("A19")
class TestRefused:
    """A browser that takes no cookie is told what does not work, and nothing breaks."""

    def test_the_basket_says_so(self, client: Client) -> None:
        slug = make_course_on_sale().course.slug

        assert is_asked_for_cookies(deaf(client, add(client, slug)))
        assert client.get("/basket/").status_code == 200

    @pytest.mark.parametrize(
        ("page", "typed"),
        [
            ("login/", {"login": "ana@example.com"}),
            ("login/", {"login": "nobody@example.com"}),
            ("login/password/", {"login": "ana@example.com", "password": PASSWORD}),
            ("signup/", {"email": "new@example.com", "name": "Nia New"}),
            ("password/", {"email": "ana@example.com"}),
        ],
    )
    def test_signing_in_says_so(
        self, client: Client, ana: Person, page: str, typed: dict[str, str]
    ) -> None:
        ana.set_password(PASSWORD)
        ana.save()

        assert is_asked_for_cookies(deaf(client, client.post(f"/account/{page}", typed)))

    def test_what_needs_none_works(self, client: Client) -> None:
        slug = make_course_on_sale().course.slug
        for page in ("/", "/courses/", f"/courses/{slug}/", "/privacy/", "/verify/", "/contact/"):
            assert deaf(client, client.get(page)).status_code == 200

    def test_who_takes_it_goes_straight_on(self, client: Client) -> None:
        slug = make_course_on_sale().course.slug

        shown = client.post(f"/basket/add/{slug}/", follow=True)

        assert shown.request["PATH_INFO"] == "/basket/"
        assert add(client, slug).headers["Location"] == "/basket/"

    @pytest.mark.parametrize("to", ["//evil.example/", "https://evil.example/", "javascript:1", ""])
    def test_the_page_leads_nowhere_else(self, client: Client, to: str) -> None:
        client.cookies[BASKET] = "x"

        assert client.get(f"{COOKIES}?to={quote(to)}").headers["Location"] == "/"


@promise("B2")
class TestBasket:
    def test_its_number_is_for_this_browser_session_and_for_the_server_alone(
        self, client: Client
    ) -> None:
        add(client, make_course_on_sale().course.slug)
        cookie = basket_of(client)

        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert (cookie["expires"], cookie["max-age"]) == ("", "")

    def test_no_row_joins_it_to_a_person(self) -> None:
        """Neither the basket nor its lines have a column that could hold one."""
        columns = {
            column.name
            for model in (Basket, BasketItem)
            for column in connection.introspection.get_table_description(
                connection.cursor(), model._meta.db_table
            )
        }

        assert columns == {"id", "token", "created_at", "basket_id", "course_id", "added_at"}

    def test_signing_in_leaves_it_where_it_is(self, client: Client, ana: Person) -> None:
        add(client, make_course_on_sale().course.slug)
        number = basket_of(client).value

        client.force_login(ana)
        session = Session.objects.get(subject_id=ana.pk)
        carried = client.session.load()

        assert number not in str(carried)
        assert number not in str(vars(session))
        assert Basket.objects.get().token == number

    def test_ordering_takes_what_is_in_it_and_ends_the_number(
        self, client: Client, ana: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("creditable.disclosure.lane.wait", lambda *args, **more: None)
        version = make_course_on_sale()
        add(client, version.course.slug)
        number = basket_of(client).value
        client.force_login(ana)

        billing = {
            name: getattr(BILLING, name)
            for name in ("name", "street", "city", "state", "postal_code")
        }
        client.post("/checkout/", billing | {"attempt_key": "x" * 22})

        order = Order.objects.get()
        assert [line.course_version for line in OrderLine.objects.all()] == [version]
        assert number not in str(vars(order))
        assert not Basket.objects.exists()
        add(client, version.course.slug)
        assert basket_of(client).value != number

    def test_a_number_that_we_did_not_give_is_not_taken_over(self, client: Client) -> None:
        client.cookies[BASKET] = "chosen-by-somebody-els"
        add(client, make_course_on_sale().course.slug)

        assert basket_of(client).value != "chosen-by-somebody-els"
