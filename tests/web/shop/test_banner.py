"""A banner says that it is an advertisement, comes from here alone, and follows nobody."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import lxml.html
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from creditable.audit.clock import now
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.outreach import banners
from creditable.outreach.models import Banner
from tests.factories.outreach import PNG, png
from tests.factories.people import make_person
from tests.people.signing import sign_in_staff
from tests.promises import promise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]

BY = Actor.system("tests")
PAGES = ("/", "/courses/")


def told(**changed: Any) -> dict[str, Any]:
    today = now().date()
    return {
        "advertiser": "Tools & Co.",
        "says": "Everything for the trade",
        "address": "https://tools.example/spring?from=here",
        "begins": today,
        "ends": today + timedelta(days=5),
        "filename": "a.png",
        "picture": PNG,
        "by": BY,
        **changed,
    }


def aside(page: bytes) -> Any:
    (found,) = lxml.html.document_fromstring(page).xpath("//aside[contains(@class, 'banner')]")
    return found


@promise("C16")
@pytest.mark.parametrize("page", PAGES)
def test_a_banner_is_marked_and_its_link_gives_nothing_away(page: str) -> None:
    banner = banners.enter(**told())
    found = aside(Client().get(page).content)
    assert found.get("aria-label") == "Advertisement"
    assert found.xpath(".//p")[0].text_content() == "Advertisement"
    (link,) = found.iter("a")
    assert link.get("href") == banner.address
    assert link.get("referrerpolicy") == "no-referrer"
    assert {"external", "sponsored", "noreferrer", "noopener"} <= set(link.get("rel").split())
    assert "its own privacy policy applies" in found.text_content()
    (picture,) = found.iter("img")
    assert urlsplit(picture.get("src")).netloc == ""
    assert picture.get("alt") == "Tools & Co.: Everything for the trade"


@promise("C16")
@pytest.mark.parametrize("page", PAGES)
def test_all_that_a_page_with_a_banner_loads_comes_from_here(page: str) -> None:
    banners.enter(**told())
    answer = Client().get(page)
    tree = lxml.html.document_fromstring(answer.content)
    loaded = [*tree.xpath("//@src"), *tree.xpath("//@srcset"), *tree.xpath("//link/@href"),
              *tree.xpath("//iframe/@src"), *tree.xpath("//@ping")]  # fmt: skip
    assert loaded
    assert [place for place in loaded if urlsplit(place).netloc] == []
    assert "img-src 'self'" in answer["Content-Security-Policy"]


@promise("C16")
def test_nothing_notes_who_sees_a_banner() -> None:
    """Neither a cookie nor a row: looking at it writes nothing."""
    banner = banners.enter(**told())
    client = Client()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page, picture = client.get("/"), client.get(f"/banners/{banner.pk}/")
    assert picture.content == PNG
    assert "public" in picture["Cache-Control"]
    assert not client.cookies
    assert not picture.cookies
    assert page.status_code == 200
    written = [
        query["sql"] for query in asked if not query["sql"].lstrip("( ").startswith("SELECT")
    ]
    assert written == []


def test_everybody_sees_the_same_and_they_take_turns_by_days(
    move_clock: Callable[..., None],
) -> None:
    first, second = banners.enter(**told()), banners.enter(**told(advertiser="Books"))
    member = Client()
    member.force_login(make_person())
    (seen,) = aside(Client().get("/").content).iter("img")
    (same,) = aside(member.get("/").content).iter("img")
    assert seen.get("src") == same.get("src")
    today = banners.shown()
    move_clock(timedelta(days=1))
    assert {today, banners.shown()} == {first, second}


def test_it_is_shown_on_its_days_and_until_it_is_ended(move_clock: Callable[..., None]) -> None:
    today = now().date()
    banner = banners.enter(**told(begins=today + timedelta(days=1)))
    assert banners.shown() is None
    move_clock(timedelta(days=5))
    assert banners.shown() == banner
    move_clock(timedelta(days=1))
    assert banners.shown() is None
    banner = banners.enter(**told(begins=today, ends=today + timedelta(days=9)))
    assert banners.shown() == banner
    banners.end(banner_id=banner.pk, by=BY)
    assert b"Advertisement" not in Client().get("/").content
    assert Client().get(f"/banners/{banner.pk}/").status_code == 404
    with pytest.raises(Refused, match="ended already"):
        banners.end(banner_id=banner.pk, by=BY)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"address": "http://tools.example/"}, "address"),
        ({"address": "javascript:alert(1)"}, "address"),
        ({"address": "https://user:pass@tools.example/"}, "address"),
        ({"picture": b"<svg xmlns='http://www.w3.org/2000/svg'/>", "filename": "a.svg"}, "file"),
        ({"picture": b"no picture"}, "file"),
        ({"picture": png(1700, 10)}, "file"),
        ({"filename": "a.gif"}, "file"),
        ({"ends": now}, "ends"),
    ],
)
def test_what_cannot_be_shown_is_refused(changed: dict[str, Any], field: str) -> None:
    if changed.get("ends"):
        changed = {"ends": now().date() - timedelta(days=1)}
    with pytest.raises(Refused) as refused:
        banners.enter(**told(**changed))
    assert refused.value.field == field
    assert not Banner.objects.exists()


def test_the_office_enters_and_ends_one() -> None:
    client = Client()
    sign_in_staff(client, make_person(role="outreach"))
    sent = told(file=SimpleUploadedFile("a.png", PNG))
    for name in ("filename", "picture", "by"):
        del sent[name]
    assert client.post("/console/banners/", sent).status_code == 302
    banner = Banner.objects.get()
    assert "Tools &amp; Co." in client.get("/console/banners/").content.decode()
    client.post(f"/console/banners/{banner.pk}/end/")
    again = {"address": "ftp://x", "file": SimpleUploadedFile("a.png", PNG)}
    wrong = client.post("/console/banners/", sent | again)
    assert wrong.status_code == 422
    assert "begins with https://" in wrong.content.decode()
