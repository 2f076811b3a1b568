"""Every page in another language: one in which each sentence stands in ⟦brackets⟧."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import lxml.html
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.template.autoreload import reset_loaders
from django.test import Client
from django.urls import reverse

from creditable.mail import rendering
from creditable.ops import messages
from creditable.store import refund_rule
from tests.factories.people import make_person
from tests.web.crawl import Seen, crawl
from tests.web.matrix import World

pytestmark = pytest.mark.django_db

LANGUAGE = "en-xx"
READ = " | ".join(
    f"//{tag}"
    for tag in ("h1", "h2", "h3", "h4", "label", "legend", "button", "summary", "dt", "th")
)
WORD = re.compile("[A-Za-z]{2}")
THEIR_OWN = {
    *("shop:privacy", "shop:policy_version", "console:policy_draft", "console:contracts"),
    *("console:matter", "console:matter_open", "console:campaign_new", "console:campaign_edit"),
    *("account:choices", "choices:by_link", "console:choices", "console:components"),
}
"""The policy's own words, and the names of files."""
DATA = re.compile(
    r"Continuing education for people .*|Electrical safety on the job|Google|Facebook"
    r"|Two lessons and an exam|Ladders and lifts near power"
    r"|(Lesson|Objective) \d|Practice|All of it|Up and down again|(\d+\. )?What is \d and one\?"
    r"|\d, the right one|nothing|Code update"
    r"|Lifts and lines|Set it up and climb it|The right ladder"
    r"|I can do objective \d\.|The instructor was clear\.|The pace was|What should we change\?"
    r"|slow|right|fast|[Jj]ourneyman( Electrician)?|Residential Wireman"
    r"|Demo State Board of Electricians|(, )?Ana Diaz"
    r"|[a-z0-9]+(-[a-z0-9]+)+"
    r"|Whether you are enrolled in a department-registered apprenticeship program"
    r"|New courses|Tools & Co\.|Ivy"
    r"|(Yourself|PayPal|Courts and police|The Demo State Board of Electricians)( .*)?"
    r"|(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+"
    r"|CR-\d+|R\d+-\w+|INV-\d+|[\w-]+@[\w.]+|[A-Z0-9-]{12,}"
)
"""What rows and provider say on these pages: titles, names, questions, numbers."""
KNOWN = {
    "visitor": {"shop:home", "shop:catalog", "shop:course", "account_login", "shop:contact"},
    "person": {"classroom:courses", "classroom:course", "classroom:lesson", "account:profile"},
    "staff": {"console:home", "console:person", "console:order", "console:reports"},
}
TOLD = re.compile("⟦[^⟦⟧]*⟧")


def bracketed() -> Catalog:
    """Everything that was collected, translated into itself with brackets around it."""
    catalog = Catalog(locale="en")
    for message in messages.collect():
        if message.id:
            texts = message.id if isinstance(message.id, tuple) else (message.id,)
            told = tuple(f"⟦{text}⟧" for text in texts)
            string = told if isinstance(message.id, tuple) else told[0]
            catalog.add(message.id, string=string, context=message.context)
    return catalog


@pytest.fixture
def abroad(settings: Any, tmp_path: Path) -> Iterator[None]:
    folder = tmp_path / "en_XX" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as compiled:
        write_mo(compiled, bracketed())
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGE_CODE = LANGUAGE
    reset_loaders()  # a template is read in the language of the installation
    yield
    reset_loaders()


def left(text: str) -> str:
    """What of a text stands outside all brackets."""
    while TOLD.search(text):
        text = TOLD.sub("", text)
    return " ".join(text.split())


def english(page: Seen) -> list[str]:
    """The headings, labels and buttons of a page that nobody translated, but for data."""
    tree = lxml.html.fromstring(page.body)
    for machine in tree.xpath("//time | //code | //svg | //template"):
        machine.drop_tree()
    texts = (left(str(element.text_content())) for element in tree.xpath(READ))
    return [text for text in texts if WORD.search(text) and not DATA.fullmatch(text)]


def pages(seen: list[Seen]) -> dict[str, Seen]:
    return {page.name: page for page in seen if page.is_page and page.name not in THEIR_OWN}


@pytest.mark.parametrize(("role", "known"), KNOWN.items())
def test_every_heading_label_and_button_is_told_in_the_language_of_the_provider(
    abroad: None, impatient: None, world: World, role: str, known: set[str]
) -> None:
    seen = crawl(world, role)
    assert known <= pages(seen).keys()
    for page in seen:
        if page.is_page and page.name not in THEIR_OWN:
            assert english(page) == [], page
            assert f'<html lang="{LANGUAGE}">'.encode() in page.body
            assert "⟦".encode() in page.body


def test_a_refused_form_says_why(abroad: None, policy: None) -> None:
    client = Client()
    client.force_login(make_person())
    answer = client.post(reverse("account:license_add"), {"asked_about": "?"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "⟦Choose your license.⟧" in page
    assert "⟦Enter the number as it stands on the license.⟧" in page


def test_rules_and_letters_speak_it_too(abroad: None) -> None:
    facts = refund_rule.Facts(days=40)
    says = refund_rule.judge(refund_rule.Terms("", days=30), facts, reason="changed_mind").says
    assert says == "⟦It was paid 40 days ago. The refund rule returns money for 30.⟧"
    values = {"name": "Ana", "code": "482913", "email": "ana@example.com"}
    letter = rendering.render(
        "people.sign_in_code", values, "key", subject_id=uuid4(), choice="", secret=True
    )
    assert letter.subject == "⟦482913 is your sign-in code⟧"


def test_without_a_translation_it_is_english(settings: Any, tmp_path: Path, policy: None) -> None:
    settings.LOCALE_PATHS = [tmp_path]
    assert "⟦" not in Client().get("/account/login/").content.decode()
