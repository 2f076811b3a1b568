"""The console opens to those who may, after their second factor."""

import re

import pytest
from django.test import Client

from creditable.people import roles
from creditable.people.access import staff_required
from tests.factories.people import BY, make_person
from tests.people import desk
from tests.people.signing import app_code, code_for, enroll, sign_in_staff, wrong

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


def typed(client: Client, address: str, **told: str) -> str:
    """Sends the form of the page at the address, with its hidden fields; returns where it
    leads."""
    page = client.get(address)
    assert page.status_code == 200
    hidden = re.findall(r'name="(next)" value="([^"]*)"', page.content.decode())
    answer = client.post(address, told | dict(hidden))
    assert answer.status_code == 302, answer.content
    return str(answer.headers["Location"])


def test_the_page_asked_for_opens_after_the_code_and_the_second_step(client: Client) -> None:
    person = make_person(role="reporting", email="bo@example.com")
    secret = enroll(person)
    sign_in = client.get("/desk/?page=2").headers["Location"]
    code_page = typed(client, sign_in, login="bo@example.com")
    second = typed(client, code_page, code=code_for("bo@example.com"))
    assert second.partition("?")[0] == "/account/login/second-step/"
    assert typed(client, second, code=app_code(secret)) == "/desk/?page=2"
    assert client.get("/desk/?page=2").content == b"the desk"


def test_who_asks_while_a_code_or_a_second_step_waits_still_comes_there(client: Client) -> None:
    person = make_person(role="reporting", email="bo@example.com")
    secret = enroll(person)
    typed(client, "/account/login/", login="bo@example.com")
    waiting = client.get(client.get("/desk/").headers["Location"]).headers["Location"]
    second = typed(client, waiting, code=code_for("bo@example.com"))
    assert client.get("/account/login/").headers["Location"] == second
    assert typed(client, second, code=app_code(secret)) == "/desk/"


def test_starting_over_and_too_many_tries_do_not_lose_the_page_asked_for(client: Client) -> None:
    make_person(role="reporting", email="bo@example.com")
    typed(client, "/account/login/?next=/desk/", login="bob@example.com")
    again = client.post("/account/login/start-over/").headers["Location"]
    assert again == "/account/login/?next=%2Fdesk%2F"
    code_page = typed(client, again, login="bo@example.com")
    told = {"code": wrong(code_for("bo@example.com"))}
    answers = [client.post(code_page, told) for _ in range(3)]
    assert answers[-1].headers["Location"] == again


def test_a_page_asked_for_once_does_not_come_back_at_the_next_sign_in(client: Client) -> None:
    make_person(email="bo@example.com")
    for asked, onward in (("?next=/desk/", "/desk/"), ("", "/learn/")):
        code_page = typed(client, f"/account/login/{asked}", login="bo@example.com")
        assert typed(client, code_page, code=code_for("bo@example.com")) == onward
        client.post("/account/logout/")


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
