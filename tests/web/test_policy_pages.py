"""Every version stands in public with what it changed; the office sees what a new one would do
before publishing; a person answers what is on hold for them."""

import re
from typing import Any

import pytest
from django.test import Client

from creditable.disclosure import choices, policies
from creditable.disclosure.models import Contract, Hold, PolicyVersion, Subject, Withheld
from creditable.people.models import Person
from creditable.rights.models import Draft
from tests.factories.people import make_person
from tests.people.signing import sign_in_staff
from tests.promises import promise

pytestmark = pytest.mark.django_db

RENTED = """\
- id: rent.names
  permit:
    categories: [user.name, user.contact.address]
    recipient: vendor
    purpose: order
    channel: manual
    group: customer
never:
"""


@pytest.fixture
def office(policy: Any) -> Client:
    client = Client()
    sign_in_staff(client, make_person(name="Sam Office", role="administrator"))
    return client


@pytest.fixture
def ana(policy: Any) -> Person:
    """She wants nothing of hers to go to vendors."""
    person = make_person(name="Ana Diaz")
    objection = person.subject.objections.create(
        reach={"recipients": ["vendor"]}, words="Not to vendors."
    )
    assert objection.pk
    return person


def write(office: Client) -> str:
    """The next version, which lets names and addresses go to vendors; the address of its draft."""
    address = office.post("/console/policy/draft/")["Location"]
    files = dict(Draft.objects.get().files)
    files["rules.yaml"] = files["rules.yaml"].replace("never:\n", RENTED, 1)
    files["clauses.yaml"] = files["clauses.yaml"].replace(
        "- measure.deny.unless_permitted", "- measure.deny.unless_permitted\n    - rent.names", 1
    )
    sent = {name.partition(".")[0]: text for name, text in files.items()}
    assert office.post(address, sent).status_code == 302
    return address


@promise("A29", "A30")
def test_the_office_sees_whom_a_version_concerns_publishes_it_and_everybody_reads_what_changed(
    office: Client, ana: Person
) -> None:
    address = write(office)
    page = office.get(address).content.decode()
    assert "1 person objected to what this would let out" in page
    assert "Ana Diaz" in page
    assert "Did not leave before" in page
    sha256 = re.search(r'name="sha256" value="([0-9a-f]{64})"', page)
    assert sha256
    assert office.post(f"{address}publish/", {"sha256": "0" * 64}).status_code == 409
    assert office.post(f"{address}publish/", {"sha256": sha256[1]}).status_code == 302
    assert set(Hold.objects.values_list("subject_id", flat=True)) == {ana.pk}

    visitor = Client()
    archive = visitor.get("/privacy/versions/").content.decode()
    assert all(f"/privacy/versions/{number}/" in archive for number in (1, 2))
    changed = visitor.get("/privacy/versions/2/").content.decode()
    assert "<ins>" in changed
    assert policies.current().recipients["vendor"].label in changed
    assert "It was the first one" in visitor.get("/privacy/versions/1/").content.decode()
    assert visitor.get("/privacy/versions/3/").status_code == 404
    assert visitor.cookies == {}


def test_an_unsound_draft_is_kept_with_the_place_of_each_fault(office: Client) -> None:
    address = write(office)
    sent = {name.partition(".")[0]: text for name, text in Draft.objects.get().files.items()}
    sent["rules"] = sent["rules"].replace("recipient: vendor\n", "recipient: vendors\n", 1)
    office.post(address, sent)
    page = office.get(address).content.decode()
    assert "It is not sound yet" in page
    assert re.search(r"rules\.yaml, line \d+", page)
    assert "recipient: vendors" in page
    assert "Publish version" not in page
    assert PolicyVersion.objects.count() == 1


@promise("A30")
def test_a_person_reads_what_is_on_hold_and_answers(office: Client, ana: Person) -> None:
    address = write(office)
    policy = office.get(address).context["preview"].policy
    office.post(f"{address}publish/", {"sha256": policy.sha256})
    browser = Client()
    browser.force_login(ana)
    assert "Something is on hold for you" in browser.get("/account/privacy/").content.decode()
    page = browser.get("/account/privacy/held/").content.decode()
    assert policies.current().recipients["vendor.eligibility"].label in page
    assert "Not to vendors." in page
    browser.post("/account/privacy/held/answer/", {"version": 2, "agrees": "no"})
    assert Hold.objects.filter(lifted_at=None, answered_at__isnull=False).exists()
    assert browser.post("/account/privacy/held/answer/", {"version": 2}).status_code == 422
    browser.post("/account/privacy/held/answer/", {"version": 2, "agrees": "yes"})
    assert not Hold.objects.filter(lifted_at=None).exists()
    assert "Nothing is on hold" in browser.get("/account/privacy/held/").content.decode()


def test_nobody_answers_for_another(office: Client, ana: Person) -> None:
    address = write(office)
    policy = office.get(address).context["preview"].policy
    office.post(f"{address}publish/", {"sha256": policy.sha256})
    other = Client()
    other.force_login(make_person(name="Bo Lee"))
    other.post("/account/privacy/held/answer/", {"version": 2, "agrees": "yes"})
    assert Hold.objects.filter(lifted_at=None).exists()


def test_a_contract_is_entered_with_its_document_and_ended(office: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = {
        "recipient": "mailer",
        "party": "Letters Inc.",
        "categories": ["user.contact.email"],
        "region": "usa",
        "begins": "2026-01-01",
    }
    missing = office.post("/console/policy/contracts/", sent)
    assert missing.status_code == 422
    assert "Choose the document." in missing.content.decode()
    file = SimpleUploadedFile("contract.pdf", b"%PDF signed", "application/pdf")
    assert office.post("/console/policy/contracts/", sent | {"file": file}).status_code == 302
    contract = Contract.objects.get()
    document = office.get(f"/console/policy/contracts/{contract.pk}/")
    assert document.content == b"%PDF signed"
    assert document["Content-Disposition"].startswith("attachment")
    office.post(f"/console/policy/contracts/{contract.pk}/end/")
    contract.refresh_from_db()
    assert contract.ended_at


def test_what_did_not_leave_stands_with_its_reason_until_somebody_looks_after_it(
    office: Client,
) -> None:
    entry = Withheld.objects.create(
        key="k", subject=Subject.objects.create(), template="t", recipient="vendor", reason="no"
    )
    assert "Not released, because no" in office.get("/console/policy/withheld/").content.decode()
    office.post(f"/console/policy/withheld/{entry.pk}/settle/")
    assert "Nothing was kept back" in office.get("/console/policy/withheld/").content.decode()


@promise("B8")
def test_stopping_what_is_needed_says_why_it_cannot_be_stopped(ana: Person) -> None:
    browser = Client()
    browser.force_login(ana)
    answer = browser.post("/account/privacy/stop/", {"recipient": "payment.paypal"})
    assert answer.status_code == 409
    assert "cannot be stopped here" in answer.content.decode()
    stopped = browser.post("/account/privacy/stop/", {"recipient": "public_verifier"})
    assert stopped.status_code == 302
    assert choices.answers(ana.pk) == {}
    assert policies.current().version == 1
    assert Hold.objects.filter(subject_id=ana.pk, version=None).exists()
