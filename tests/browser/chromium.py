"""Chromium as people hold it: a phone or a desk, and everything that goes wrong on a page."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    sync_playwright,
)

from creditable.ops.processes import ROOT
from tests.browser import axe, keyboard
from tests.installation import Running

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
NARROWEST = 320
SCREENSHOTS = ROOT / "screenshots"

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_TELLTALE = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`);
});
"""
_IN_THE_CHOICES = """
form => form.contains(document.activeElement) && document.activeElement.matches("[type=radio]")
"""
_STILL = """
async () => {
  for (let still = 0, before; still < 10; before = scrollY) {
    await new Promise(requestAnimationFrame);
    still = scrollY === before ? still + 1 : 0;
  }
}
"""
_WIDER = """
async () => {
  for (let drawn = 0; drawn < 2; drawn++) await new Promise(requestAnimationFrame);
  return document.documentElement.scrollWidth - document.documentElement.clientWidth;
}
"""
_FOCUSED = """
() => {
  const here = document.activeElement;
  const label = here.labels?.[0] ?? here;
  return (here.getAttribute("aria-label") ?? label.textContent).replace(/\\s+/g, " ").trim();
}
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium. Without one the test fails and says how to get it."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        pytest.fail("install Chromium: apt-get install chromium, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        try:
            yield browser
        finally:
            browser.close()


class Device:
    """A browser of one person, with cookies of its own, that keeps everything that went wrong in
    it: errors of scripts and of the console, violations of the content security policy, answers
    above 499, and requests to anybody but us."""

    def __init__(
        self, browser: Browser, running: Running, shots: Iterator[int], **settings: Any
    ) -> None:
        self.running = running
        self.wrong: list[str] = []
        self.context: BrowserContext = browser.new_context(
            base_url=running.address, viewport=settings.pop("viewport", PHONE), **settings
        )
        self.context.add_init_script(_TELLTALE)
        self.context.add_init_script(keyboard.LOST)
        self.page = self._watched(self.context.new_page())
        self._shots = shots

    def close(self) -> None:
        self.context.close()

    def open(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def take(self, cookies: dict[str, str]) -> None:
        """Goes on with the cookies of another browser."""
        for name, value in cookies.items():
            self.context.add_cookies([{"name": name, "value": value, "url": self.running.address}])

    def cookies(self) -> dict[str, str]:
        """The cookies that we have set here."""
        kept = self.context.cookies(self.running.address)
        return {cookie["name"]: cookie["value"] for cookie in kept}

    def tab_to(self, words: str, among: str = "*") -> None:
        """Moves the focus with the Tab key to the field or button with this name. All the way it
        can be seen where one is."""
        passed = []
        for _ in range(60):
            self.page.keyboard.press("Tab")
            self._look()
            passed.append(self.page.evaluate(_FOCUSED))
            focus = self.page.locator(":focus-visible")
            if passed[-1].removesuffix(" (optional)") == words and (
                focus.and_(self.page.locator(among)).count() == 1
            ):
                return
        raise AssertionError(f"no way by keyboard to {words!r} on {self.page.url}: {passed}")

    def press(self, words: str) -> None:
        """By keyboard: to the link or button, and in."""
        self.tab_to(words)
        self.page.keyboard.press("Enter")

    def type_into(self, label: str, text: str) -> None:
        """By keyboard: to the field, and over what stands in it. In a list it finds the line."""
        self.tab_to(label, "input, select, textarea")
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def scroll(self, key: str) -> None:
        """By keyboard, until the page stands still."""
        self.page.keyboard.press(key)
        self.page.evaluate(_STILL)

    def choose(self, question: Locator, words: str) -> None:
        """By keyboard: into the question with the Tab key, to the answer with the arrows."""
        while not question.evaluate(_IN_THE_CHOICES):
            self.page.keyboard.press("Tab")
            self._look()
        for _ in range(question.get_by_role("radio").count()):
            self._look()
            if self.page.evaluate(_FOCUSED) == words:
                self.page.keyboard.press("Space")
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no answer {words!r} can be chosen by keyboard")

    def shoot(self, name: str) -> None:
        """A picture of the whole page, numbered in the order of the walk. What axe finds on a
        page of ours has gone wrong."""
        folder = SCREENSHOTS / "path" / self.running.demo.provider
        save(self.page, folder / f"{next(self._shots):02}-{name}.png")
        if self.page.url.startswith(self.running.address):
            for finding in axe.findings(self.page):
                self._note(finding)

    def _look(self) -> None:
        for hindrance in keyboard.unseen(self.page):
            self._note(hindrance)

    def _watched(self, page: Page) -> Page:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._note(str(error)))
        page.on("response", lambda answer: answer.status > 499 and self._note(answer.url))
        page.on("request", self._see)
        return page

    def _hear(self, said: ConsoleMessage) -> None:
        """Chromium complains of every answer above 399. Two of them are part of the path: a form
        that is not taken, and a report of a lesson while another device is ahead."""
        if said.type == "error" and not re.search(r"status of (409|422) ", said.text):
            self._note(said.text)

    def _see(self, request: Request) -> None:
        """The stand-in for PayPal is somewhere else, and only a whole page leads there."""
        ours, paypal = (
            urlsplit(address).netloc for address in (self.running.address, self.running.demo.paypal)
        )
        there = urlsplit(request.url)
        if there.scheme in {"data", "blob"} or there.netloc == ours:
            return
        page_is_there = urlsplit(self.page.url).netloc == paypal
        if there.netloc != paypal or not (request.is_navigation_request() or page_is_there):
            self._note(f"a request to {request.url}")

    def _note(self, what: str) -> None:
        self.wrong.append(f"{self.page.url}: {what}")


def save(page: Page, file: Path) -> None:
    """The whole page as a picture."""
    file.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=file, full_page=True, animations="disabled")


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window, once it is drawn: right after a window
    was narrowed Chromium still answers with the least width that a column had in the wide one."""
    wider: int = page.evaluate(_WIDER)
    return wider


def plain(name: str) -> str:
    """A name that may be a file's."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
