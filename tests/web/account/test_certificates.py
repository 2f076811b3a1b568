"""What a person earned: certificates, the way of their reports, hours from elsewhere."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from creditable.credit import certificates, reports
from creditable.credit.models import HeldCredit, Report
from creditable.people.models import Person
from tests.credit.test_awards import license_of
from tests.credit.test_reports import (
    ACCEPTED,
    REJECTED,
    answer,
    board_award,
    decision,
    sent_to_board,
)
from tests.factories.credit import BOARD, BY, TEXAS, make_award, make_course
from tests.factories.people import make_person
from tests.promises import promise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person(name="Dana Whitfield")
    client.force_login(person)
    return person


@promise("A14")
def test_a_certificate_is_there_at_any_time_byte_for_byte(client: Client, person: Person) -> None:
    license_of(person)
    (award,) = make_award(person.pk, make_course(TEXAS))
    assert "Being made" in client.get("/account/certificates/").content.decode()
    certificate = certificates.issue(award_id=award.pk, by=BY)
    page = client.get("/account/certificates/").content.decode()
    assert f"/account/certificates/{certificate.serial}/" in page
    pdf = client.get(f"/account/certificates/{certificate.serial}/")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content == bytes(certificate.pdf)


def test_somebody_elses_certificate_is_not_found(client: Client, person: Person) -> None:
    (award,) = make_award(make_person().pk, make_course())
    certificate = certificates.issue(award_id=award.pk, by=BY)
    assert client.get(f"/account/certificates/{certificate.serial}/").status_code == 404
    assert client.get("/account/certificates/nonsense/").status_code == 404


def test_the_learner_sees_due_queued_sent_accepted(
    client: Client, run_jobs: Callable[[], int]
) -> None:
    award = board_award()
    client.force_login(Person.objects.get(pk=award.subject_id))

    def current() -> str:
        page = client.get("/account/reports/").content.decode()
        _, _, rest = page.partition('aria-current="step"')
        return rest.split('timeline__label">')[1].split("<")[0] if rest else "all done"

    assert current().startswith("Prepared, due by January 7, 2027")
    report, roster, outbox = sent_to_board(award, run_jobs)
    assert current() == "Queued"
    answer(outbox, "delivered", status=202, body={"receipt_id": "DSB-R-1", "received": 1})
    assert current().startswith("Sent")
    reports.read_decision(authority=BOARD, body=decision(roster, {report.pk: ACCEPTED}))
    assert current() == "all done"
    assert "DSB-2026-000001" in client.get("/account/reports/").content.decode()


def test_a_rejected_report_says_why_and_goes_again_once(
    client: Client, run_jobs: Callable[[], int]
) -> None:
    award = board_award()
    person = Person.objects.get(pk=award.subject_id)
    client.force_login(person)
    report, roster, _ = sent_to_board(award, run_jobs)
    reports.read_decision(authority=BOARD, body=decision(roster, {report.pk: REJECTED}))
    page = client.get("/account/reports/").content.decode()
    assert "The name is not the one on the license." in page
    assert client.post(f"/account/reports/{report.pk}/again/").status_code == 302
    assert "Send it again" not in client.get("/account/reports/").content.decode()
    run_jobs()
    assert client.post(f"/account/reports/{report.pk}/again/").status_code == 409
    assert Report.objects.filter(award=award).count() == 2


def test_hours_from_elsewhere_are_noted_and_removed(client: Client, person: Person) -> None:
    told = {
        "authority": TEXAS,
        "course_title": "Code update",
        "course_number": "12345",
        "completed_on": "2026-01-02",
        "hours": "2.5",
    }
    assert client.post("/account/credits/", told).status_code == 302
    credit = HeldCredit.objects.get(subject=person.pk)
    assert (credit.minutes, credit.completed_on) == (150, date(2026, 1, 2))
    assert "2.5 hours" in client.get("/account/credits/").content.decode()
    assert client.post(f"/account/credits/{credit.pk}/remove/").status_code == 302
    assert not HeldCredit.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"hours": "0"},
        {"hours": "many"},
        {"hours": "NaN"},
        {"hours": "1e9"},
        {"completed_on": "2099-01-01"},
        {"completed_on": "yesterday"},
        {"authority": "us-xx"},
        {"course_number": ""},
        {"course_title": "x" * 200},
        {"course_number": "\0"},
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_is_lost(
    client: Client, person: Person, change: dict[str, Any]
) -> None:
    told = {
        "authority": TEXAS,
        "course_title": "Code update",
        "course_number": "12345",
        "completed_on": "2026-01-02",
        "hours": "2",
    }
    page = client.post("/account/credits/", {**told, **change})
    assert page.status_code == 422
    (field,) = change
    assert f'id="id_{field}_error"' in page.content.decode()
    kept = "Code update" if field != "course_title" else "12345"
    assert kept in page.content.decode()
    assert not HeldCredit.objects.exists()


def test_a_name_that_no_certificate_can_show_is_said_when_it_is_typed(
    client: Client, person: Person
) -> None:
    page = client.post("/account/", {"name": "山田 太郎"})
    assert page.status_code == 422
    assert "cannot print “山”" in page.content.decode()
    person.refresh_from_db()
    assert person.name == "Dana Whitfield"


@pytest.mark.parametrize("address", ["/account/certificates/", "/account/reports/"])
def test_pages_cost_the_same_for_one_award_and_three(
    client: Client, person: Person, address: str
) -> None:
    license_of(person)

    def earn() -> None:
        (award,) = make_award(person.pk, make_course(TEXAS))
        certificates.issue(award_id=award.pk, by=BY)

    earn()
    client.get(address)  # the first page of a session writes it
    counts = []
    for more in (0, 2):
        for _ in range(more):
            earn()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 7
