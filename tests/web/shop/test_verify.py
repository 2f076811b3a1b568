"""Whoever has a certificate's number may check it, without account or cookie."""

import random
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from creditable.credit import certificates, document, inspection
from creditable.credit.models import Certificate
from creditable.disclosure import ledger
from tests.credit import tampering
from tests.credit.test_awards import license_of
from tests.credit.test_document import CERTIFICATE
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


def hand_in(client: Client, content: bytes | None, **more: str) -> tuple[int, str]:
    sent = {} if content is None else {"file": SimpleUploadedFile("c.pdf", content)}
    answer = client.post("/verify/", {**sent, **more})
    return answer.status_code, " ".join(answer.content.decode().split())


def test_the_file_itself_is_recognized_without_being_read(
    client: Client, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "inspect", None)
    status, page = hand_in(client, bytes(certificate.pdf))
    assert status == 200
    assert "The file is genuine" in page
    assert "Dana Whitfield" in page
    assert not client.cookies


def test_what_was_altered_is_named_beside_what_we_issued(
    client: Client, certificate: Certificate
) -> None:
    altered = tampering.name_of_the_same_length(bytes(certificate.pdf))
    status, page = hand_in(client, altered)
    assert status == 200
    assert "This file was altered" in page
    assert (
        "the file reads “aDna Whitfield”, the certificate we issued says “Dana Whitfield”" in page
    )
    assert "written anew by another program" in page
    assert not client.cookies


def test_what_the_check_page_does_not_show_is_not_shown_by_an_altered_file(
    client: Client, certificate: Certificate
) -> None:
    forged = document.render(
        replace(
            certificates.describe(
                certificate.award,
                serial=certificate.serial,
                at=certificate.issued_at,
                holder_name="Dana Whitfield",
                license_number="555",
            ),
            holder_name="Dora Whitfield",
        )
    )
    _, page = hand_in(client, forged)
    assert "Journeyman Electrician, license 555" in page
    assert "which is not what we issued" in page
    assert "0123456" not in page
    assert "“Dana Whitfield”" in page


def test_a_file_of_a_replaced_and_of_a_revoked_certificate_says_so(
    client: Client, certificate: Certificate
) -> None:
    new = certificates.correct(
        certificate=certificate, holder_name="Dana R. W", license_number="1", reason="x", by=BY
    )
    _, old = hand_in(client, bytes(certificate.pdf))
    assert "The file is genuine" in old
    assert "This certificate was replaced" in old
    assert new.serial in old
    certificates.revoke(certificate=new, reason="Kept from strangers.", by=BY)
    _, revoked = hand_in(client, bytes(new.pdf))
    assert "This certificate is revoked" in revoked
    page = client.get(f"/verify/{new.serial}/").content.decode()
    assert "This certificate is revoked" in page
    assert "Kept from strangers" not in revoked + page


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda pdf: b"\x89PNG", "It is no PDF."),
        (tampering.locked, "locked with a password"),
        (lambda pdf: b"%PDF-1.7 nonsense", "It is damaged"),
        (lambda pdf: document.render(CERTIFICATE), "This file is not one of ours"),
        (tampering.cut_off, "40 bytes are missing at its end"),
    ],
)
def test_every_other_file_gets_a_clear_answer(
    client: Client, certificate: Certificate, make: Callable[[bytes], bytes], words: str
) -> None:
    status, page = hand_in(client, make(bytes(certificate.pdf)))
    assert status == 200
    assert words in page


def test_a_file_without_its_number_is_compared_with_the_page_it_was_handed_in_at(
    client: Client, certificate: Certificate
) -> None:
    status, page = hand_in(client, b"%PDF-1.7 nonsense", serial=certificate.serial)
    assert status == 200
    assert "This file was altered" in page
    assert certificate.serial in page


def test_no_file_an_empty_one_and_a_huge_one_are_refused_at_the_field(client: Client) -> None:
    for content in (None, b"", b"%PDF-" + b"x" * (5 * 1024 * 1024)):
        status, page = hand_in(client, content)
        assert status == 422
        assert 'id="id_file_error"' in page
        assert "Please look at this again." in page
        assert "What you typed is still here" not in page


def test_what_a_file_or_an_address_says_is_quoted_without_what_cannot_be_read(
    client: Client, certificate: Certificate
) -> None:
    with pikepdf.open(BytesIO(bytes(certificate.pdf))) as pdf:
        pdf.docinfo["/Title"] = "Mine\u202e\x1b[31m\x07 now"
        altered = BytesIO()
        pdf.save(altered)
    _, page = hand_in(client, altered.getvalue())
    assert "“Mine [31m now”" in page
    unknown = client.get("/verify/%1B%5B31mABC%E2%80%AEDEF/").content.decode()
    assert "[31mABC DEF" in unknown
    for hidden in ("\u202e", "\x1b", "\x07"):
        assert hidden not in page + unknown


def test_random_damage_never_fails_and_never_passes(
    client: Client, certificate: Certificate, settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    pdf, chance = bytes(certificate.pdf), random.Random(20261229)
    for _ in range(6):
        damaged = bytearray(pdf)
        damaged[chance.randrange(len(pdf))] ^= 1 << chance.randrange(8)
        status, page = hand_in(client, bytes(damaged))
        assert status == 200
        assert "This file was altered" in page or "cannot read this file" in page
        assert "genuine" not in page


def test_a_check_of_the_file_is_one_line_in_the_holders_ledger(
    client: Client, certificate: Certificate
) -> None:
    hand_in(client, bytes(certificate.pdf))
    hand_in(client, tampering.bytes_appended(bytes(certificate.pdf)))
    client.get(f"/verify/{certificate.serial}/")
    lines = ledger.of(certificate.award.subject_id)
    assert [line.recipient for line in lines].count("public_verifier") == 1


def test_files_that_must_be_read_are_counted_and_genuine_ones_are_not(
    client: Client, certificate: Certificate
) -> None:
    statuses = [hand_in(client, b"no certificate")[0] for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    assert hand_in(client, bytes(certificate.pdf))[0] == 200


def test_a_form_of_another_site_is_refused(client: Client) -> None:
    answer = Client(enforce_csrf_checks=True).post(
        "/verify/",
        {"file": SimpleUploadedFile("c.pdf", b"%PDF-")},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


def test_a_second_look_of_the_day_costs_three_queries(
    client: Client, certificate: Certificate
) -> None:
    client.get(f"/verify/{certificate.serial}/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/verify/{certificate.serial}/").status_code == 200
    assert len(queries) <= 3
