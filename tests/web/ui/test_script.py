"""What ui.js adds to a page, in a browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from creditable.web import ui

SCRIPT = (Path(ui.__file__).parent / "static" / "ui" / "ui.js").read_text(encoding="utf-8")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert program, "install Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in Texas that counts the forms it is asked to send, without sending them."""
    context = browser.new_context(timezone_id="America/Chicago", locale="en-US")
    opened = context.new_page()
    yield opened
    context.close()


def show(page: Page, body: str) -> None:
    page.set_content(f'<!doctype html><html lang="en-US"><body>{body}</body></html>')
    page.evaluate(
        """() => {
            window.sent = 0;
            window.addEventListener("submit", (event) => {
                if (!event.defaultPrevented) window.sent += 1;
                event.preventDefault();
            });
        }"""
    )
    page.add_script_tag(content=SCRIPT, type="module")


def test_a_second_press_sends_nothing(page: Page) -> None:
    show(page, '<form data-once><button data-busy="Sending">Send</button></form>')

    page.click("button")
    page.click("button", force=True)

    assert page.evaluate("window.sent") == 1
    assert page.inner_text("button") == "Sending"
    assert page.get_attribute("button", "aria-disabled") == "true"


def test_other_forms_may_be_sent_as_often_as_one_likes(page: Page) -> None:
    show(page, "<form><button>Search</button></form>")

    page.click("button")
    page.click("button")

    assert page.evaluate("window.sent") == 2


def test_coming_back_to_a_page_lets_its_form_be_sent_again(page: Page) -> None:
    show(page, '<form data-once><button data-busy="Sending">Send</button></form>')
    page.click("button")

    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")

    assert page.inner_text("button") == "Send"
    assert page.get_attribute("button", "aria-disabled") is None
    page.click("button")
    assert page.evaluate("window.sent") == 2


def test_instants_are_told_in_the_time_zone_of_the_reader(page: Page) -> None:
    show(
        page,
        '<time id="at" datetime="2026-11-03T14:05:00+00:00">November 3, 2026 at 2:05 PM UTC</time>'
        '<time id="day" datetime="2026-11-03">November 3, 2026</time>',
    )

    assert page.inner_text("#at") == "November 3, 2026 at 8:05 AM CST"
    assert page.inner_text("#day") == "November 3, 2026"


def test_a_refused_form_starts_at_what_is_wrong(page: Page) -> None:
    show(page, '<input><div tabindex="-1" data-focus>Please look at this again.</div>')

    assert page.evaluate("document.activeElement.textContent") == "Please look at this again."
