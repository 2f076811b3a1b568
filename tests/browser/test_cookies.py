"""Cookies in a real browser: refused, and gone with its session."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from tests.browser.chromium import QUIET
from tests.installation import Running
from tests.journeys.path import COURSE
from tests.promises import promise

pytestmark = pytest.mark.browser

Open = Callable[[], AbstractContextManager[BrowserContext]]


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture
def opened(playwright: Playwright, installation: Running, tmp_path: Path) -> Open:
    """The browser of one person, who opens and closes it."""

    @contextmanager
    def start() -> Iterator[BrowserContext]:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"),
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=QUIET,
            base_url=installation.address,
        )
        try:
            yield context
        finally:
            context.close()

    return start


def refuse_cookies(profile: Path) -> None:
    """What the switch in the browser's settings writes."""
    (profile / "Default").mkdir(parents=True)
    (profile / "Default" / "Preferences").write_text(
        json.dumps({"profile": {"default_content_setting_values": {"cookies": 2}}})
    )


def put_into_basket(page: Page) -> None:
    page.goto(f"/courses/{COURSE}/")
    page.get_by_role("button", name="Add to basket").first.click()


@promise("A19")
def test_a_browser_that_refuses_cookies_is_told_what_does_not_work(
    opened: Open, tmp_path: Path
) -> None:
    refuse_cookies(tmp_path / "profile")
    with opened() as browser:
        page = browser.new_page()
        put_into_basket(page)
        told = page.get_by_role("heading", level=1)
        assert told.inner_text() == "Your browser keeps no cookies from us"
        page.goto("/account/login/")
        page.get_by_label("E-mail address").fill("nobody@example.com")
        page.get_by_role("button", name="Send me a code").click()
        assert told.inner_text() == "Your browser keeps no cookies from us"
        for works in ("/courses/", "/basket/", "/privacy/", "/verify/"):
            answer = page.goto(works)
            assert answer is not None
            assert answer.status == 200
        assert browser.cookies() == []


@promise("B2")
def test_a_basket_is_gone_with_the_browsers_session(opened: Open) -> None:
    with opened() as browser:
        page = browser.new_page()
        put_into_basket(page)
        assert page.get_by_role("heading", level=1).inner_text() == "Your basket"
        (first,) = browser.cookies()
        assert (first["expires"], first["httpOnly"], first["sameSite"]) == (-1, True, "Lax")
    with opened() as browser:
        page = browser.new_page()
        page.goto("/basket/")
        assert browser.cookies() == []
        assert page.get_by_text("Nothing in it yet").count() == 1
        put_into_basket(page)
        (second,) = browser.cookies()
        assert second["value"] != first["value"]
