"""The console opens to those who may, after their second factor."""

import pytest
from django.test import Client

from creditable.people import roles
from creditable.people.access import staff_required
from tests.factories.people import BY, make_person
from tests.people import desk
from tests.people.signing import app_code, enroll, sign_in_staff

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("policy"),
    pytest.mark.urls("tests.people.desk"),
]


def test_a_visitor_is_led_to_sign_in_and_back(client: Client) -> None:
    answer = client.get("/desk/?page=2")
    assert answer.headers["Location"] == "/account/login/?next=/desk/%3Fpage%3D2"


@pytest.mark.parametrize("role", ["", "office"])
def test_without_the_permission_the_page_is_closed(client: Client, role: str) -> None:
    sign_in_staff(client, make_person(role=role))
    answer = client.get("/desk/")
    assert answer.status_code == 403
    assert b"the desk" not in answer.content


def test_without_a_second_factor_staff_set_one_up_and_come_back(client: Client) -> None:
    client.force_login(make_person(role="reporting"))
    set_up = client.get("/desk/").headers["Location"]
    assert set_up == "/account/security/second-step/new/?next=%2Fdesk%2F"
    page = client.get(set_up)
    code = app_code(page.context["form"].secret)
    codes = client.post("/account/security/second-step/new/", {"code": code, "next": "/desk/"})
    assert codes.headers["Location"] == "/account/security/recovery-codes/?next=%2Fdesk%2F"
    assert 'href="/desk/"' in client.get(codes.headers["Location"]).content.decode()
    assert client.get("/desk/").content == b"the desk"


def test_a_second_factor_must_be_shown_in_this_session(client: Client) -> None:
    person = make_person(role="reporting")
    secret = enroll(person)
    client.force_login(person)
    again = client.get("/desk/").headers["Location"]
    assert again == "/account/security/second-step/again/?next=%2Fdesk%2F"
    assert client.get(again).status_code == 200
    answer = client.post(again, {"code": app_code(secret)})
    assert answer.headers["Location"] == "/desk/"
    assert client.get("/desk/").content == b"the desk"
    elsewhere = Client()
    elsewhere.force_login(person)
    assert elsewhere.get("/desk/").status_code == 302


def test_a_role_taken_closes_the_page_at_once(client: Client) -> None:
    person = make_person(role="reporting")
    sign_in_staff(client, person)
    assert client.get("/desk/").content == b"the desk"
    roles.revoke(subject_id=person.pk, role="reporting", by=BY)
    assert client.get("/desk/").status_code == 403


def test_a_page_cannot_ask_for_a_permission_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match=r"reports\.sent"):
        staff_required("reports.sent")
    assert desk.reports.staff_permission == "reports.send"  # type: ignore[attr-defined]
