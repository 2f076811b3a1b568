"""The demo's own page."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.test import Client

from creditable.audit.clock import now
from creditable.ops.demo import demonstration
from creditable.ops.demonstration import providers, usual_port

pytestmark = pytest.mark.django_db

COOKIES = """
from django.conf import settings
print(settings.SESSION_COOKIE_NAME, settings.BASKET_COOKIE_NAME)
"""


def test_the_tour_names_everybody_and_leads_everywhere(client: Client) -> None:
    page = client.get("/demo/").content.decode()
    demo = demonstration()
    assert len(demo.people) >= 4
    for persona in demo.people:
        assert persona.name in page
        assert persona.email in page
    for address in ("/courses/", "/learn/", "/account/", "/console/", demo.inbox, demo.paypal):
        assert f'href="{address}' in page


def test_a_button_moves_the_clock(client: Client) -> None:
    before = now()
    answer = client.post("/demo/", {"span": "day"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.headers["Location"] == "/demo/"
    assert now() - before >= timedelta(days=1)


def test_a_span_that_is_no_button_moves_nothing(client: Client) -> None:
    before = now()
    answer = client.post("/demo/", {"span": "century"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 422
    assert "century" in answer.content.decode()
    assert now() - before < timedelta(hours=1)


def test_another_site_cannot_move_it() -> None:
    before = now()
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/demo/", {"span": "day"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert now() - before < timedelta(hours=1)


def test_each_provider_of_the_demo_can_be_named() -> None:
    assert "electric" in providers()


def test_all_providers_can_be_shown_side_by_side() -> None:
    first = [usual_port(name) for name in [*providers(), "somebody-else"]]
    taken = [port + step for port in first for step in range(6)]
    assert len(taken) >= 10
    assert len(set(taken)) == len(taken)


def test_demos_side_by_side_do_not_share_cookies() -> None:
    """Browsers send a cookie of localhost to every port of it."""
    names = [_cookies_of(usual_port(name)) for name in ("electric", "engineers")]
    assert not names[0] & names[1]
    assert [len(each) for each in names] == [2, 2]


def _cookies_of(port: int) -> set[str]:
    asked = subprocess.run(
        [sys.executable, "-c", COOKIES],
        env={
            **os.environ,
            "CREDITABLE_DEMO": "1",
            "CREDITABLE_BASE_URL": f"http://localhost:{port}",
            "DJANGO_SETTINGS_MODULE": "creditable.settings",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return set(asked.stdout.split())
