"""The console: staff with a role and a second factor, every look at a person noted."""

import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from creditable.audit.models import Event
from creditable.credit.models import Report, Roster
from creditable.people import roles
from creditable.people.models import Person, RoleGrant
from creditable.store.payments import settlement
from creditable.support import cases
from tests.credit.test_awards import license_of
from tests.factories.credit import BY, TEXAS, make_award, make_course
from tests.factories.people import make_person
from tests.factories.store import make_course_on_sale, make_order, pay
from tests.people.signing import sign_in_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]


@pytest.fixture
def learner() -> Person:
    person = make_person(name="Dana Whitfield", email="dana@example.com")
    license_of(person)
    return person


@pytest.fixture
def clerk() -> Person:
    return make_person(name="Sam Office", role="administrator")


@pytest.fixture
def office(client: Client, clerk: Person) -> Client:
    sign_in_staff(client, clerk)
    return client


def due(learner: Person) -> Report:
    (award,) = make_award(learner.pk, make_course(TEXAS))
    return award.reports.get()


def views(subject: Person) -> list[str]:
    events = Event.objects.filter(verb="view", about=subject.pk).order_by("at", "id")
    return list(events.values_list("noun", flat=True))


def test_the_console_asks_for_the_second_factor_first(client: Client, clerk: Person) -> None:
    client.force_login(clerk)
    for address in ("/console/reports/", "/console/people/", "/console/roles/"):
        answer = client.get(address)
        assert answer.status_code == 302
        assert "/account/security/" in answer["Location"]


def test_the_office_shows_each_role_its_own_queues(client: Client) -> None:
    sign_in_staff(client, make_person(role="office"))
    page = client.get("/console/").content.decode()
    assert "payments need a look" in page
    assert "cases are open" in page
    assert "/console/people/" in page
    assert "/console/reports/" not in page
    assert "/console/roles/" not in page


def test_the_office_counts_what_waits_and_what_is_late(office: Client, learner: Person) -> None:
    report = due(learner)
    Report.objects.filter(pk=report.pk).update(due_on=date(2020, 1, 1))

    page = " ".join(office.get("/console/").content.decode().split())

    assert '<span class="queue__count number">1</span> report is due' in page
    assert "1 is late" in page
    assert '<span class="queue__count number">0</span> cases are open' in page


@pytest.mark.parametrize("many", [1, 3])
def test_the_office_takes_the_same_queries_however_much_waits(
    office: Client, learner: Person, many: int, django_assert_num_queries: Any
) -> None:
    for _ in range(many):
        due(learner)
    office.get("/console/")
    with django_assert_num_queries(16):
        office.get("/console/")


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("office", "/console/reports/"),
        ("office", "/console/roles/"),
        ("reporting", "/console/orders/"),
        ("reporting", "/console/cases/"),
    ],
)
def test_a_role_opens_its_own_pages_only(client: Client, role: str, address: str) -> None:
    sign_in_staff(client, make_person(role=role))
    assert client.get(address).status_code == 403


def test_pages_of_the_console_are_never_kept_by_the_browser(office: Client) -> None:
    assert office.get("/console/reports/")["Cache-Control"] == "no-store"


def test_a_report_goes_from_the_queue_to_its_receipt(
    office: Client, learner: Person, clerk: Person
) -> None:
    report = due(learner)
    queue = office.get("/console/reports/").content.decode()
    assert "Texas Department of Licensing and Regulation" in queue
    assert "Journeyman Electrician 0123456" in queue
    assert "Dana" not in queue
    preview = office.post("/console/reports/preview/", {"report": [report.pk]})
    assert "1  Dana Whitfield  Journeyman Electrician  0123456" in preview.content.decode()
    assert not Roster.objects.exists()
    assert views(learner) == ["console report"]
    sent = office.post("/console/reports/send/", {"report": [report.pk]})
    roster = Roster.objects.get()
    assert sent["Location"] == f"/console/reports/rosters/{roster.number}/"
    assert roster.created_by == clerk.pk
    page = office.get(sent["Location"]).content.decode()
    assert "Completion Reporting Site" in page
    assert page.count("(optional)") == 1
    assert views(learner) == ["console report", "console roster"]
    receipt = f"/console/reports/rosters/{roster.number}/receipt/"
    nothing = office.post(receipt, {"confirmation": ""})
    assert nothing.status_code == 422
    assert "Copy the confirmation" in nothing.content.decode()
    assert office.post(receipt, {"confirmation": "TDLR 4711"}).status_code == 302
    report.refresh_from_db()
    assert (report.state, report.confirmation) == ("accepted", "TDLR 4711")


