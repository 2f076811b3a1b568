"""Somebody who has bought before buys, asks for the money back, and sees it come: on a phone, with
the office at a desk."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import DESK, SCREENSHOTS, Device, save
from tests.browser.test_path import sign_in
from tests.installation import Running, wait_until
from tests.journeys.path import OFFICE
from tests.promises import promise

pytestmark = pytest.mark.browser

EMAIL = "corinne@example.com"
TITLE = "Ladders and lifts near power"


@promise("A9", "A14")
def test_money_that_goes_back_is_seen_by_the_one_who_paid(
    installation: Running, device: Callable[..., Device]
) -> None:
    phone = device()
    sign_in(phone, EMAIL)
    order = buy(phone)
    page = phone.open(order)
    wait_until(lambda: page.reload() and receipts(page) == 1, "the receipt")
    expect(page.get_by_role("main")).to_contain_text("Open for you until")
    shoot(phone, "paid")

    office = device(viewport=DESK)
    give_back(office, order.replace("/account/", "/console/"))

    wait_until(lambda: page.reload() and receipts(page) == 2, "the credit note")
    expect(page.get_by_role("main")).to_contain_text("$15.00 went back to you")
    expect(page.get_by_role("main")).to_contain_text("this order no longer opens it")
    expect(page.get_by_role("button", name="Buy again")).to_be_visible()
    shoot(phone, "refunded")
    told = phone.running.mail(EMAIL, "went back to you")
    assert "CN-0000" in told["text"]


def buy(phone: Device) -> str:
    """The address of the order on its buyer's account."""
    page = phone.open("/courses/ladder-and-lift-safety/")
    page.get_by_role("button", name="Add to basket").click()
    page.get_by_role("link", name="Go to checkout").click()
    expect(page.get_by_role("main")).to_contain_text("77 Conduit Lane")
    expect(page.get_by_label("Street")).to_be_hidden()
    shoot(phone, "checkout")
    page.get_by_role("button", name="Pay $15.00 with PayPal").click()
    page.wait_for_url(f"{phone.running.demo.paypal}/**")
    page.get_by_role("button", name="Approve").click()
    page.wait_for_url("**/checkout/*/**")
    wait_until(lambda: page.reload() and page.url.endswith("/done/"), "the payment")
    address = page.get_by_role("link", name="Your order and its receipt").get_attribute("href")
    assert address
    return address


def give_back(office: Device, address: str) -> None:
    page = office.open(address)
    sign_in(office, OFFICE, start=False)
    page.get_by_label("Code").fill(office.running.factor(OFFICE))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Give money back, at most $15.00").click()
    page.get_by_label("Why it goes back").select_option("The course is not for them")
    page.get_by_label("Note for the office").fill("Called on Monday")
    shoot(office, "asked")
    with page.expect_navigation():
        page.get_by_role("button", name="Give it back").click()
    wait_until(
        lambda: page.reload() and "access was taken back" in page.inner_text("main"), "the refund"
    )
    shoot(office, "given-back")


def receipts(page: Page) -> int:
    """How many papers the page of the order offers."""
    return page.locator("a[href$='.pdf']").count()


def shoot(device: Device, name: str) -> None:
    save(device.page, SCREENSHOTS / "refund" / f"{name}.png")
