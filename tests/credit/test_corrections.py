"""A certificate is corrected by a successor and revoked by a row; what was issued never changes."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from creditable.audit.clock import now
from creditable.audit.models import Event
from creditable.credit import certificates, reports
from creditable.credit.certificates import State
from creditable.credit.models import Award, Certificate, Revocation
from creditable.lib import ids
from creditable.lib.actor import Actor
from creditable.lib.dates import local_date
from creditable.lib.refusal import Refused
from creditable.mail.models import Message
from creditable.people.models import Person
from tests.credit.test_awards import license_of
from tests.factories.credit import BY, TEXAS, make_award, make_course
from tests.factories.people import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]
CLERK = Actor.system("clerk")
VERIFIER = Actor.outside("verifier")


@pytest.fixture
def person() -> Person:
    return make_person(name="Dana Whitfield")


@pytest.fixture
def award(person: Person) -> Award:
    license_of(person)
    (award,) = make_award(person.pk, make_course(TEXAS))
    return award


@pytest.fixture
def issued(award: Award) -> Certificate:
    return certificates.issue(award_id=award.pk, by=BY)


def correct(certificate: Certificate, **told: str) -> Certificate:
    said = {
        "holder_name": "Dana R. Whitfield",
        "license_number": certificate.content["license_number"],
        "reason": "The middle initial was missing.",
    }
    return certificates.correct(certificate=certificate, by=CLERK, **{**said, **told})


def state(certificate: Certificate) -> str:
    return certificates.editions(pk=certificate.pk).get().state


def test_the_successor_is_signed_anew_and_the_old_one_stays_as_it_was(issued: Certificate) -> None:
    before = Certificate.objects.values().get(pk=issued.pk)
    new = correct(issued, license_number=" tx-777 ")
    assert Certificate.objects.values().get(pk=issued.pk) == before
    assert (new.edition, new.reason) == (2, "The middle initial was missing.")
    assert new.serial != issued.serial
    assert new.content["holder_name"] == "Dana R. Whitfield"
    assert new.content["license_line"] == "Journeyman Electrician, license TX-777"
    assert (state(issued), state(new)) == (State.REPLACED, State.GENUINE)
    assert certificates.editions(pk=issued.pk).get().replaced_by == new.serial


def test_the_holder_is_told_and_the_trail_names_the_fields_but_no_value(
    issued: Certificate, person: Person
) -> None:
    new = correct(issued)
    mail = Message.objects.get(kind="credit.certificate_corrected")
    assert mail.subject_id == person.pk
    for words in (new.serial, issued.serial, "middle initial"):
        assert words in mail.text
    event = Event.objects.get(verb="credit.correct")
    assert event.about == person.pk
    assert event.detail == {"fields": ["holder_name"], "edition": 2}


def test_a_stranger_sees_that_it_was_replaced_and_by_which(issued: Certificate) -> None:
    new = correct(issued)
    old = certificates.check(serial=issued.serial, by=VERIFIER)
    current = certificates.check(serial=new.serial, by=VERIFIER)
    assert old is not None
    assert current is not None
    assert (old.fields["state"], old.fields["replaced_by"]) == ("replaced", new.serial)
    assert old.fields["holder_name"] == "Dana Whitfield"
    assert current.fields["state"] == "genuine"
    assert current.fields["holder_name"] == "Dana R. Whitfield"


def test_a_report_that_is_still_due_says_what_the_corrected_certificate_says(
    issued: Certificate, award: Award
) -> None:
    correct(issued, license_number="TX-777")
    (preview,) = reports.preview(report_ids=[award.reports.get().pk])
    assert b"Dana R. Whitfield" in preview.content
    assert b"TX-777" in preview.content


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"holder_name": "   "}, "holder_name"),
        ({"holder_name": "\u5c71\u7530"}, "holder_name"),
        ({"license_number": ""}, "license_number"),
        ({"license_number": "9" * 41}, "license_number"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 301}, "reason"),
        ({"holder_name": "Dana Whitfield"}, ""),
    ],
)
def test_a_correction_that_cannot_be_is_refused_at_its_field(
    issued: Certificate, told: dict[str, str], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        correct(issued, **told)
    assert refusal.value.field == field
    assert Certificate.objects.count() == 1


def test_what_was_replaced_is_neither_corrected_nor_revoked(issued: Certificate) -> None:
    new = correct(issued)
    with pytest.raises(Refused, match="replaced"):
        correct(issued, holder_name="Somebody Else")
    with pytest.raises(Refused, match="replaced"):
        certificates.revoke(certificate=issued, reason="No.", by=CLERK)
    assert correct(new, holder_name="Dana Rae Whitfield").edition == 3


def test_a_revocation_is_a_row_with_its_reason_and_is_told(issued: Certificate) -> None:
    certificates.revoke(certificate=issued, reason="Issued in error.", by=CLERK)
    assert state(issued) == State.REVOKED
    checked = certificates.check(serial=issued.serial, by=VERIFIER)
    assert checked is not None
    assert checked.fields["state"] == "revoked"
    assert checked.fields["revoked_on"] == local_date(now(), "America/Chicago")
    assert "error" not in str(checked)
    assert "Issued in error." in Message.objects.get(kind="credit.certificate_revoked").text
    with pytest.raises(Refused, match="already"):
        certificates.revoke(certificate=issued, reason="Again.", by=CLERK)


def test_a_mistaken_revocation_is_cured_by_issuing_again(issued: Certificate) -> None:
    certificates.revoke(certificate=issued, reason="Issued in error.", by=CLERK)
    again = correct(issued, holder_name="Dana Whitfield", reason="The revocation was a mistake.")
    assert (state(issued), state(again)) == (State.REPLACED, State.GENUINE)


def row(award: Award, **values: Any) -> Certificate:
    """A certificate written past the verbs."""
    return Certificate(
        award=award,
        serial=ids.serial(),
        sha256=ids.token(),
        fingerprint="",
        pdf=b"",
        content={},
        **values,
    )


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"edition": 1}, "credit_certificate_chain"),
        ({"edition": 2}, "credit_certificate_reason"),
        ({"edition": 1, "reason": "x"}, "credit_certificate_reason"),
        ({"edition": 3, "reason": "x"}, "credit_certificate_predecessor"),
    ],
)
def test_the_database_keeps_the_editions_one_chain(
    issued: Certificate, values: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row(issued.award, **values).save()


def test_a_successor_has_the_same_award(issued: Certificate, person: Person) -> None:
    (other,) = make_award(person.pk, make_course(TEXAS))
    with pytest.raises(IntegrityError, match="predecessor"), transaction.atomic():
        row(other, edition=2, reason="x").save()


def test_a_certificate_has_one_revocation_and_it_says_why(issued: Certificate) -> None:
    with pytest.raises(IntegrityError, match="credit_revocation_reason"), transaction.atomic():
        Revocation.objects.create(certificate=issued, reason="")
    Revocation.objects.create(certificate=issued, reason="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        Revocation.objects.create(certificate=issued, reason="y")
