"""What is true of every answer and of every page, for each role."""

from collections.abc import Callable
from urllib.parse import urlsplit

import lxml.html
import pytest
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from creditable import urls
from tests.journeys.visitor import said
from tests.promises import promise
from tests.web import midway
from tests.web.crawl import Seen
from tests.web.matrix import ROLES, rows

pytestmark = pytest.mark.django_db

Crawled = Callable[[str], list[Seen]]

PAYPAL = "{0.scheme}://{0.netloc}".format(urlsplit(settings.PAYPAL_CHECKOUT_URL))
CLOSED = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
PAYING = {**CLOSED, "form-action": ["'self'", PAYPAL]}
PAYS = {"shop:checkout", "shop:checkout_progress"}
"""The addresses whose forms may lead to PayPal."""
DRAWN = "default-src 'none'; style-src 'unsafe-inline'"
"""The policy of drawings: they may be styled, and may do nothing else."""
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
LEAD_ON = {
    "account:identity_received",
    "classroom:exam_start",
    "console:home",
    "mfa_index",
    "shop:checkout_return",
}
"""Addresses that only ever lead to another."""
MIDWAY = {
    "account:address_codes",
    "account:review",
    "account_change_password",
    "account_complete_password_reset",
    "account_confirm_login_code",
    "account_confirm_password_reset_code",
    "account_email_verification_sent",
    "account_reauthenticate",
    "classroom:completed",
    "classroom:evaluation",
    "classroom:result",
    "mfa_authenticate",
    "shop:checkout",
    "shop:checkout_cancel",
    "shop:checkout_progress",
}
"""Pages behind a step that the cast has not taken: `midway` comes to them."""
NOT_SET_UP = {"account:identity_back", "account:identity_leave"}
"""Pages of identity providers, of which this installation has none: account/test_identity.py."""


def planted(request: HttpRequest, status: int) -> HttpResponse:
    """Answers of which the real pages give none on demand."""
    match status:
        case 400:
            raise RequestDataTooBig
        case 500:
            raise RuntimeError
        case 503:
            raise OperationalError
    return HttpResponse(status=status)


urlpatterns = [*urls.urlpatterns, path("planted/<int:status>/", planted)]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


def opened(policy: str) -> dict[str, list[str]]:
    """What a policy of content security lets in."""
    parts = [part.split() for part in policy.split(";") if part.strip()]
    return {name: sources for name, *sources in parts}


def lets_in_too_much(headers: dict[str, str], *, pays: bool = False) -> list[str]:
    """What an answer with these headers says too little or too much."""
    wrong = [
        f"{name} is {headers.get(name)}" for name in ALWAYS if headers.get(name) != ALWAYS[name]
    ]
    policy = headers.get("Content-Security-Policy", "")
    if policy.startswith(DRAWN):
        if not headers["Content-Type"].startswith("image/svg+xml"):
            wrong.append("the policy is that of a drawing")
    elif opened(policy) not in ([CLOSED, PAYING] if pays else [CLOSED]):
        wrong.append(f"the policy is {policy!r}")
    return wrong


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_is_closed_to_foreign_code(crawled: Crawled, role: str) -> None:
    answers = crawled(role)

    wrong = [
        f"{seen}: {words}"
        for seen in answers
        for words in lets_in_too_much(seen.headers, pays=seen.name in PAYS)
    ]

    assert len(answers) > 150
    assert len({seen.status for seen in answers}) >= 5
    assert not wrong, "\n".join(wrong)


def test_the_checkouts_form_may_lead_to_paypal(crawled: Crawled) -> None:
    (form,) = (
        seen for seen in crawled("person") if (seen.name, seen.method) == ("shop:checkout", "POST")
    )

    assert form.is_page
    assert opened(form.headers["Content-Security-Policy"]) == PAYING


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("address", "method", "more", "status"),
    [
        ("/livez", "GET", {}, 200),
        ("/courses", "GET", {}, 301),
        ("/learn/", "GET", {}, 302),
        ("/", "GET", {"HTTP_HOST": "evil.test"}, 400),
        ("/planted/400/", "GET", {}, 400),
        ("/contact/", "POST", {"HTTP_SEC_FETCH_SITE": "cross-site"}, 403),
        ("/no/such/page/", "GET", {}, 404),
        ("/", "POST", {}, 405),
        ("/planted/413/", "GET", {}, 413),
        ("/contact/", "POST", {}, 422),
        ("/planted/429/", "GET", {}, 429),
        ("/planted/500/", "GET", {}, 500),
        ("/planted/503/", "GET", {}, 503),
    ],
)
def test_every_status_is_closed_to_foreign_code(
    policy: None, address: str, method: str, more: dict[str, str], status: int
) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)

    answer = client.generic(method, address, **more)

    assert answer.status_code == status
    assert lets_in_too_much(dict(answer.headers)) == []


@pytest.mark.parametrize(
    "fault",
    [
        {"Content-Security-Policy": ""},
        {"Content-Security-Policy": "default-src 'none'"},
        {"Content-Security-Policy": DRAWN},
        {"X-Frame-Options": "SAMEORIGIN"},
        {"Referrer-Policy": "unsafe-url"},
    ],
)
def test_an_open_answer_is_seen(client: Client, fault: dict[str, str]) -> None:
    sound = dict(client.get("/livez").headers)

    assert lets_in_too_much(sound) == []
    assert lets_in_too_much(sound | fault)


@promise("C18")
@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_whole_and_leads_to_customer_service(crawled: Crawled, role: str) -> None:
    pages = [seen for seen in crawled(role) if seen.is_page]

    wrong = [f"{seen}: {words}" for seen in pages for words in lacking(seen.body)]

    assert len(pages) > 20
    assert not wrong, "\n".join(wrong)


def lacking(page: bytes) -> list[str]:
    """What everybody looks for on a page and does not find on this one."""
    tree = lxml.html.document_fromstring(page)
    found = {
        "a link to customer service": any(
            said(link) == "Contact" for link in tree.xpath("//footer//a[@href='/contact/']")
        ),
        "a link to the policy": bool(tree.xpath("//footer//a[@href='/privacy/']")),
        "a way past the navigation": bool(tree.xpath("//body/a[1][@href='#main']")),
        "one content": len(tree.xpath("//main/descendant-or-self::*[@id='main']")) == 1,
        "one heading": len(tree.xpath("//h1")) == 1,
        "a title": bool(tree.xpath("//head/title[contains(., ' | ')]")),
        "a language": bool(tree.get("lang")),
    }
    return [f"{thing} is missing" for thing, there in found.items() if not there]


def test_a_page_that_leads_nowhere_is_seen(client: Client, policy: None) -> None:
    page = client.get("/").content

    assert lacking(page) == []
    assert lacking(page.replace(b'href="/contact/"', b'href="/"')) == [
        "a link to customer service is missing"
    ]


def test_every_address_with_a_page_is_among_them(crawled: Crawled) -> None:
    """An address that gives its page to none of the cast is a hole in every test of all pages."""
    looks = [seen for role in ROLES for seen in crawled(role) if seen.method == "GET"]
    answered = {seen.name for seen in looks if seen.status == 200}
    asked_for = {name for name, row in rows().items() if "GET" in row.methods}

    assert len(answered) > 50
    assert {seen.name for seen in crawled(midway.ROLE) if seen.status == 200} >= MIDWAY
    assert asked_for - answered - LEAD_ON - MIDWAY - NOT_SET_UP == set()
    assert asked_for >= LEAD_ON | MIDWAY | NOT_SET_UP
