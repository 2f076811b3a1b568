import html
import re
from typing import Any

import pytest
from django.test import Client

from creditable.policy import notice
from tests.promises import promise

pytestmark = pytest.mark.django_db


def test_the_page_is_the_policy_that_the_program_obeys(client: Client, policy: Any) -> None:
    page = client.get("/privacy/").content.decode()

    sections = notice.sections(policy)
    clauses = [clause for section in sections for clause in section.paragraphs]
    assert len(clauses) > 20
    for place in (*sections, *clauses):
        assert f'id="{place.anchor}"' in page
    page = re.sub(r'<span class="visually-hidden">[^<]*</span>', "", page)  # of links elsewhere
    text = re.sub(r"<[^>]+>", "", page).replace("&nbsp;", " ").replace("&#x27;", "'")
    for clause in clauses:
        assert clause.text.replace('"', "&quot;") in text
    assert policy.sha256 in page
    assert f"Version {policy.version}" in page


@promise("B14")
def test_the_page_says_where_everything_lies_and_for_how_long(client: Client, policy: Any) -> None:
    page = client.get("/privacy/").content.decode()

    cells = [html.unescape(cell) for cell in re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", page)]
    for region in policy.regions.values():
        assert region in cells
    for store in policy.stores.values():
        assert cells.count(store.label) == len(store.keeps)
    for kept in policy.retention.values():
        place = cells.index(kept.label[0].upper() + kept.label[1:])
        assert policy.regions["texas"] in cells[place : place + 5]
        assert kept.time in cells[place + 1]
    assert "PayPal" in cells


def test_no_anchor_stands_twice(client: Client, policy: Any) -> None:
    anchors = re.findall(r'\sid="([^"]+)"', client.get("/privacy/").content.decode())

    assert len(anchors) == len(set(anchors))
