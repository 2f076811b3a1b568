"""Whatever leads to another site says so, on every page of every role."""

from collections.abc import Callable
from urllib.parse import urlsplit

import lxml.html
import pytest
from django.conf import settings

from creditable.web.ui.external import marked
from tests.promises import promise
from tests.web import midway
from tests.web.crawl import Seen
from tests.web.matrix import ROLES

pytestmark = pytest.mark.django_db

Crawled = Callable[[str], list[Seen]]

WORDS = "(leads to another site: its own privacy policy applies)"
LINKED_FROM = {"shop:course", "shop:privacy", "classroom:lesson", "shop:checkout_progress"}
"""Pages that are known to lead to others."""
OURS = urlsplit(settings.BASE_URL).netloc


def leading_out(page: bytes) -> list[lxml.html.HtmlElement]:
    """The links of a page whose address is on another site."""
    links = lxml.html.document_fromstring(page).iter("a", "area")
    return [link for link in links if urlsplit(link.get("href", "")).netloc not in {"", OURS}]


def unmarked(page: bytes) -> list[str]:
    """The addresses of those that do not say so, to eyes and to ears."""
    return [
        link.get("href")
        for link in leading_out(page)
        if WORDS not in " ".join(link.text_content().split())
        or not link.xpath(".//*[@class='external']/*[local-name()='svg'][@aria-hidden='true']")
        or "external" not in link.get("rel", "").split()
    ]


@promise("A31")
def test_every_link_to_another_site_says_so(crawled: Crawled) -> None:
    pages = [seen for role in (*ROLES, midway.ROLE) for seen in crawled(role) if seen.is_page]

    wrong = [f"{page}: {address}" for page in pages for address in unmarked(page.body)]

    assert len(pages) > 150
    assert {page.name for page in pages if leading_out(page.body)} >= LINKED_FROM
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "planted",
    [
        b'<a href="https://example.org/">Code</a>',
        b'<a href="//example.org/">Code</a>',
        b'<a href="https://example.org/" rel="external">Code</a>',
        b'<a href="http://testserver.example.org/">Code (leads to another site)</a>',
    ],
)
def test_one_that_does_not_say_so_is_seen(crawled: Crawled, planted: bytes) -> None:
    page = next(seen.body for seen in crawled("visitor") if seen.name == "shop:home")

    assert unmarked(page) == []
    assert len(unmarked(page.replace(b"</main>", planted + b"</main>"))) == 1


def test_links_within_the_site_stay_as_they_are() -> None:
    text = (
        f'<p><a href="/privacy/">Policy</a> <a href="{settings.BASE_URL}/courses/">Courses</a> '
        '<a href="#b2">Below</a> <a href="mailto:ana@example.com">Ana</a></p>'
    )

    assert marked(text) == text


def test_a_link_keeps_its_words_and_its_title() -> None:
    text = (
        '<a title="The code" href="https://a.example/?x=1&amp;y=2" rel="nofollow">A <em>b</em></a>.'
    )

    (link,) = lxml.html.fromstring(f"<p>{marked(text)}</p>").iter("a")

    assert link.get("href") == "https://a.example/?x=1&y=2"
    assert (link.get("title"), link.get("rel")) == ("The code", "external")
    assert link.text_content().startswith(f"A b {WORDS}")
