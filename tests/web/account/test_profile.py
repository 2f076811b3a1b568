"""The profile page shows what we know and takes corrections."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from creditable.mail import addresses
from creditable.people.models import Person
from creditable.web.account.profile import Profile
from creditable.web.shop.checkout import BillingForm
from creditable.web.shop.contact import Message
from tests.promises import promise

pytestmark = pytest.mark.django_db

PAGE = "/account/"
TOLD = {
    "name": "Ana Díaz",
    "phone": "214 555 0143",
    "street": "12 Elm Street",
    "city": "Plano",
    "state": "TX",
    "postal_code": "75001",
    "shipping_street": "9 Yard Road",
    "shipping_city": "Waco",
    "shipping_state": "TX",
    "shipping_postal_code": "76701",
}
STRANGE = json.loads((Path(__file__).parent / "strange_input.json").read_text(encoding="utf-8"))


@promise("A2", "C7", "C13")
def test_what_was_told_is_shown_and_kept(browser: Client, ana: Person) -> None:
    assert browser.post(PAGE, TOLD).headers["Location"] == PAGE
    page = browser.get(PAGE)
    assert "Your profile is saved." in page.content.decode()
    assert {field: page.context["form"][field].value() for field in TOLD} == TOLD
    kept = Person.objects.get(pk=ana.pk)
    assert {field: getattr(kept, field) for field in TOLD} == TOLD
    assert ana.email in page.content.decode()


def test_all_that_is_wrong_is_said_at_once(browser: Client, ana: Person) -> None:
    wrong = {"name": "", "phone": "12", "postal_code": "xx", "shipping_city": ""}
    answer = browser.post(PAGE, TOLD | wrong)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == set(wrong)
    assert Person.objects.get(pk=ana.pk).phone != "12"


@promise("C7")
def test_no_form_of_the_site_requires_a_phone_number(browser: Client) -> None:
    told = {**TOLD, "phone": ""}
    assert browser.post(PAGE, told).headers["Location"] == PAGE
    for form in (Profile, BillingForm, Message):
        phone = form.base_fields.get("phone")
        assert phone is None or not phone.required


def test_the_page_says_what_the_data_is_for(browser: Client) -> None:
    page = browser.get(PAGE).content.decode()
    assert "form-notice" in page
    assert "/privacy/" in page


@promise("C6")
@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("phone", "call me"),
        ("state", "ZZ"),
        ("postal_code", "7500"),
        ("city", "x" * 81),
    ],
)
def test_a_form_remembers_what_was_typed(browser: Client, field: str, typed: str) -> None:
    told = {**TOLD, field: typed}
    answer = browser.post(PAGE, told)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert {name: form[name].value() for name in told} == told
    assert f'id="id_{field}_error"' in answer.content.decode()


def test_strange_input_is_kept_or_refused_at_its_field_and_never_breaks(
    browser: Client, ana: Person
) -> None:
    kept, refused = 0, 0
    for text in STRANGE:
        answer: Any = browser.post(PAGE, {"name": "Ana", "street": text, "city": text})
        if answer.status_code == 422:
            assert answer.context["form"].errors, text
            refused += 1
        else:
            assert answer.status_code == 302, text
            kept += 1
        page = answer.content.decode() or browser.get(PAGE).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert kept > 30
    assert refused > 5


def test_a_strange_name_is_never_printed_on_a_certificate(browser: Client, ana: Person) -> None:
    for text in STRANGE:
        browser.post(PAGE, {**TOLD, "name": text})
        name = Person.objects.values_list("name", flat=True).get(pk=ana.pk)
        assert name.isprintable()
        assert not set(name) & set('<>{}$%=\\"')


def test_another_person_never_sees_it(browser: Client, ana: Person) -> None:
    browser.post(PAGE, TOLD)
    answer = Client().get(PAGE)
    assert answer.headers["Location"] == "/account/login/?next=/account/"


def test_who_our_mail_does_not_reach_is_told(browser: Client, ana: Person) -> None:
    said = "Our mail does not reach you"
    assert said not in browser.get(PAGE).content.decode()
    addresses.mark_dead(subject_id=ana.pk, address=ana.email, status="5.1.1")
    assert said in browser.get(PAGE).content.decode()
    addresses.clear(subject_id=ana.pk, address=ana.email)
    assert said not in browser.get(PAGE).content.decode()
