"""The office corrects a certificate and revokes it, and sees what the authority was told."""

import pytest
from django.test import Client

from creditable.audit.models import Event
from creditable.credit import certificates, reports
from creditable.credit.models import Award, Certificate, Revocation
from creditable.people.models import Person
from tests.credit.test_awards import license_of
from tests.factories.credit import BY, TEXAS, make_award, make_course
from tests.factories.people import make_person
from tests.people.signing import sign_in_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]


@pytest.fixture
def learner() -> Person:
    person = make_person(name="Dana Whitfield")
    license_of(person)
    return person


@pytest.fixture
def award(learner: Person) -> Award:
    (award,) = make_award(learner.pk, make_course(TEXAS))
    return award


@pytest.fixture
def issued(award: Award) -> Certificate:
    return certificates.issue(award_id=award.pk, by=BY)


@pytest.fixture
def office(client: Client) -> Client:
    sign_in_staff(client, make_person(role="reporting"))
    return client


def test_it_is_reached_from_the_person_and_the_look_is_noted(
    office: Client, issued: Certificate, learner: Person
) -> None:
    there = f"/console/certificates/{issued.serial}/"
    assert there in office.get(f"/console/people/{learner.pk}/").content.decode()
    page = office.get(there).content.decode()
    assert "Dana Whitfield" in page
    assert "was told" not in page
    assert Event.objects.filter(noun="console certificate", about=learner.pk).count() == 1


def test_a_correction_leads_to_the_new_certificate(office: Client, issued: Certificate) -> None:
    answer = office.post(
        f"/console/certificates/{issued.serial}/correct/",
        {"holder_name": "Dana R. Whitfield", "license_number": "TX-7", "reason": "Initial."},
    )
    new = Certificate.objects.get(edition=2)
    assert answer["Location"] == f"/console/certificates/{new.serial}/"
    old = office.get(f"/console/certificates/{issued.serial}/").content.decode()
    assert "It was replaced" in old
    assert "Issue the corrected certificate" not in old
    assert "Initial." in office.get(answer["Location"]).content.decode()


def test_a_mistake_keeps_what_was_typed(office: Client, issued: Certificate) -> None:
    answer = office.post(
        f"/console/certificates/{issued.serial}/correct/",
        {"holder_name": "\u5c71\u7530", "license_number": "TX-7", "reason": "Initial."},
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_holder_name_error"' in page
    assert "TX-7" in page
    assert "Initial." in page


def test_a_revocation_asks_for_its_reason(office: Client, issued: Certificate) -> None:
    there = f"/console/certificates/{issued.serial}/revoke/"
    assert office.post(there, {"revoke-reason": " "}).status_code == 422
    assert office.post(there, {"revoke-reason": "Issued in error."}).status_code == 302
    assert Revocation.objects.get().reason == "Issued in error."
    page = office.get(f"/console/certificates/{issued.serial}/").content.decode()
    assert "It is revoked" in page
    assert office.post(there, {"revoke-reason": "Again."}).status_code == 422


def test_it_warns_when_the_authority_was_told(
    office: Client, issued: Certificate, award: Award
) -> None:
    reports.send(report_ids=[award.reports.get().pk], by=BY)
    page = office.get(f"/console/certificates/{issued.serial}/").content.decode()
    assert "The authority was told" in page
    assert "Texas Department of Licensing and Regulation" in page


def test_a_role_without_the_permission_sees_the_check_page_only(
    client: Client, issued: Certificate, learner: Person
) -> None:
    sign_in_staff(client, make_person(role="office"))
    assert client.get(f"/console/certificates/{issued.serial}/").status_code == 403
    assert (
        "/console/certificates/"
        not in client.get(f"/console/people/{learner.pk}/").content.decode()
    )


@pytest.mark.parametrize("serial", ["nonsense", "00000-00000-00000-00000-000000"])
def test_an_unknown_number_is_not_found(office: Client, serial: str) -> None:
    assert office.get(f"/console/certificates/{serial}/").status_code == 404
