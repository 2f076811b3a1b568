"""What watches over the focus bites."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import keyboard

pytestmark = pytest.mark.browser

PAGE = "<main><h1>A page</h1><button id=one>One</button> <button id=two>Two</button></main>"
RING = "<style>:focus-visible {outline: 3px solid navy}</style>"
BARE = "<style>:focus-visible {outline: none}</style>"
COVER = "<style>#cover {position: fixed; inset: 0; background: #fff}</style><p id=cover>Over it</p>"


@pytest.mark.parametrize(
    ("planted", "finding"),
    [
        (RING, None),
        (BARE, "the focus cannot be seen on button One"),
        (RING + COVER, "button One is covered or out of sight when it has the focus"),
    ],
)
def test_a_focus_that_cannot_be_seen_is_found(
    browser: Browser, planted: str, finding: str | None
) -> None:
    page = browser.new_page()
    page.set_content(PAGE + planted)
    page.keyboard.press("Tab")
    assert keyboard.unseen(page) == ([finding] if finding else [])
    page.close()


@pytest.mark.parametrize("taken", ["one.remove()", "one.hidden = true"])
def test_a_focus_that_is_lost_is_told_at_the_next_key(browser: Browser, taken: str) -> None:
    page, told = watched(browser)
    page.keyboard.press("Tab")
    page.evaluate(taken)
    page.keyboard.press("Tab")
    (complaint,) = told
    assert complaint.startswith('the focus was lost: <button id="one"')
    page.close()


def test_the_tab_key_may_lead_out_of_a_page_and_in_again(browser: Browser) -> None:
    page, told = watched(browser)
    for _ in range(8):
        page.keyboard.press("Tab")
    assert told == []
    page.close()


def watched(browser: Browser) -> tuple[Page, list[str]]:
    """A page that is watched over, and what it complains of."""
    page = browser.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.set_content(PAGE + RING)
    page.evaluate(keyboard.LOST)
    return page, told
