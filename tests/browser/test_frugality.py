"""Every page of the path is light and holds still: opened with nothing in the cache it brings at
most 60 kB of markup, style and script over the line, besides pictures and the two fonts, and
nothing on it moves while it comes up."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import DESK, PHONE, Device
from tests.browser.test_pages import LEARNER, OFFICE, STRANGER, known
from tests.journeys.walk import Walk

pytestmark = pytest.mark.browser

__all__ = ["known"]
MOST = 60_000
WEIGHED = {"Document", "Stylesheet", "Script"}


class Scale:
    """Weighs what a page brings as it travels, headers and compression included."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        self.files = 0
        self._kinds: dict[str, str] = {}
        line = page.context.new_cdp_session(page)
        line.on("Network.responseReceived", self._came)
        line.on("Network.loadingFinished", self._ended)
        line.send("Network.enable")

    def _came(self, told: dict[str, Any]) -> None:
        self._kinds[told["requestId"]] = told["type"]

    def _ended(self, told: dict[str, Any]) -> None:
        if self._kinds.get(told["requestId"]) in WEIGHED:
            self.bytes += round(told["encodedDataLength"])
            self.files += 1


SHIFTS = """
window.shifts = [];
new PerformanceObserver((seen) => {
  for (const shift of seen.getEntries())
    window.shifts.push(`${shift.value}: ${shift.sources.map((one) => one.node?.textContent)}`);
}).observe({type: "layout-shift", buffered: true});
"""
EVERYBODY = pytest.mark.parametrize(
    ("pages", "who"),
    [(STRANGER, "stranger"), (LEARNER, "learner"), (OFFICE, "office")],
    ids=["stranger", "learner", "office"],
)


def cookies_of(who: str, walk: Walk) -> dict[str, str]:
    return {
        "stranger": {},
        "learner": walk.learner.browser.cookies,
        "office": walk.office.cookies,
    }[who]


@EVERYBODY
def test_pages_are_light(
    device: Callable[..., Device],
    walk: Walk,
    known: dict[str, object],
    pages: dict[str, str],
    who: str,
) -> None:
    cookies = cookies_of(who, walk)
    heavy, weighed = [], 0
    for name, path in pages.items():
        fresh = device()
        fresh.take(cookies)
        scale = Scale(fresh.page)
        fresh.page.goto(path.format(**known), wait_until="networkidle")
        fresh.context.close()
        assert scale.files >= 6, f"{name}: no styles were weighed"
        weighed += 1
        if scale.bytes > MOST:
            heavy.append(f"{name} brings {scale.bytes} bytes")
    assert weighed == len(pages)
    assert not heavy, "\n".join(heavy)


def test_a_heavy_page_is_seen(device: Callable[..., Device]) -> None:
    stranger = device()
    heavy = f"<!doctype html><title>Heavy</title><p>{'heavy ' * 20_000}"
    stranger.page.route(
        "**/planted/", lambda route: route.fulfill(body=heavy, content_type="text/html")
    )
    scale = Scale(stranger.page)

    stranger.page.goto("/planted/", wait_until="networkidle")

    assert scale.bytes > MOST


@EVERYBODY
def test_nothing_moves_while_a_page_comes_up(
    device: Callable[..., Device],
    walk: Walk,
    known: dict[str, object],
    pages: dict[str, str],
    who: str,
) -> None:
    moved = []
    for viewport in (PHONE, DESK):
        looking = device(viewport=viewport, timezone_id="America/Chicago")
        looking.take(cookies_of(who, walk))
        looking.page.add_init_script(SHIFTS)
        for name, path in pages.items():
            looking.page.goto(path.format(**known), wait_until="networkidle")
            moved += [(name, shift) for shift in looking.page.evaluate("window.shifts")]
    assert moved == []


def test_a_page_that_moves_is_seen(device: Callable[..., Device]) -> None:
    stranger = device()
    stranger.page.add_init_script(SHIFTS)
    stranger.page.route(
        "**/planted/",
        lambda route: route.fulfill(body="<p>It will sink</p>", content_type="text/html"),
    )
    stranger.page.goto("/planted/")
    stranger.page.wait_for_timeout(200)  # a shift is one only after something was painted

    stranger.page.evaluate(
        "document.querySelector('p').before(Object.assign(document.createElement('div'),"
        " {innerHTML: '<br>'.repeat(20)}))"
    )
    stranger.page.wait_for_function("window.shifts.length > 0")
