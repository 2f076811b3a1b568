"""A transcript lists what was completed, says who vouches for it, and prints whatever was typed."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pypdf
import pytest
from django.test import Client

from creditable.credit import certificates
from creditable.credit.models import Certificate
from tests.credit.test_awards import license_of
from tests.factories.credit import BY, TEXAS, make_award, make_course, make_held
from tests.factories.people import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]


def words(client: Client) -> str:
    answer = client.get("/account/certificates/transcript.pdf")
    assert answer["Content-Type"] == "application/pdf"
    pages = pypdf.PdfReader(BytesIO(answer.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_it_lists_what_was_completed_here_and_elsewhere(
    client: Client, run_jobs: Callable[[], int]
) -> None:
    person = make_person(name="Dana Whitfield")
    license_of(person)
    make_award(person.pk, make_course(TEXAS))
    run_jobs()
    certificate = Certificate.objects.get()
    make_held(
        person,
        course_title="Grounding \u4e09 days",
        course_number="ELSE-7",
        completed_on=date(2026, 2, 3),
        minutes=100,
    )
    client.force_login(person)
    text = words(client)
    for said in (
        "Transcript",
        "Dana Whitfield",
        certificate.content["course_title"],
        certificate.serial,
        "2 hours",
        "Completed elsewhere",
        "We have not checked it",
        "Grounding ? days",
        "2026-02-03",
    ):
        assert said in text, said
    assert certificate.content["license_number"] not in text


def test_a_revoked_certificate_is_not_named_as_proof(
    client: Client, run_jobs: Callable[[], int]
) -> None:
    person = make_person(name="Dana Whitfield")
    license_of(person)
    make_award(person.pk, make_course(TEXAS))
    run_jobs()
    certificate = Certificate.objects.get()
    certificates.revoke(certificate=certificate, reason="Taken twice.", by=BY)
    client.force_login(person)
    text = words(client)
    assert certificate.serial not in text
    assert "certificate revoked" in text


def test_somebody_who_completed_nothing_gets_one_that_says_so(client: Client) -> None:
    client.force_login(make_person(name="Bo Lee"))
    assert "Nothing yet." in words(client)
