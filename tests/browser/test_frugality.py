"""Every page of the path is light: opened with nothing in the cache it brings at most 60 kB of
markup, style and script over the line, besides pictures and the two fonts."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import Device
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


@pytest.mark.parametrize(
    ("pages", "who"),
    [(STRANGER, "stranger"), (LEARNER, "learner"), (OFFICE, "office")],
    ids=["stranger", "learner", "office"],
)
def test_pages_are_light(
    device: Callable[..., Device],
    walk: Walk,
    known: dict[str, object],
    pages: dict[str, str],
    who: str,
) -> None:
    cookies = {
        "stranger": {},
        "learner": walk.learner.browser.cookies,
        "office": walk.office.cookies,
    }[who]
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
