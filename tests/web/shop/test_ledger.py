"""The public page of the ledger's roots."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from creditable.disclosure import seals
from creditable.disclosure.models import ReleaseEvent

pytestmark = pytest.mark.django_db

PAGE = "/privacy/ledger/"


def test_before_the_first_seal_the_page_says_so() -> None:
    page = Client().get(PAGE).content.decode()
    assert "Nothing is sealed yet" in page
    assert seals.public_key().hex() in page


def test_everybody_reads_the_newest_roots_as_they_were_published() -> None:
    made = []
    for _ in range(3):
        ReleaseEvent.objects.create(batch=uuid4(), status="sent")
        made += seals.seal()
    page = Client().get(PAGE).content.decode()
    lines = [seals.line(one) for one in made]
    assert all(line in page for line in lines)
    assert [page.index(line) for line in lines] == sorted(page.index(line) for line in lines)


def test_the_page_shows_so_many_and_takes_one_query(django_assert_num_queries: Any) -> None:
    for _ in range(25):
        ReleaseEvent.objects.create(batch=uuid4(), status="sent")
        seals.seal()
    Client().get(PAGE)
    with django_assert_num_queries(1):
        answer = Client().get(PAGE)
    assert len(answer.context["seals"]) == 20


def test_the_policy_leads_to_the_ledger(policy: Any) -> None:
    assert f'href="{PAGE}"' in Client().get("/privacy/").content.decode()
