"""Buying: the basket without an account, the checkout on one page, and what is told on the way."""

import re

import pytest
from django.conf import settings
from django.test import Client

from creditable.learning.models import Enrollment
from creditable.people.models import Person
from creditable.store.models import Order
from tests.factories.learning import enroll
from tests.factories.people import make_license, make_person
from tests.factories.store import answer, captured, make_course_on_sale, paypal_order
from tests.promises import promise

pytestmark = pytest.mark.django_db
BILL = {
    "name": "Ana Diaz", "street": "12 Main St", "city": "Waco", "state": "TX",
    "postal_code": "76701",
}  # fmt: skip


@pytest.fixture
def ana(policy: None) -> Person:
    return make_person(name="Ana Diaz")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers in these tests, and they run inside a transaction: the page goes on as if
    it had waited in vain."""
    monkeypatch.setattr("creditable.disclosure.lane.wait", lambda *args, **more: None)


def filled(client: Client) -> str:
    """Puts a course into the basket; gives the attempt key of the checkout page."""
    version = make_course_on_sale()
    client.post(f"/basket/add/{version.course.slug}/")
    page = client.get("/checkout/").content.decode()
    found = re.search(r'name="attempt_key" value="([^"]+)"', page)
    assert found, "the page has no attempt key"
    return found[1]


@promise("A1")
def test_a_visitor_fills_a_basket_without_an_account_and_signs_in_to_buy(client: Client) -> None:
    version = make_course_on_sale()
    response = client.post(f"/basket/add/{version.course.slug}/", follow=True)
    assert version.title in response.content.decode()
    checkout = client.get("/checkout/")
    assert checkout.status_code == 302
    assert checkout["Location"].startswith("/account/login/?next=/checkout/")


@promise("C6")
def test_the_basket_cookie_is_a_random_number_that_dies_with_the_browser(client: Client) -> None:
    version = make_course_on_sale()
    client.post(f"/basket/add/{version.course.slug}/")
    cookie = client.cookies[settings.BASKET_COOKIE_NAME]
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", cookie.value)
    assert cookie["httponly"]
    assert not cookie["expires"]
    assert not cookie["max-age"]


def test_looking_at_the_basket_sets_no_cookie(client: Client) -> None:
    assert not client.get("/basket/").cookies


@promise("A9")
def test_the_second_checkout_asks_nothing_that_the_account_knows(
    client: Client, ana: Person
) -> None:
    client.force_login(ana)
    filled(client)
    assert "Billed to" not in client.get("/checkout/").content.decode()
    client.post("/checkout/", BILL | {"attempt_key": "x" * 22})
    key = filled(client)
    page = client.get("/checkout/").content.decode()
    form = re.search(r'<form method="post" class="form".*?</form>', page, re.DOTALL)
    assert form
    shown = re.sub(r"<details.*?</details>", "", form[0], flags=re.DOTALL)
    assert set(re.findall(r'name="([^"]+)"', shown)) == {"csrfmiddlewaretoken", "attempt_key"}
    for known in ("Ana Diaz", "12 Main St", "Waco, TX 76701", ana.email):
        assert known in shown
    asked = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form[0]))
    assert not [name for name in BILL if name != "state" and not asked.get(name)]
    assert re.search(r'<option value="TX" selected', form[0])
    assert client.post("/checkout/", BILL | {"attempt_key": key}).status_code == 302
    assert Order.objects.count() == 2


def test_a_course_that_one_has_is_named_in_basket_and_checkout_and_not_charged(
    client: Client, ana: Person
) -> None:
    has, new = make_course_on_sale(), make_course_on_sale("test-instruments-in-practice")
    client.post(f"/basket/add/{has.course.slug}/")
    client.post(f"/basket/add/{new.course.slug}/")
    enroll(ana, has)
    client.force_login(ana)
    for address in ("/basket/", "/checkout/"):
        page = client.get(address).content.decode()
        assert has.title in page
        assert "You have this course already, until" in page
        assert f'href="/learn/{has.course.slug}/"' in page
        assert "$15.00" in page
        assert "$30.00" not in page
    key = re.search(r'name="attempt_key" value="([^"]+)"', page)
    assert key
    client.post("/checkout/", BILL | {"attempt_key": key[1]})
    assert [line.title for line in Order.objects.get().lines.all()] == [new.title]


def test_a_basket_of_courses_that_one_has_leads_to_no_payment(client: Client, ana: Person) -> None:
    client.force_login(ana)
    version = make_course_on_sale()
    client.post(f"/basket/add/{version.course.slug}/")
    enroll(ana, version)
    page = client.get("/checkout/", follow=True).content.decode()
    assert "You have this course already" in page
    assert "Go to checkout" not in page
    client.post("/checkout/", BILL | {"attempt_key": "x" * 22})
    assert not Order.objects.exists()
    client.post(f"/basket/remove/{version.course.slug}/")
    assert "Nothing in it yet" in client.get("/basket/").content.decode()


def test_a_course_whose_time_ran_out_is_sold_again(client: Client, ana: Person) -> None:
    client.force_login(ana)
    enroll(ana, make_course_on_sale())
    Enrollment.objects.update(expires_at="2026-01-01T00:00Z")
    client.post("/checkout/", BILL | {"attempt_key": filled(client)})
    assert Order.objects.get().lines.count() == 1


def test_what_is_missing_is_asked_for(client: Client, ana: Person) -> None:
    Person.objects.filter(pk=ana.pk).update(street="12 Main St", state="TX")
    client.force_login(ana)
    filled(client)
    page = client.get("/checkout/").content.decode()
    assert 'value="12 Main St"' in page
    assert "Billed to" not in page


def test_a_mistake_is_shown_at_its_field_and_keeps_what_was_typed(
    client: Client, ana: Person
) -> None:
    client.force_login(ana)
    key = filled(client)
    response = client.post("/checkout/", BILL | {"attempt_key": key, "postal_code": "767"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "ZIP code of five digits" in page
    assert 'value="12 Main St"' in page
    assert not Order.objects.exists()


def test_all_mistakes_are_shown_at_once(client: Client, ana: Person) -> None:
    client.force_login(ana)
    wrong = {"street": "", "postal_code": "xx"}
    response = client.post("/checkout/", BILL | {"attempt_key": filled(client)} | wrong)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == set(wrong)


def test_a_slow_paypal_is_told_as_pending_and_never_as_failed(client: Client, ana: Person) -> None:
    client.force_login(ana)
    key = filled(client)
    response = client.post("/checkout/", BILL | {"attempt_key": key}, follow=True)
    assert "Waiting for PayPal" in response.content.decode()
    order = Order.objects.get()
    answer("paypal.order", paypal_order(order, "PAYER_ACTION_REQUIRED"), status=201)
    client.get(f"/checkout/{order.number}/return/?token=PP{order.number}")
    page = client.get(f"/checkout/{order.number}/").content.decode()
    assert "Payment pending" in page
    assert "Do not pay again" in page
    answer("paypal.capture", captured(order), status=201)
    done = client.get(f"/checkout/{order.number}/", follow=True)
    assert "Your course is open" in done.content.decode()


def test_who_comes_back_by_the_browsers_button_finds_the_order_and_not_an_empty_basket(
    client: Client, ana: Person
) -> None:
    client.force_login(ana)
    client.post("/checkout/", BILL | {"attempt_key": filled(client)})
    order = Order.objects.get()
    assert f"Order {order.reference}" in client.get("/basket/").content.decode()
    client.force_login(make_person())
    assert order.reference not in client.get("/basket/").content.decode()


def test_the_page_after_giving_up_at_paypal_is_for_orders_that_can_be_paid(
    client: Client, ana: Person
) -> None:
    client.force_login(ana)
    client.post("/checkout/", BILL | {"attempt_key": filled(client)})
    order = Order.objects.get()
    answer("paypal.order", paypal_order(order, "PAYER_ACTION_REQUIRED"), status=201)
    page = client.get(f"/checkout/{order.number}/cancel/").content.decode()
    assert "Nothing was charged" in page
    assert f'href="{order.payments.get().approve_url}"' in page
    client.get(f"/checkout/{order.number}/return/?token=PP{order.number}")
    answer("paypal.capture", captured(order), status=201)
    paid = client.get(f"/checkout/{order.number}/cancel/", follow=True)
    assert paid.redirect_chain[-1][0] == f"/checkout/{order.number}/done/"
    assert "Nothing was charged" not in paid.content.decode()


def test_a_course_that_helps_none_of_ones_licenses_is_named_before_one_pays(
    client: Client, ana: Person
) -> None:
    client.force_login(ana)
    filled(client)
    words = "counts for none of the licenses in your account"
    assert words not in client.get("/basket/").content.decode()
    make_license(ana, license_type="journeyman_electrician")
    for page in ("/basket/", "/checkout/"):
        assert words in client.get(page).content.decode()


def test_a_second_click_leads_to_the_same_order(client: Client, ana: Person) -> None:
    client.force_login(ana)
    key = filled(client)
    first = client.post("/checkout/", BILL | {"attempt_key": key})
    second = client.post("/checkout/", BILL | {"attempt_key": key})
    assert first["Location"] == second["Location"]
    assert Order.objects.count() == 1


def test_coming_back_with_another_orders_token_takes_nothing(client: Client, ana: Person) -> None:
    client.force_login(ana)
    client.post("/checkout/", BILL | {"attempt_key": filled(client)})
    order = Order.objects.get()
    answer("paypal.order", paypal_order(order, "PAYER_ACTION_REQUIRED"), status=201)
    client.get(f"/checkout/{order.number}/return/?token=OTHER")
    assert order.payments.get().state == "approving"


def test_nobody_sees_anothers_order(client: Client, ana: Person) -> None:
    client.force_login(ana)
    client.post("/checkout/", BILL | {"attempt_key": filled(client)})
    number = Order.objects.get().number
    client.force_login(make_person())
    for page in ("", "return/", "cancel/", "done/"):
        assert client.get(f"/checkout/{number}/{page}").status_code == 404
    assert client.get(f"/account/orders/{number}/").status_code == 404


@promise("C9")
def test_no_page_of_ours_has_a_field_for_a_card(client: Client, ana: Person) -> None:
    client.force_login(ana)
    filled(client)
    page = client.get("/checkout/")
    fields = set(re.findall(r'name="([^"]+)"', page.content.decode()))
    assert {"name", "street", "city", "state", "postal_code"} <= fields
    assert not {field for field in fields if re.search("card|cvv|cvc|expir|pan", field)}
    assert "cc-" not in page.content.decode()


@promise("B13")
def test_the_form_may_lead_to_paypal_and_nowhere_else(client: Client, ana: Person) -> None:
    client.force_login(ana)
    filled(client)
    policy = client.get("/checkout/")["Content-Security-Policy"]
    directives = dict(
        part.strip().split(" ", 1) for part in policy.split(";") if " " in part.strip()
    )
    assert directives["form-action"].split() == ["'self'", "https://www.sandbox.paypal.com"]
    assert directives["default-src"] == "'none'"