def test_a_line_that_was_not_taken_keeps_its_reason_and_can_go_again(
    office: Client, learner: Person
) -> None:
    report = due(learner)
    office.post("/console/reports/send/", {"report": [report.pk]})
    roster = Roster.objects.get()
    office.post(
        f"/console/reports/rosters/{roster.number}/receipt/",
        {f"reason_{report.pk}": "No such license."},
    )
    report.refresh_from_db()
    assert (report.state, report.message) == ("rejected", "No such license.")
    queue = office.get("/console/reports/").content.decode()
    assert "Needs a correction" in queue
    assert "No such license." in queue
    assert office.post(f"/console/reports/{report.pk}/correct/").status_code == 302
    again = Report.objects.exclude(pk=report.pk).get()
    assert again.state == "due"
    assert "Needs a correction" not in office.get("/console/reports/").content.decode()


def test_a_list_that_is_cut_says_so(
    office: Client, learner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        due(learner)
    assert "These are the first" not in office.get("/console/reports/").content.decode()
    monkeypatch.setattr("creditable.web.console.reports.MOST", 2)
    queue = office.get("/console/reports/").content.decode()
    assert "These are the first 2 of 3 reports that are due." in queue
    assert queue.count('name="report"') == 2


@pytest.mark.parametrize(
    "chosen", [[], ["nonsense"], ["\0"], [str(uuid4())], ["'; DROP TABLE credit_report; --"]]
)
def test_nonsense_is_answered_and_changes_nothing(
    office: Client, learner: Person, chosen: list[str]
) -> None:
    report = due(learner)
    assert office.post("/console/reports/preview/", {"report": chosen}).status_code == 422
    assert office.post("/console/reports/send/", {"report": chosen}).status_code == 409
    report.refresh_from_db()
    assert report.state == "due"


@pytest.mark.parametrize("number", ["%00", "R%00", "R1", "%F0%9F%98%80", "x" * 3000])
def test_a_roster_that_cannot_be_is_not_found(office: Client, number: str) -> None:
    page = f"/console/reports/rosters/{number}/"
    assert office.get(page).status_code == 404
    assert office.post(f"{page}receipt/", {"confirmation": "1"}).status_code == 404
    assert office.post(f"{page}again/").status_code == 404


@pytest.mark.parametrize("number", ["0", "9" * 30, "9" * 5000])
@pytest.mark.parametrize("place", ["orders", "cases"])
def test_an_order_or_case_that_cannot_be_is_not_found(
    office: Client, place: str, number: str
) -> None:
    assert office.get(f"/console/{place}/{number}/").status_code == 404


@pytest.mark.parametrize(
    "address",
    ["/verify/%00/", "/account/certificates/%00/", "/account/certificates/A%00/"],
)
def test_a_certificate_that_cannot_be_is_not_found(office: Client, address: str) -> None:
    assert office.get(address).status_code == 404


@pytest.mark.parametrize("place", ["orders", "cases"])
def test_a_page_that_cannot_be_is_the_first_or_last(office: Client, place: str) -> None:
    for number in ("\0", "-1", "9" * 30, "x"):
        assert office.get(f"/console/{place}/", {"page": number}).status_code == 200


def test_sending_what_was_sent_meanwhile_says_so(office: Client, learner: Person) -> None:
    report = due(learner)
    for status in (302, 409):
        answer = office.post("/console/reports/send/", {"report": [report.pk]})
        assert answer.status_code == status
    assert Roster.objects.count() == 1


def test_the_queue_costs_the_same_for_one_report_and_three(office: Client, learner: Person) -> None:
    due(learner)
    office.get("/console/reports/")  # the first form of a session writes its token into it
    counts = []
    for more in (0, 2):
        for _ in range(more):
            due(learner)
        with CaptureQueriesContext(connection) as queries:
            assert office.get("/console/reports/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 13


def test_finding_a_person_is_noted_without_naming_anybody(
    office: Client, learner: Person, clerk: Person
) -> None:
    page = office.get("/console/people/", {"q": "whit"}).content.decode()
    assert "Dana Whitfield" in page
    found = Event.objects.get(verb="people.search")
    assert (found.actor_id, found.detail) == (clerk.pk, {"found": 1})


@pytest.mark.parametrize("query", ["w", "  ", "\0", "%", "nobody-at-all", "x" * 5000])
def test_short_and_strange_searches_find_nobody(
    office: Client, learner: Person, query: str
) -> None:
    answer = office.get("/console/people/", {"q": query})
    assert answer.status_code == 200
    assert "Dana" not in answer.content.decode()


def test_a_persons_page_is_noted_and_shows_who_looked(office: Client, learner: Person) -> None:
    due(learner)
    page = office.get(f"/console/people/{learner.pk}/").content.decode()
    assert "dana@example.com" in page
    assert "0123456" in page
    assert "Electrical safety on the job" in page
    assert "Sam Office" in page
    assert views(learner) == ["console person"]


def test_an_order_is_shown_and_the_look_is_noted(office: Client, learner: Person) -> None:
    order = make_order(learner, make_course_on_sale())
    pay(order)
    listed = office.get("/console/orders/").content.decode()
    assert order.reference in listed
    assert "Ana Diaz" not in listed
    assert views(learner) == []
    page = office.get(f"/console/orders/{order.number}/").content.decode()
    assert "Captured" not in page
    assert "Paid" in listed
    assert "<td>PayPal</td><td>Paid</td>" in page.replace("\n", "")
    assert views(learner) == ["console order"]


def test_a_case_is_shown_to_who_takes_it_and_the_look_is_noted(
    office: Client, learner: Person
) -> None:
    case = cases.open(
        key=uuid4(),
        name="Dana",
        email="dana@example.com",
        topic="credit",
        body="<b>Where</b> is it?",
        by=learner.actor,
        subject_id=learner.pk,
    )
    assert "Where" not in office.get("/console/cases/").content.decode()
    assert "Where" not in office.get(f"/console/cases/{case.number}/").content.decode()
    assert views(learner) == []
    office.post(f"/console/cases/{case.number}/take/")
    page = office.get(f"/console/cases/{case.number}/").content.decode()
    assert "&lt;b&gt;Where&lt;/b&gt; is it?" in page
    assert views(learner) == ["console case"]


def test_roles_are_given_and_taken_as_data(office: Client, learner: Person) -> None:
    page = office.get("/console/roles/").content.decode()
    assert "Enter an authority&#x27;s receipt" in page
    answer = office.post("/console/roles/", {"email": "DANA@example.com", "role": "office"})
    assert answer.status_code == 302
    grant = RoleGrant.objects.get(subject=learner.pk, revoked_at=None)
    assert grant.role == "office"
    assert office.post("/console/roles/revoke/", {"grant": grant.pk}).status_code == 302
    assert not RoleGrant.objects.filter(subject=learner.pk, revoked_at=None).exists()


def test_an_access_review_is_asked_for_and_shown_with_its_day(
    office: Client, clerk: Person
) -> None:
    assert "access review is due" in office.get("/console/").content.decode()
    page = office.get("/console/roles/").content.decode()
    assert "Nobody has looked through these roles yet." in page
    seen = re.findall(r'name="seen" value="([^"]+)"', page)
    assert len(seen) == RoleGrant.objects.filter(revoked_at=None).count() >= 1
    assert office.post("/console/roles/review/", {"seen": seen[1:]}).status_code == 409
    assert office.post("/console/roles/review/", {"seen": "x"}).status_code == 409
    assert office.post("/console/roles/review/", {"seen": seen}).status_code == 302
    assert f"Looked through by {clerk.name} on" in office.get("/console/roles/").content.decode()
    assert "access review is due" not in office.get("/console/").content.decode()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"email": "nobody@example.com", "role": "office"}, "Nobody has an account"),
        ({"email": "", "role": "office"}, "Enter the address"),
        ({"email": "dana@example.com", "role": "king"}, "Choose a role"),
    ],
)
def test_a_role_form_says_what_is_wrong(
    office: Client, learner: Person, form: dict[str, str], words: str
) -> None:
    answer = office.post("/console/roles/", form)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not RoleGrant.objects.filter(subject=learner.pk).exists()


def test_the_last_administrator_stays(office: Client, clerk: Person) -> None:
    grant = RoleGrant.objects.get(subject=clerk.pk, revoked_at=None)
    answer = office.post("/console/roles/revoke/", {"grant": grant.pk})
    assert answer.status_code == 409
    assert "last administrator" in answer.content.decode()
    assert office.post("/console/roles/revoke/", {"grant": "x"}).status_code == 409


def test_a_role_taken_back_closes_the_console_at_once(office: Client, clerk: Person) -> None:
    roles.grant(subject_id=make_person().pk, role="administrator", by=BY)
    assert office.get("/console/reports/").status_code == 200
    roles.revoke(subject_id=clerk.pk, role="administrator", by=BY)
    assert office.get("/console/reports/").status_code == 403


def test_a_payment_that_somebody_has_to_look_at_says_so(office: Client) -> None:
    order = make_order(make_person(), make_course_on_sale())
    settlement.flag(order.payments.select_related("order").get(), "PayPal took another amount.")
    assert "Look at it" in office.get("/console/orders/").content.decode()
    assert (
        "PayPal took another amount."
        in office.get(f"/console/orders/{order.number}/").content.decode()
    )
