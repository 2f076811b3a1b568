"""The inspector is the published one, and it bites."""

from hashlib import sha256

import pytest
from playwright.sync_api import Browser

from tests.browser import axe

pytestmark = pytest.mark.browser

SOUND = """<!doctype html><html lang="en"><head><title>A page</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>{style}</style></head><body><main><h1>A page</h1>{planted}</main></body></html>"""
PLANTED = {
    "color-contrast": ("", '<p style="color: #bbb; background: #fff">Hardly there</p>'),
    "label": ("", "<input name=license>"),
    "button-name": ("", "<button></button>"),
    "heading-order": ("", "<h4>Too deep</h4>"),
    "target-size": ("", "<a href=/a style='font-size: 8px'>a</a><br><a href=/b>b</a>" * 3),
    "region": ("", "</main><p>Outside of every landmark</p><main>"),
    "aria-valid-attr": ("", '<p aria-lable="none">A slip of the pen</p>'),
}


def test_it_is_the_published_one() -> None:
    noted = (axe.SOURCE.parent / "SOURCE.txt").read_text(encoding="utf-8")

    assert sha256(axe.SOURCE.read_bytes()).hexdigest() in noted
    assert axe.SOURCE.read_text(encoding="utf-8").startswith("/*! axe v4.14.1\n")


def test_a_sound_page_has_no_findings(browser: Browser) -> None:
    assert inspected(browser, "", "<p>Nothing is wrong here.</p>") == []


@pytest.mark.parametrize("rule", PLANTED)
def test_a_fault_is_found(browser: Browser, rule: str) -> None:
    found = inspected(browser, *PLANTED[rule])

    assert any(finding.startswith(f"light: {rule}:") for finding in found), found


def test_a_fault_of_the_dark_alone_is_found(browser: Browser) -> None:
    style = "@media (prefers-color-scheme: dark) {p {color: #444; background: #111}}"

    (found,) = inspected(browser, style, "<p>Gone at night</p>")

    assert found.startswith("dark: color-contrast:")


def inspected(browser: Browser, style: str, planted: str) -> list[str]:
    page = browser.new_page(viewport={"width": 320, "height": 640})
    page.set_content(SOUND.format(style=style, planted=planted))
    try:
        return axe.findings(page)
    finally:
        page.close()
