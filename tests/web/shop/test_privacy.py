import re
from typing import Any

import pytest
from django.test import Client

from creditable.policy import notice

pytestmark = pytest.mark.django_db


def test_the_page_is_the_policy_that_the_program_obeys(client: Client, policy: Any) -> None:
    page = client.get("/privacy/").content.decode()

    sections = notice.sections(policy)
    clauses = [clause for section in sections for clause in section.paragraphs]
    assert len(clauses) > 20
    for place in (*sections, *clauses):
        assert f'id="{place.anchor}"' in page
    text = re.sub(r"<[^>]+>", "", page).replace("&nbsp;", " ").replace("&#x27;", "'")
    for clause in clauses:
        assert clause.text.replace('"', "&quot;") in text
    assert policy.sha256 in page
    assert f"Version {policy.version}" in page


def test_no_anchor_stands_twice(client: Client, policy: Any) -> None:
    anchors = re.findall(r'\sid="([^"]+)"', client.get("/privacy/").content.decode())

    assert len(anchors) == len(set(anchors))
