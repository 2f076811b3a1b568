"""Each provider's course in Chromium, on a phone-sized screen and by keyboard alone: from the
sign-up to what the pages say afterward was counted, reported and seen, and by whom. A second device
takes over in the middle of a lesson. axe looks at each page that a picture is taken of."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import DESK, Device
from tests.browser.keyboard import skips
from tests.installation import Running, started, wait_until
from tests.journeys.path import STREET, right_answers
from tests.promises import promise

pytestmark = pytest.mark.browser

EMAIL = "maren@example.com"
NAME = "Maren Oduya"
BEAT = 30
COUNTED = re.compile("1 min [345]|2 min")  # three beats, and how long the test itself takes
A_READER = 45  # seconds between two reports of a lesson that is being read; at most 60 count
A_LOOK = 20  # seconds of the film between two pauses

PLAYED = """
(film, until) => new Promise((done) => film.addEventListener("timeupdate", () => {
  const {currentTime, duration, ended} = film;
  if (ended || (until < currentTime && currentTime < duration - 15)) done();
}))
"""
AT_THE_TOP = """
() => [...document.querySelectorAll("#text [id^=b]")].findLast(
  (block) => block.getBoundingClientRect().top < innerHeight / 4).id
"""

TOLD_PAYPAL = {
    (
        "Your city, your state, the total of your order, your e-mail address, your name,"
        " your ZIP code, your order number, your street"
    ),
    "Your order number",
}
SHOWN = {"Your certificates, the courses you completed (title, date, and hours), your name"}


@dataclass(frozen=True)
class Course:
    """One provider's course, and what is true of it and of nobody else's."""

    provider: str
    slug: str
    title: str
    license: str  # as much of its line in the list as is typed
    number: str
    mistyped: str
    counts: str
    price: str
    lessons: int
    questions: int
    hours: str
    held: str
    board: str
    told: str  # the board's name in the policy
    field: str  # which the policy calls a license by
    office: str
    officer: str
    evaluation: bool = False


COURSES = [
    Course(
        provider="electric",
        slug="electrical-safety-subpart-s",
        title="Electrical safety on the job",
        license="Journeyman Electrician, Demo",
        number="J-60419",
        mistyped="51-873",
        counts="Yes: completes your 2 hours",
        price="$39.00",
        lessons=10,
        questions=20,
        hours="2 hours",
        held="2 of 2 hours",
        board="Demo State Board of Electricians",
        told="The Demo State Board of Electricians",
        field="trade",
        office="ines@example.com",
        officer="Ines Galloway",
    ),
    Course(
        provider="seminars",
        slug="ethics-between-sessions",
        title="Ethics between sessions",
        license="Licensed Professional Counselor, Demo",
        number="C-60419",
        mistyped="51-827",
        counts="Yes: 1 hour counts toward your 3 hours",
        price="$29.00",
        lessons=6,
        questions=10,
        hours="1 hour",
        held="1 of 3 hours",
        board="Demo State Board of Behavioral Health",
        told="The Demo State Board of Behavioral Health",
        field="professional",
        office="ruth@example.com",
        officer="Ruth Abelard",
        evaluation=True,
    ),
    Course(
        provider="engineers",
        slug="engineering-ethics-four-decisions",
        title="Engineering ethics in four decisions",
        license="Professional Engineer, Demo",
        number="E-60419",
        mistyped="51-870",
        counts="Yes: 1 hour counts toward your 2 hours",
        price="$49.00",
        lessons=6,
        questions=10,
        hours="1 hour",
        held="1 of 2 hours",
        board="Demo State Board of Professional Engineers",
        told="The Demo State Board of Professional Engineers",
        field="professional",
        office="delphine@example.com",
        officer="Delphine Marsh",
    ),
]


def in_its_own_process(course: Course) -> object:
    """What goes through an installation of its own needs not wait for the others."""
    own = () if course.provider == "electric" else pytest.mark.xdist_group(course.provider)
    return pytest.param(course, marks=own, id=course.provider)


@pytest.fixture(scope="module", params=map(in_its_own_process, COURSES))
def course(request: pytest.FixtureRequest) -> Course:
    chosen: Course = request.param
    return chosen


@pytest.fixture(scope="module")
def installation(request: pytest.FixtureRequest, course: Course) -> Iterator[Running]:
    """The provider's. The electric one's is the one that other tests go through too."""
    if course.provider == "electric":
        yield request.getfixturevalue("installation")
        return
    with started(course.provider) as running:
        yield running


@promise("A1", "A14", "A17", "C6")
def test_a_learner_walks_from_sign_up_to_an_accepted_report(
    course: Course, installation: Running, device: Callable[..., Device]
) -> None:
    phone = device()
    sign_up(phone)
    add_license(phone, course)
    buy(phone, course)
    tablet = device(viewport={"width": 820, "height": 1180})
    read_on_two_devices(phone, tablet, course)
    read_the_rest(phone, course)
    pass_the_exam(phone, course)
    if course.evaluation:
        evaluate(phone)
    see_it_completed(phone, course)
    serial = open_certificate(phone)
    check_as_a_stranger(device(), serial)
    see_what_was_counted(phone, course)
    see_what_was_reported(phone, course)
    see_who_got_what(phone, course)
    office = device(viewport=DESK)
    see_who_looked(office, course)


def sign_up(phone: Device) -> None:
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


def add_license(phone: Device, course: Course) -> None:
    page = phone.open("/account/licenses/")
    phone.press("Add a license")
    page.wait_for_url("**/account/licenses/add/")
    phone.type_into("License", course.license)
    phone.type_into("Number", course.mistyped)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("What you typed is still here")
    assert page.get_by_label("Number").input_value() == course.mistyped
    phone.shoot("license-asked-about")
    phone.type_into("Number", course.number)
    phone.tab_to("Expires")
    page.keyboard.type("10312027")
    phone.press("Save")
    expect(page.get_by_role("main")).to_contain_text(course.number)
    expect(page.get_by_role("main")).to_contain_text("October 31, 2027")
    phone.shoot("licenses")


def buy(phone: Device, course: Course) -> None:
    page = phone.open("/courses/")
    phone.shoot("catalog")
    phone.press(course.title)
    expect(page.locator("[aria-labelledby=counts]")).to_contain_text(course.counts)
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
    if page.locator("[name^=consent]").count():  # where the policy asks first
        phone.tab_to("Yes, I agree to what PayPal needs to take a payment.")
        page.keyboard.press("Space")
    phone.shoot("checkout")
    phone.press(f"Pay {course.price} with PayPal")
    page.wait_for_url(f"{phone.running.demo.paypal}/**")
    phone.shoot("paypal")
    phone.press("Approve")
    page.wait_for_url("**/checkout/*/**")
    wait_until(lambda: page.reload() and page.url.endswith("/done/"), "the payment")
    phone.shoot("paid")


def read_on_two_devices(phone: Device, tablet: Device, course: Course) -> None:
    """A minute and a half of the first lesson here; then a tablet goes on at the very place."""
    phone.page.clock.install()
    page = phone.open("/learn/")
    phone.press(f"Begin: {course.title}")
    expect(page.locator("#clock")).to_contain_text("Counting")
    phone.shoot("lesson")
    for _ in range(3):
        phone.scroll("PageDown")
        pass_time(phone, BEAT)
    expect(page.locator("#clock-time")).to_contain_text(COUNTED)
    name = page.evaluate(AT_THE_TOP)
    assert page.evaluate("() => scrollY") > 300
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
    assert -400 < top < 400, f"the place is {top} px from the top"
    tablet.shoot("lesson-on-another-device")
    tablet.open("/learn/")  # a lesson left open would be told that its reader has gone


def pass_time(phone: Device, seconds: int) -> Any:
    """Lets time pass on the clock of the database, and half a minute on the page's, which reports
    then; what it is answered."""
    phone.running.pass_time(seconds)
    with phone.page.expect_response("**/learn/beat/") as answer:
        phone.page.clock.run_for((BEAT + 1) * 1000)
    return answer.value.json()


def read_the_rest(phone: Device, course: Course) -> None:
    """Every lesson to the end of its time, from one to the next."""
    page = phone.page
    for _ in range(course.lessons):
        if page.locator("course-player").count():
            watch(phone)
        read(phone)
        following = page.locator("[rel=next]")
        address = following.get_attribute("href")
        phone.press(following.inner_text())
        page.wait_for_url(f"**{address}")
    assert page.url.endswith("/exam/")


def read(phone: Device) -> None:
    page = phone.page
    for _ in range(30):
        phone.scroll("PageDown")
        said = pass_time(phone, A_READER)
        if said["lesson_seconds"] == said["lesson_cap"]:
            break
    expect(page.locator(".clock__state")).to_contain_text("one.")


def watch(phone: Device) -> None:
    """The whole film at double speed, from the first line of its transcript on, with pauses. The
    page's clock stands still while it plays; at each pause both clocks have gone as far as it."""
    page = phone.page
    film = page.locator("video")
    phone.type_into("Speed", "2×")
    phone.press("Play from 0:00")
    expect(page.locator(".clock__state")).to_have_text("Counting the video")
    phone.tab_to("Pause")
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))
    ended, passed = False, 0
    while not ended:
        film.evaluate(PLAYED, passed + A_LOOK)
        ended = film.evaluate("film => film.ended")
        if not ended:
            page.keyboard.press("Enter")
        at = round(film.evaluate("film => film.currentTime"))
        said = pass_time(phone, (at - passed) // 2)
        passed = at
        if not ended:
            page.keyboard.press("Enter")
    page.clock.resume()
    ((start, end),) = said["covered"]
    assert start < 1000  # the first line is spoken within the first second
    assert end // 1000 == int(film.evaluate("film => film.duration"))
    phone.shoot("film")


def pass_the_exam(phone: Device, course: Course) -> None:
    page = phone.open(f"/learn/{course.slug}/")
    phone.shoot("all-lessons-done")
    phone.press("To the exam")
    page.wait_for_url("**/exam/")
    phone.shoot("declaration")
    phone.type_into("Your full name, as your signature", NAME)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Exam, attempt 1")).to_be_visible()
    questions = page.locator(".questions > li")
    assert questions.count() == course.questions
    right = right_answers(course.slug, course.provider)
    for question in questions.all():
        stem = " ".join(question.locator("legend").inner_text().split())
        phone.choose(question, right[stem])
        expect(question.locator("[data-state]")).to_contain_text("Saved")
    expect(page.locator("#exam-saved")).to_have_text(str(course.questions))
    phone.shoot("exam")
    phone.press("Hand in the exam")
    expect(page.get_by_role("heading", name="Passed")).to_be_visible()
    phone.shoot("passed")


def evaluate(phone: Device) -> None:
    """Where the course is complete with it."""
    page = phone.page
    phone.press("To the evaluation")
    page.wait_for_url("**/evaluation/")
    phone.press("Send my answers")
    expect(page.get_by_role("alert")).to_contain_text("Please look at this again")
    phone.shoot("evaluation-asked-for")
    for card in page.locator(".evaluation__card").all():
        if card.get_by_role("radio").count():
            phone.choose(card, card.locator("label").last.inner_text())
    phone.type_into("What was missing or wrong? Please name no client.", "Nothing.")
    phone.press("Send my answers")


def see_it_completed(phone: Device, course: Course) -> None:
    page = phone.page
    if not course.evaluation:
        phone.press("To your certificate and report")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"You completed {course.title}")
    expect(page.locator("[aria-labelledby=credit]")).to_contain_text(
        f"{course.hours} for {course.board}"
    )
    phone.shoot("completed")


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


