"""Whoever has a certificate's number may check it, without account or cookie."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from creditable.credit import certificates
from creditable.credit.models import Certificate
from creditable.disclosure import ledger
from tests.credit.test_awards import license_of
from tests.factories.credit import BY, TEXAS, make_award, make_course
from tests.factories.people import make_person
from tests.promises import promise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]


@pytest.fixture
def certificate() -> Certificate:
    person = make_person(name="Dana Whitfield", email="dana@example.com")
    license_of(person)
    (award,) = make_award(person.pk, make_course(TEXAS))
    return certificates.issue(award_id=award.pk, by=BY)


@promise("A1")
def test_the_check_needs_no_account_and_sets_no_cookie(
    client: Client, certificate: Certificate
) -> None:
    page = client.get(f"/verify/{certificate.serial}/")
    assert "Dana Whitfield" in page.content.decode()
    assert "Electrical safety on the job" in page.content.decode()
    assert not client.cookies
    assert not client.get("/verify/").cookies


def test_it_shows_neither_license_number_nor_address(
    client: Client, certificate: Certificate
) -> None:
    page = client.get(f"/verify/{certificate.serial}/").content.decode()
    assert "0123456" not in page
    assert "dana@example.com" not in page


def test_the_number_may_be_typed_in_any_way(client: Client, certificate: Certificate) -> None:
    there = f"/verify/{certificate.serial}/"
    typed = certificate.serial.lower().replace("-", " ")
    assert client.get("/verify/", {"serial": typed})["Location"] == there
    assert client.get(f"/verify/{certificate.serial.lower()}/")["Location"] == there


@pytest.mark.parametrize("serial", ["nonsense", "00000-00000-00000-00000-000000", "%00", "x" * 500])
def test_unknown_numbers_are_told_apart_from_certificates(client: Client, serial: str) -> None:
    answer = client.get(f"/verify/{serial}/")
    assert answer.status_code == 404
    assert "No certificate of ours has this number" in answer.content.decode()


@pytest.mark.parametrize("typed", ["", "short", "\0", "é" * 26])
def test_a_number_that_cannot_be_one_is_said_at_its_field(client: Client, typed: str) -> None:
    answer = client.get("/verify/", {"serial": typed})
    assert answer.status_code == 422
    assert "aria-invalid" in answer.content.decode()


def test_the_holder_reads_that_somebody_checked(client: Client, certificate: Certificate) -> None:
    client.get(f"/verify/{certificate.serial}/")
    checked = [
        line
        for line in ledger.of(certificate.award.subject_id)
        if line.recipient == "public_verifier"
    ]
    assert len(checked) == 1
    assert "number" in checked[0].sentence


def test_the_file_itself_is_accepted_and_an_altered_one_is_not(
    client: Client, certificate: Certificate
) -> None:
    pdf = bytes(certificate.pdf)
    altered = pdf.replace(b"Whitfield", b"Whitfeeld") + b" "
    for content, words in ((pdf, "The file is genuine"), (altered, "is not the one we issued")):
        upload = SimpleUploadedFile("c.pdf", content, "application/pdf")
        answer = client.post(f"/verify/{certificate.serial}/", {"file": upload})
        assert words in answer.content.decode()


def test_no_file_an_empty_one_and_a_huge_one_are_refused(
    client: Client, certificate: Certificate
) -> None:
    for content in (None, b"", b"x" * 1_000_001):
        sent = {"file": SimpleUploadedFile("c.pdf", content)} if content is not None else {}
        answer = client.post(f"/verify/{certificate.serial}/", sent)
        assert answer.status_code == 422
