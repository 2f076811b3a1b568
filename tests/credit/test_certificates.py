"""A certificate is issued once, signed and frozen; a stranger sees what the policy opens."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO

import pikepdf
import pytest

from creditable.audit.clock import now
from creditable.credit import certificates, document, issuer, packs, signing
from creditable.credit.keys import Use
from creditable.credit.models import Award, Certificate
from creditable.disclosure.models import Release
from creditable.lib.actor import Actor
from creditable.mail.models import Message
from creditable.people.models import Person
from tests.credit.test_awards import license_of
from tests.factories.credit import BOARD, BY, TEXAS, make_award, make_course
from tests.factories.people import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]
VERIFIER = Actor.outside("verifier")


def said_of(award: Award) -> document.Certificate:
    return certificates.describe(
        award, serial="X", at=now(), holder_name="Dana Whitfield", license_number="12345"
    )


@pytest.fixture
def person() -> Person:
    return make_person(name="Dana Whitfield")


@pytest.fixture
def award(person: Person) -> Award:
    license_of(person)
    (award,) = make_award(person.pk, make_course(TEXAS))
    return award


def test_it_is_issued_once_and_announced_once(award: Award, run_jobs: object) -> None:
    run_jobs()  # type: ignore[operator]
    certificate = Certificate.objects.get(award=award)
    again = certificates.issue(award_id=award.pk, by=BY)
    assert again.pk == certificate.pk
    mail = Message.objects.get(kind="credit.certificate_ready")
    assert f"/verify/{certificate.serial}/" in mail.text
    assert mail.subject_id == award.subject_id


def test_the_bytes_are_signed_and_hashed(award: Award) -> None:
    certificate = certificates.issue(award_id=award.pk, by=BY)
    pdf = bytes(certificate.pdf)
    identity = signing.identity(issuer.key(Use.DOCUMENTS, at=now()))
    assert signing.read_seal(pdf, identity=identity).genuine
    assert certificate.fingerprint == identity.fingerprint
    assert certificate.sha256 == sha256(pdf).hexdigest()


@pytest.mark.parametrize("authority", [TEXAS, BOARD])
def test_everything_that_the_authority_wants_is_said(person: Person, authority: str) -> None:
    pack = packs.get(authority)
    license_of(person, authority, pack.license_types[0].id, "12345")
    (award,) = make_award(person.pk, make_course(authority))
    said = said_of(award)
    facts = dict(said.facts)
    where = {
        "course_title": said.course_title,
        "course_number": facts["Course number"],
        "completed_on": facts["Completed on"],
        "provider_name": said.provider.name,
        "provider_number": facts["Provider number"],
        "hours": facts["Continuing-education credit"],
        "instructor": facts["Instructor"],
        "signatory": said.provider.signatory_name,
        "holder_name": said.holder_name,
        "license_type": said.license_line,
        "license_number": said.license_line,
    }
    wanted = pack.versions[-1].certificate_fields.value
    assert wanted
    assert all(where[field] for field in wanted)
    assert facts["Continuing-education credit"] == "2 hours"
    assert issuer.current().number(authority) == facts["Provider number"]


def test_the_date_of_completion_says_whose_calendar_it_is_on(person: Person) -> None:
    license_of(person)
    night = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)
    (texas,) = make_award(person.pk, make_course(TEXAS), completed_at=night)
    (own,) = make_award(person.pk, make_course(), completed_at=night)
    said = [dict(said_of(award).facts)["Completed on"] for award in (texas, own)]
    assert said == ["November 21, 2026 (Central time)", "November 22, 2026 (UTC)"]


def test_without_an_authority_it_says_the_time_and_no_license(person: Person) -> None:
    (award,) = make_award(person.pk, make_course())
    said = said_of(award)
    assert dict(said.facts)["Time in the course"] == "2 hours 1 minutes"
    assert said.license_line == ""
    assert pikepdf.open(BytesIO(bytes(certificates.issue(award_id=award.pk, by=BY).pdf))).pages


def test_a_stranger_with_the_serial_sees_what_the_policy_opens(award: Award) -> None:
    certificate = certificates.issue(award_id=award.pk, by=BY)
    typed = certificate.serial.lower().replace("-", " ")
    checked = certificates.check(serial=typed, by=VERIFIER)
    assert checked is not None
    assert checked.fields["holder_name"] == "Dana Whitfield"
    assert set(checked.fields) == {
        "state",
        "provider_number",
        "sha256",
        "fingerprint",
        "holder_name",
        "course_title",
        "completed_on",
        "calendar",
        "hours",
        "authority",
        "course_number",
        "issued_on",
    }
    assert "0123456" not in str(checked)


def test_looks_of_one_day_are_one_line_in_the_holders_ledger(
    award: Award, move_clock: object
) -> None:
    certificate = certificates.issue(award_id=award.pk, by=BY)
    looks = Release.objects.filter(template="credit.check", subject=award.subject_id)
    for _ in range(3):
        certificates.check(serial=certificate.serial, by=VERIFIER)
    assert looks.count() == 1
    move_clock(timedelta(days=1))  # type: ignore[operator]
    certificates.check(serial=certificate.serial, by=VERIFIER)
    assert looks.count() == 2


@pytest.mark.parametrize("serial", ["", "x", "00000-00000-00000-00000-000000", "é" * 30])
def test_a_serial_that_nobody_has_shows_nothing(serial: str) -> None:
    assert certificates.check(serial=serial, by=VERIFIER) is None
    assert not Release.objects.exists()