def see_what_was_counted(phone: Device, course: Course) -> None:
    page = phone.open(f"/learn/{course.slug}/record/")
    lines = page.locator("tbody").first.locator("tr")
    assert lines.count() == course.lessons
    for line in lines.all():
        _, counted, asked, state = line.locator("th, td").all_inner_texts()
        assert (counted, state) == (asked, "done")
    total = page.locator("tfoot").locator("th, td").all_inner_texts()
    assert total == ["All lessons", course.hours, course.hours, ""]
    expect(page.get_by_role("main")).to_contain_text(f"with 100% and {course.hours} of seat time")
    phone.shoot("counted")
    page = phone.open("/account/licenses/")
    expect(page.get_by_role("main")).to_contain_text(course.number)
    expect(page.get_by_role("main")).to_contain_text(course.held)


def see_what_was_reported(phone: Device, course: Course) -> None:
    page = phone.page

    def accepted() -> bool:
        phone.open("/account/reports/")
        yes = page.get_by_role("button", name="I agree to")
        if yes.count():  # the report waits for it
            with page.expect_navigation():
                phone.press(" ".join((yes.text_content() or "").split()))
        return page.get_by_text("Confirmation DSB-").count() == 1

    wait_until(accepted, "the board's answer")
    (report,) = page.locator(".parcel").all()
    for words in (course.board, course.title, course.number, "Sent, and taken", "Accepted"):
        expect(report).to_contain_text(words)
    phone.shoot("report")


