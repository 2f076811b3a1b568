"""Every form of every role: what it asks for, and what it says about it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lxml.html
import pytest
import yaml

from creditable.disclosure import policies
from creditable.policy.contents import Policy
from tests.promises import promise
from tests.web import midway
from tests.web.crawl import Seen
from tests.web.matrix import ROLES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]

Crawled = Callable[[str], list[Seen]]

IMPERSONAL: dict[str, dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent / "forms.yaml").read_text(encoding="utf-8")
)
"""The fields that hold nothing about a person, by the page's address, each with its reason."""


ABOVE_ALL = "//*[@data-form][not(ancestor::form)]"
"""A notice that stands once for all the forms of a page."""
NUMBERED = re.compile(r"^(?:[0-9a-f-]{36}|\d+)-|-\d+$")
QUESTION = re.compile(r"^q\d+$")
"""The choice for a question on the sheet of an exam, which names it as the page does."""
ANSWERS = {"classroom:evaluation": "answer", "account:license_answers": "answer"}
"""Pages whose fields are named by a course or by rules, and as what they are declared."""


@dataclass(frozen=True)
class Asked:
    """A form of a page: the fields that it sends, and the policy's form whose notice it shows."""

    page: Seen
    fields: frozenset[str]
    notice: str

    def __str__(self) -> str:
        return f"{self.page}, the form with {sorted(self.fields)}"


def plain(name: str) -> str:
    """The name of a field without the number of its row or question."""
    return NUMBERED.sub("", QUESTION.sub("choice", name))


def forms(page: Seen) -> Iterator[Asked]:
    tree = lxml.html.document_fromstring(page.body)
    for form in tree.iter("form"):
        inputs = form.xpath(".//input | .//select | .//textarea | .//button")
        if form.get("id"):
            inputs += tree.xpath(f"//*[@form='{form.get('id')}']")
        names = frozenset(plain(field.get("name")) for field in inputs if field.get("name"))
        notices = form.xpath(".//*[@data-form]") or tree.xpath(ABOVE_ALL)
        yield Asked(page, names, notices[0].get("data-form") if notices else "")


def wrong(asked: Asked, policy: Policy) -> list[str]:
    """What is asked for and not said."""
    impersonal = IMPERSONAL["everywhere"] | IMPERSONAL.get(asked.page.name, {})
    personal = asked.fields - set(impersonal)
    if personal and asked.page.name in ANSWERS:
        personal = frozenset({ANSWERS[asked.page.name]})
    declared = policy.forms[asked.notice].fields if asked.notice else {}
    said = [f"{asked}: the policy does not declare {name}" for name in personal - set(declared)]
    if personal and not asked.notice:
        said.append(f"{asked}: no notice")
    tree: Any = lxml.html.document_fromstring(asked.page.body)
    if not tree.xpath("//a[starts-with(@href, '/privacy/')]"):
        said.append(f"{asked}: no link to the policy")
    return said


def everything(crawled: Crawled) -> list[Asked]:
    pages = [seen for role in (*ROLES, midway.ROLE) for seen in crawled(role) if seen.is_page]
    return [asked for page in pages for asked in forms(page)]


@promise("C3")
def test_every_form_says_what_for_and_the_policy_declares_what_it_asks(crawled: Crawled) -> None:
    policy, found = policies.current(), everything(crawled)

    faults = sorted({fault for asked in found for fault in wrong(asked, policy)})

    assert len(found) > 100
    assert not faults, "\n".join(faults)
    assert {asked.notice for asked in found if asked.notice} == set(policy.forms)


def test_what_is_called_impersonal_is_asked_somewhere(crawled: Crawled) -> None:
    """A list of exceptions does not outlive its forms."""
    found = everything(crawled)
    for name, fields in IMPERSONAL.items():
        asked = {
            field
            for form in found
            if name in {"everywhere", form.page.name}
            for field in form.fields
        }
        assert set(fields) - asked == set(), name


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        (b'name="phone"', b'name="birthday"', "does not declare birthday"),
        (b"data-form", b"data-moved", "no notice"),
        (b'href="/privacy/', b'href="/elsewhere/', "no link to the policy"),
    ],
)
def test_a_form_that_says_too_little_is_seen(
    crawled: Crawled, before: bytes, after: bytes, fault: str
) -> None:
    page = next(
        seen for seen in crawled("person") if (seen.name, seen.status) == ("account:profile", 200)
    )
    policy = policies.current()
    spoiled = Seen(**vars(page) | {"body": page.body.replace(before, after)})

    assert [said for asked in forms(page) for said in wrong(asked, policy)] == []
    assert any(fault in said for asked in forms(spoiled) for said in wrong(asked, policy))
