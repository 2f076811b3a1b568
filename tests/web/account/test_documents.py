"""Handing in an identity document, and seeing what becomes of it."""

import io
from collections.abc import Callable

import pytest
from django.test import Client
from PIL import Image

from creditable.people import documents
from creditable.people.models import IdentityDocument, License, Person
from tests.factories import pictures
from tests.factories.credit import BOARD, make_award, make_course
from tests.factories.people import make_license, make_person
from tests.promises import promise

pytestmark = pytest.mark.django_db
PAGE = "/account/documents/"


@pytest.fixture
def license(ana: Person) -> License:
    return make_license(ana, authority=BOARD, license_type="residential", number="R-10442")


def hand_in(browser: Client, license: License, content: bytes, name: str = "id.jpg") -> object:
    file = io.BytesIO(content)
    file.name = name
    return browser.post(f"{PAGE}{license.pk}/hand-in/", {"file": file})


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


@promise("A12")
def test_it_is_asked_for_only_where_an_authority_demands_it(browser: Client, ana: Person) -> None:
    other = make_license(ana, authority=BOARD, license_type="journeyman", number="J-20417")
    assert "Nobody wants one from you" in text(browser.get(PAGE))
    assert "Identity documents" not in text(browser.get("/account/licenses/"))
    answer = hand_in(browser, other, pictures.file())
    assert "we take none" in text(answer)
    assert not IdentityDocument.objects.exists()


@promise("A12")
def test_who_is_asked_is_told_why_and_hands_it_in(
    browser: Client, ana: Person, license: License
) -> None:
    assert "Identity documents" in text(browser.get("/account/licenses/"))
    page = text(browser.get(PAGE))
    assert "never seen their holders" in page
    assert "30 days" in page
    answer = hand_in(browser, license, pictures.photo())
    assert answer.status_code == 302  # type: ignore[attr-defined]
    document = IdentityDocument.objects.get(subject_id=ana.pk)
    plain = documents.KEYS.key(document.pk).decrypt(bytes(document.encrypted))
    kept = Image.open(io.BytesIO(plain))
    assert not kept.getexif()
    page = text(browser.get(PAGE))
    assert "Handed in" in page
    assert "Demo State Board ahead of the first report that is due, and to nobody else" in page


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "id.png", "This is no photo"),
        (b"<!doctype html><script>x</script>", "id.jpg", "This is no photo"),
        (pictures.file()[:3000], "id.jpg", "damaged"),
        (pictures.bomb(), "id.png", "too large"),
        (b"", "id.jpg", "empty"),
        (b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), "id.jpg", "larger than 10 MB"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field(
    browser: Client, license: License, content: bytes, name: str, words: str
) -> None:
    answer = hand_in(browser, license, content, name)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert words in text(answer)
    assert f'id="id_file_{license.pk}"' in text(answer)
    assert not IdentityDocument.objects.exists()


def test_nobody_elses_license_or_document_is_reached(license: License) -> None:
    other = Client()
    other.force_login(make_person(name="Bo Chen"))
    assert hand_in(other, license, pictures.file()).status_code == 404  # type: ignore[attr-defined]
    document = documents.hand_in(
        license=license,
        authority_name="Board",
        content=pictures.file(),
        by=license.subject.person.actor,
    )
    assert other.post(f"{PAGE}{document.pk}/withdraw/").status_code == 404
    document.refresh_from_db()
    assert document.end == ""


@promise("A12")
def test_each_look_is_shown_and_so_is_the_receipt(
    browser: Client, ana: Person, license: License, run_jobs: Callable[[], int]
) -> None:
    hand_in(browser, license, pictures.file())
    document = IdentityDocument.objects.get()
    assert "Nobody." in text(browser.get(PAGE))
    sam = make_person(name="Sam Office", role="reporting")
    documents.view(document=document, viewer=sam, by=sam.staff_actor)
    assert "Sam Office" in text(browser.get(PAGE))
    browser.post(f"{PAGE}{document.pk}/withdraw/")
    run_jobs()
    page = text(browser.get(PAGE))
    assert "You took it back." in page
    assert "with its key" in page
    assert "Sam Office" in page


def test_a_report_that_waits_for_it_says_so(
    browser: Client, ana: Person, license: License, run_jobs: Callable[[], int]
) -> None:
    make_award(ana.pk, make_course(BOARD))
    run_jobs()
    page = text(browser.get("/account/reports/"))
    assert "It waits for your identity document" in page
    assert PAGE in page
