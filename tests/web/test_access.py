"""Every page of the matrix in every role, in Chromium, 320 pixels wide: the width that is left of
1280 at 400 percent. axe finds nothing in light or dark, nothing runs past the edge, and the Tab
key reaches everything in the order of reading and leads out again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Page, Route

from creditable.web.ui import provider
from tests.browser import axe, keyboard
from tests.browser.chromium import NARROWEST, chromium, overflow
from tests.web import midway
from tests.web.crawl import Seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

SITE = "http://creditable.test"
AT_LEAST = {"visitor": 20, "person": 40, "other": 30, "staff": 45, midway.ROLE: 14}
"""How many pages each role has at the least, lest a crawl that has lost its way find no fault."""


@pytest.mark.parametrize("role", AT_LEAST)
def test_everybody_can_use_every_page(crawled: Callable[[str], list[Seen]], role: str) -> None:
    pages = distinct(crawled(role))
    wrong = []
    with shown(pages) as (page, show):
        for seen in pages:
            show(seen)
            wrong += [f"{seen}: {finding}" for finding in findings(page)]
    assert len(pages) >= AT_LEAST[role]
    assert not wrong, "\n".join(wrong)


def distinct(answers: list[Seen]) -> list[Seen]:
    """The pages among the answers; of those that refuse, one of each status."""
    pages: dict[object, Seen] = {}
    for seen in filter(lambda seen: seen.is_page, answers):
        refuses = seen.status in {403, 404}
        pages.setdefault(seen.status if refuses else (seen.name, seen.method), seen)
    return list(pages.values())


@contextmanager
def shown(pages: list[Seen]) -> Iterator[tuple[Page, Callable[[Seen], None]]]:
    """A window and a way to show an answer in it, exactly as it was given, headers included. The
    browser is opened once the database has been asked, and closed before it is tidied up."""
    with chromium() as browser:
        page = browser.new_page(base_url=SITE, viewport={"width": NARROWEST, "height": 640})
        now: list[Seen] = []

        def answer(route: Route) -> None:
            if route.request.is_navigation_request():
                route.fulfill(status=now[-1].status, headers=now[-1].headers, body=now[-1].body)
            else:
                _serve(route)

        def show(seen: Seen) -> None:
            now.append(seen)
            page.goto(seen.address)

        page.route("**/*", answer)
        yield page, show


def _serve(route: Route) -> None:
    path = urlsplit(route.request.url).path
    if path.startswith("/static/") and (file := finders.find(path.removeprefix("/static/"))):
        route.fulfill(path=file)
    elif path.startswith("/ui/provider-"):
        route.fulfill(content_type="text/css", body=provider.current().stylesheet)
    elif path.startswith("/ui/mark-"):
        route.fulfill(content_type="image/svg+xml", body=provider.current().mark)
    else:
        route.fulfill(status=204)


def findings(page: Page) -> list[str]:
    found = axe.findings(page) + keyboard.obstacles(page)
    if wider := overflow(page):
        found.append(f"it is {wider} px too wide for {NARROWEST} px")
    return found