def see_who_got_what(phone: Device, course: Course) -> None:
    page = phone.open("/account/privacy/")
    got: dict[str, set[str]] = {}
    for line in page.locator(".ledger li").all():
        what = line.locator(".ledger__what").text_content() or ""
        got.setdefault(line.locator("strong").inner_text(), set()).add(what)
    expected = {
        course.told: {
            (
                "The courses you completed (title, date, and hours), your name,"
                f" your {course.field} license (type, number, name as printed, and dates)"
            )
        },
        "PayPal": TOLD_PAYPAL,
        "Anyone who checks a certificate": SHOWN,
    }
    assert {
        recipient: what for recipient, what in got.items() if recipient != "Yourself"
    } == expected
    phone.shoot("ledger")
    while not page.evaluate("document.activeElement.matches('.ledger summary')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # opens the line
    phone.press("Privacy policy, version 1")
    page.wait_for_url("**/privacy/#*")
    assert page.locator(f"[id='{page.url.split('#')[1]}']").count() == 1


def see_who_looked(office: Device, course: Course) -> None:
    page = office.open("/console/")
    sign_in(office, course.office, start=False)
    page.get_by_label("Code").fill(office.running.factor(course.office))
    office.shoot("second-step")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Office")
    office.shoot("office")
    page.get_by_role("link", name="People").click()
    page.get_by_label("Name, e-mail or license number").fill(course.number)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=NAME).click()
    expect(page.locator("[aria-labelledby=views]")).to_contain_text(course.officer)
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
