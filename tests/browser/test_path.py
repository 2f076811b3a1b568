"""The whole path in Chromium, on a phone-sized screen and by keyboard alone; a second device takes
over in the middle of a lesson. axe looks at each page that a picture is taken of."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import DESK, Device
from tests.browser.keyboard import skips
from tests.installation import Running, wait_until
from tests.journeys import path
from tests.journeys.path import BOARD, COURSE, OFFICE, STREET, TITLE, Learner, right_answers
from tests.journeys.visitor import Visitor
from tests.promises import promise

pytestmark = pytest.mark.browser

EMAIL = "maren@example.com"
NAME = "Maren Oduya"
LICENSE = "J-60419"
BEAT = 30
COUNTED = re.compile("1 min [345]|2 min")  # three beats, and how long the test itself takes


@promise("A1", "A14", "A17", "C6")
def test_a_learner_walks_from_sign_up_to_an_accepted_report(
    installation: Running, device: Callable[..., Device]
) -> None:
    phone = device()
    sign_up_by_keyboard(phone)
    add_license(phone)
    buy(phone)
    tablet = device(viewport={"width": 820, "height": 1180})
    read_on_two_devices(phone, tablet)
    read_the_rest(phone)
    pass_the_exam(phone)
    serial = open_certificate(phone)
    check_as_a_stranger(device(), serial)
    see_the_report_accepted(phone)
    see_the_ledger(phone)
    office = device(viewport=DESK)
    enter_the_console(office)


def sign_up_by_keyboard(phone: Device) -> None:
    page = phone.open("/")
    phone.shoot("home")
    assert skips(page), "the way past the navigation leads nowhere"
    page.reload()
    phone.press("Sign in")
    page.wait_for_url("**/account/login/")
    phone.press("Create an account")
    page.wait_for_url("**/account/signup/")
    phone.type_into("E-mail address", EMAIL)
    phone.type_into("Full name", NAME)
    phone.shoot("sign-up")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/signup/code/")
    phone.type_into("Code", phone.running.code(EMAIL))
    phone.shoot("code")
    page.keyboard.press("Enter")
    page.wait_for_url("**/learn/")
    phone.shoot("nothing-yet")
    (session,) = phone.context.cookies(phone.running.address)
    assert session.get("httpOnly")
    assert session.get("sameSite") == "Lax"


def add_license(phone: Device) -> None:
    page = phone.open("/account/licenses/")
    phone.press("Add a license")
    page.wait_for_url("**/account/licenses/add/")
    phone.type_into("License", "Journeyman Electrician, Demo")
    phone.type_into("Number", "51-873")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("What you typed is still here")
    assert page.get_by_label("Number").input_value() == "51-873"
    phone.shoot("license-asked-about")
    phone.type_into("Number", LICENSE)
    phone.tab_to("Expires")
    page.keyboard.type("10312027")
    phone.press("Save")
    expect(page.get_by_role("main")).to_contain_text(LICENSE)
    expect(page.get_by_role("main")).to_contain_text("October 31, 2027")
    phone.shoot("licenses")


def buy(phone: Device) -> None:
    page = phone.open("/courses/")
    phone.shoot("catalog")
    phone.press(TITLE)
    expect(page.locator("[aria-labelledby=counts]")).to_contain_text("Yes: completes your 2 hours")
    phone.shoot("course")
    phone.press("Add to basket")
    page.wait_for_url("**/basket/")
    phone.shoot("basket")
    phone.press("Go to checkout")
    page.wait_for_url("**/checkout/")
    phone.type_into("Street", STREET)
    phone.type_into("City", "Fernley Springs")
    phone.type_into("State", "Texas")
    phone.type_into("ZIP code", "75999")
    phone.shoot("checkout")
    phone.press("Pay $39.00 with PayPal")
    page.wait_for_url(f"{phone.running.demo.paypal}/**")
    phone.shoot("paypal")
    phone.press("Approve")
    page.wait_for_url("**/checkout/*/**")
    wait_until(lambda: page.reload() and page.url.endswith("/done/"), "the payment")
    phone.shoot("paid")


def read_on_two_devices(phone: Device, tablet: Device) -> None:
    """Half of the first lesson here; then a tablet goes on at the very place."""
    phone.page.clock.install()
    page = phone.open("/learn/")
    phone.press(f"Begin: {TITLE}")
    expect(page.locator("#clock")).to_contain_text("Counting")
    phone.shoot("lesson")
    block = page.locator("[id^=b]").nth(9)
    name = block.get_attribute("id")
    page.evaluate("name => document.getElementById(name).scrollIntoView({block: 'start'})", name)
    page.mouse.wheel(0, -60)
    for _ in range(3):
        pass_a_beat(phone)
    expect(page.locator("#clock-time")).to_contain_text(COUNTED)
    read = page.evaluate("() => scrollY")
    assert read > 300
    assert phone.wrong == []

    sign_in(tablet, EMAIL)
    cookie = f"session-{phone.running.demo.port}"
    sessions = (phone.cookies()[cookie], tablet.cookies()[cookie])
    assert len(set(sessions)) == 2
    assert all(re.fullmatch(r"[\w-]{32,}", session) for session in sessions)
    there = tablet.open("/learn/")
    there.get_by_role("link", name="Continue").first.click()
    expect(there.locator("#clock-time")).to_contain_text(COUNTED)
    assert there.url.split("#")[0] == page.url.split("#")[0]
    top = there.locator(f"#{name}").evaluate("element => element.getBoundingClientRect().top")
    assert -200 < top < 400, f"the place is {top} px from the top"
    tablet.shoot("lesson-on-another-device")
    tablet.open("/learn/")  # a lesson left open would be told that its reader has gone


def pass_a_beat(phone: Device) -> None:
    """Half a minute of reading: on the clock of the database, and on the page's."""
    phone.running.pass_time(BEAT)
    with phone.page.expect_response("**/learn/beat/") as answer:
        phone.page.clock.run_for((BEAT + 1) * 1000)
    assert answer.value.json()["state"] == "counted"


