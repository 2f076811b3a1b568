"""What holds on every page of the shop, whatever its status."""

import re

import pytest
from django.test import Client

from tests.web.shop.stock import make_course

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]
PAGES = ["/", "/courses/", "/courses/grounding/", "/privacy/", "/contact/", "/no/such/page/"]


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_closed_to_foreign_code(client: Client, address: str) -> None:
    make_course()

    answer = client.get(address)

    allowed = answer["Content-Security-Policy"]
    assert "default-src 'none'" in allowed
    assert "unsafe" not in allowed
    assert "frame-ancestors 'none'" in allowed
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("address", PAGES)
def test_every_page_leads_to_contact_and_policy_and_past_its_navigation(
    client: Client, address: str
) -> None:
    make_course()

    page = client.get(address).content.decode()

    assert '<a href="/contact/">' in page
    assert '<a href="/privacy/">' in page
    assert '<a class="skip" href="#main">' in page
    assert page.count("<h1") == 1
    assert page.count("<main") == 1
    assert re.search(r"<title>\S.* \| Wirewright Academy</title>", page)


@pytest.mark.parametrize("address", PAGES)
def test_looking_around_leaves_no_cookie(client: Client, address: str) -> None:
    make_course()

    client.get(address)

    assert dict(client.cookies) == {}


@pytest.mark.parametrize("address", PAGES[:4])
def test_a_page_to_look_at_takes_no_other_method(client: Client, address: str) -> None:
    make_course()

    assert client.post(address, HTTP_SEC_FETCH_SITE="same-origin").status_code == 405
