"""Keeping a photo of a certificate from elsewhere."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from creditable.credit.models import HeldCredit, Proof
from creditable.people.models import Person
from tests.factories import pictures
from tests.factories.credit import make_held
from tests.factories.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def credit(ana: Person) -> HeldCredit:
    return make_held(ana)


def page(credit: HeldCredit) -> str:
    return f"/account/credits/{credit.pk}/proof/"


def hand_in(browser: Client, credit: HeldCredit, content: bytes) -> Any:
    file = io.BytesIO(content)
    file.name = "certificate.jpg"
    return browser.post(page(credit), {"file": file})


def test_it_is_kept_shown_and_destroyed_at_ones_word(
    browser: Client, credit: HeldCredit, run_jobs: Callable[[], int]
) -> None:
    assert "Keep its certificate here" in browser.get("/account/credits/").content.decode()
    assert browser.get(f"{page(credit)}file/").status_code == 404
    assert hand_in(browser, credit, pictures.photo()).status_code == 302
    assert "Your certificate" in browser.get("/account/credits/").content.decode()
    assert "You have it here" in browser.get(page(credit)).content.decode()
    file = browser.get(f"{page(credit)}file/")
    assert file["Cache-Control"] == "no-store"
    assert file["Content-Disposition"].startswith("attachment")
    assert not Image.open(io.BytesIO(file.content)).getexif()
    browser.post(f"{page(credit)}remove/")
    run_jobs()
    assert not Proof.objects.exists()
    assert browser.get(f"{page(credit)}file/").status_code == 404


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7", "This is no photo"),
        (pictures.file()[:3000], "damaged"),
        (b"", "empty"),
        (b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), "larger than 10 MB"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field(
    browser: Client, credit: HeldCredit, content: bytes, words: str
) -> None:
    answer = hand_in(browser, credit, content)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Proof.objects.exists()


def test_a_form_without_a_file_is_asked_for_one(browser: Client, credit: HeldCredit) -> None:
    answer = browser.post(page(credit))
    assert answer.status_code == 422
    assert "Choose a photo or scan." in answer.content.decode()


def test_nobody_else_sees_it_or_takes_its_place(browser: Client, credit: HeldCredit) -> None:
    hand_in(browser, credit, pictures.file())
    other = Client()
    other.force_login(make_person(name="Bo Chen"))
    assert other.get(page(credit)).status_code == 404
    assert other.get(f"{page(credit)}file/").status_code == 404
    assert hand_in(other, credit, pictures.file()).status_code == 404
    assert other.post(f"{page(credit)}remove/").status_code == 404
    assert Proof.objects.count() == 1
