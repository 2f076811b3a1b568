"""The list of orders and the page of one: where it stands, what it opens, and its papers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from creditable.people.models import Person
from creditable.store.models import Order
from tests.factories.people import make_person
from tests.factories.store import (
    answer,
    ask_refund,
    make_course_on_sale,
    make_order,
    pay,
    paypal_refund,
    with_refunds,
)
from tests.promises import promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(ana: Person, run_jobs: Callable[[], int]) -> Order:
    order = make_order(ana)
    pay(order)
    run_jobs()
    return order


def page_of(browser: Client, order: Order) -> str:
    return browser.get(f"/account/orders/{order.number}/").content.decode()


@promise("A14")
def test_the_receipt_is_there_at_any_time_from_the_list_and_the_page(
    browser: Client, order: Order
) -> None:
    address = f"/account/orders/{order.number}/INV-000001.pdf"
    assert address in browser.get("/account/orders/").content.decode()
    assert address in page_of(browser, order)
    for _ in range(2):
        file = browser.get(address)
        assert file["Content-Type"] == "application/pdf"
        assert file["Content-Disposition"] == 'inline; filename="INV-000001.pdf"'
        assert file.content == bytes(order.documents.get().pdf)


@pytest.mark.parametrize("name", ["INV-000002", "CN-000001", "INV", "INV-", "X-1", "INV-1x"])
def test_a_paper_that_is_not_there_is_a_plain_404(browser: Client, order: Order, name: str) -> None:
    assert browser.get(f"/account/orders/{order.number}/{name}.pdf").status_code == 404


def test_somebody_elses_paper_is_a_404(client: Client, order: Order) -> None:
    client.force_login(make_person())
    assert client.get(f"/account/orders/{order.number}/INV-000001.pdf").status_code == 404


def test_an_unpaid_order_says_so_and_leads_to_paying(browser: Client, ana: Person) -> None:
    order = make_order(ana)
    page = page_of(browser, order)
    assert "Waiting for your payment" in page
    assert f"/checkout/{order.number}/" in page
    assert "as soon as the order is paid" in page


def test_a_refund_is_seen_on_its_way_and_when_it_is_there(
    browser: Client, order: Order, run_jobs: Callable[[], int]
) -> None:
    refund = ask_refund(order.lines.get())
    assert "$15.00 is on its way back to you" in page_of(browser, order)
    assert "Open for you until" in page_of(browser, order)
    answer("paypal.refund", paypal_refund(refund), status=201)
    run_jobs()
    page = page_of(browser, order)
    assert "$15.00 went back to you" in page
    assert "Refunded, so this order no longer opens it" in page
    assert f"/account/orders/{order.number}/CN-000001.pdf" in page
    assert "Buy again" in page
    assert "Refunded" in browser.get("/account/orders/").content.decode()


def test_a_refund_that_did_not_go_through_is_told_without_blame(
    browser: Client, order: Order
) -> None:
    ask_refund(order.lines.get())
    refusal = {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "REFUND_NOT_ALLOWED"}]}
    answer("paypal.refund", refusal, status=422, outcome="refused")
    assert "is on its way back" in page_of(browser, order)
    answer("paypal.refund_status", with_refunds(order))
    page = page_of(browser, order)
    assert "did not go back" in page
    assert "REFUND_NOT_ALLOWED" not in page


def test_access_that_ended_can_be_bought_again(
    browser: Client, ana: Person, order: Order, move_clock: Callable[[timedelta], None]
) -> None:
    assert "Buy again" not in page_of(browser, order)
    move_clock(timedelta(days=4000))
    browser.force_login(ana)
    page = page_of(browser, order)
    assert "Your access ended" in page
    assert "Buy again" in page


def test_what_to_do_when_something_is_wrong_stands_on_the_page(
    browser: Client, order: Order
) -> None:
    page = page_of(browser, order)
    assert "Is something wrong with this order?" in page
    assert "within 30 days of buying it" in page
    assert "/contact/?topic=order" in page


def test_an_order_that_is_not_paid_can_be_canceled_and_then_no_page_offers_to_pay_it(
    browser: Client, ana: Person
) -> None:
    order = make_order(ana)
    assert "Cancel this order" in page_of(browser, order)
    page = browser.post(f"/account/orders/{order.number}/cancel/", follow=True).content.decode()
    assert "You canceled it" in page
    assert "Nothing was charged" in page
    for address in (f"/account/orders/{order.number}/", "/account/orders/", "/basket/"):
        shown = browser.get(address).content.decode()
        assert f"/checkout/{order.number}/" not in shown, address
    progress = browser.get(f"/checkout/{order.number}/").content.decode()
    assert "You canceled this order" in progress
    assert "with PayPal" not in progress
    assert browser.post(f"/checkout/{order.number}/").status_code == 409
    assert not order.payments.exclude(state="canceled").exists()


def test_a_paid_order_cannot_be_canceled(browser: Client, order: Order) -> None:
    assert "Cancel this order" not in page_of(browser, order)
    assert browser.post(f"/account/orders/{order.number}/cancel/").status_code == 409
    assert "You canceled it" not in page_of(browser, order)


def test_nobody_cancels_anothers_order(browser: Client) -> None:
    theirs = make_order(make_person())
    assert browser.post(f"/account/orders/{theirs.number}/cancel/").status_code == 404
    assert theirs.payments.get().state == "created"


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_number_of_questions_for_one_order_and_for_three(
    browser: Client, ana: Person, number: int, django_assert_num_queries: Any
) -> None:
    for count, course in enumerate(COURSES[:number]):
        pay(make_order(ana, make_course_on_sale(course)), capture=f"CAPTURE{count:010}")
    browser.get("/account/orders/")
    with django_assert_num_queries(LIST_QUERIES):
        browser.get("/account/orders/")


@pytest.mark.parametrize("number", [1, 3])
def test_an_order_asks_the_same_number_of_questions_for_one_line_and_for_three(
    browser: Client, ana: Person, number: int, django_assert_num_queries: Any
) -> None:
    order = make_order(ana, *(make_course_on_sale(name) for name in COURSES[:number]))
    pay(order)
    for line in order.lines.all():
        ask_refund(line)
    page_of(browser, order)
    with django_assert_num_queries(PAGE_QUERIES):
        page_of(browser, order)


COURSES = ("ladder-and-lift-safety", "test-instruments-in-practice", "electrical-safety-subpart-s")
LIST_QUERIES = 6
PAGE_QUERIES = 9