def read_the_rest(phone: Device) -> None:
    """The time of the other lessons, as the reports of a page bring it in."""
    with Visitor(phone.running.address, phone.cookies()) as same:
        assert path.read_lessons(Learner(phone.running, same, EMAIL, NAME)) == 10


def pass_the_exam(phone: Device) -> None:
    page = phone.open(f"/learn/{COURSE}/")
    phone.shoot("all-lessons-done")
    phone.press("To the exam")
    page.wait_for_url("**/exam/")
    phone.shoot("declaration")
    phone.type_into("Your full name, as your signature", NAME)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Exam, attempt 1")).to_be_visible()
    answer_by_keyboard(phone, right_answers(COURSE))
    expect(page.locator("#exam-saved")).to_have_text("20")
    phone.shoot("exam")
    phone.press("Hand in the exam")
    expect(page.get_by_role("heading", name="Passed")).to_be_visible()
    phone.shoot("passed")
    phone.press("To your certificate and report")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"You completed {TITLE}")
    phone.shoot("completed")


def answer_by_keyboard(phone: Device, right: dict[str, str]) -> None:
    page = phone.page
    questions = page.locator("#sheet li")
    assert questions.count() == 20
    for number in range(20):
        question = questions.nth(number)
        stem = " ".join(question.locator("legend").inner_text().split())
        phone.choose(question, right[stem])
        expect(question.locator("[data-state]")).to_contain_text("Saved")


def open_certificate(phone: Device) -> str:
    page = phone.page

    def made() -> bool:
        phone.open("/account/certificates/")
        return page.get_by_role("link", name="Open the certificate").count() == 1

    wait_until(made, "the certificate")
    phone.shoot("certificates")
    link = page.get_by_role("link", name="Open the certificate").get_attribute("href")
    file = phone.context.request.get(str(link))
    assert file.headers["content-type"] == "application/pdf"
    assert file.body().startswith(b"%PDF-1.7")
    return str(link).rstrip("/").rsplit("/", 1)[1]


def check_as_a_stranger(stranger: Device, serial: str) -> None:
    page = stranger.open("/verify/")
    stranger.type_into("Certificate number", serial.lower().replace("-", " "))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("This certificate is genuine")
    expect(page.get_by_role("main")).to_contain_text(NAME)
    stranger.shoot("checked")
    assert stranger.cookies() == {}


def see_the_report_accepted(phone: Device) -> None:
    page = phone.page

    def accepted() -> bool:
        phone.open("/account/reports/")
        return page.get_by_text("Confirmation DSB-").count() == 1

    wait_until(accepted, "the board's answer")
    expect(page.get_by_role("main")).to_contain_text(BOARD)
    phone.shoot("report")


def see_the_ledger(phone: Device) -> None:
    page = phone.open("/account/privacy/")
    for recipient in ("PayPal", "Demo State Board", "Anyone who checks a certificate"):
        expect(page.get_by_role("main")).to_contain_text(recipient)
    phone.shoot("ledger")
    while not page.evaluate("document.activeElement.matches('.ledger summary')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # opens the line
    phone.press("Privacy policy, version 1")
    page.wait_for_url("**/privacy/#*")
    assert page.locator(f"[id='{page.url.split('#')[1]}']").count() == 1


def enter_the_console(office: Device) -> None:
    page = office.open("/console/")
    sign_in(office, OFFICE, start=False)
    page.get_by_label("Code").fill(office.running.factor(OFFICE))
    office.shoot("second-step")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Office")
    office.shoot("office")
    page.get_by_role("link", name="People").click()
    page.get_by_label("Name, e-mail or license number").fill(LICENSE)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=NAME).click()
    expect(page.get_by_role("heading", name="Who looked at this record")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Ines Galloway")
    office.shoot("person")


def sign_in(on: Device, email: str, *, start: bool = True) -> None:
    """By a code from the mailbox."""
    before = len(on.running.mails(email))
    page = on.open("/account/login/") if start else on.page
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(on.running.code(email, beside=before))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login/code/" not in url)
