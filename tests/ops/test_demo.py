"""The demo's own page."""

from datetime import timedelta

import pytest
from django.test import Client

from creditable.audit.clock import now
from creditable.ops.demo import demonstration
from creditable.ops.demonstration import providers

pytestmark = pytest.mark.django_db


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
