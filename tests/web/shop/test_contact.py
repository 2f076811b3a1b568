from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from creditable.support import cases
from creditable.support.models import Case
from tests.factories.people import make_person
from tests.factories.store import make_order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]
HERE = {"HTTP_SEC_FETCH_SITE": "same-origin"}


def message(**changed: str) -> dict[str, str]:
    return {
        "key": str(uuid4()),
        "name": "Rosa Delgado",
        "email": "rosa@example.com",
        "topic": "order",
        "message": "Where is my invoice?",
    } | changed


def test_writing_opens_a_case_and_tells_its_number(client: Client) -> None:
    answer = client.post("/contact/", message(), follow=True, **HERE)

    case = Case.objects.get()
    assert answer.redirect_chain[0][1] == 303
    assert f'Your number is <span class="nowrap">{case.code}</span>' in answer.content.decode()
    assert (case.email, case.topic, case.body) == (
        "rosa@example.com",
        "order",
        "Where is my invoice?",
    )
    assert case.subject_id is None


def test_a_double_click_opens_one_case(client: Client) -> None:
    sent = message()

    first = client.post("/contact/", sent, **HERE)
    second = client.post("/contact/", sent, **HERE)

    assert Case.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_a_person_who_is_signed_in_need_not_type_what_we_know(client: Client) -> None:
    person = make_person(email="ana@example.com", name="Ana Diaz")
    client.force_login(person)

    page = client.get("/contact/?topic=complaint").content.decode()

    assert 'value="Ana Diaz"' in page
    assert 'value="ana@example.com"' in page
    assert '<option value="complaint" selected>' in page


def test_what_was_written_signed_in_is_not_sent_as_a_guests(client: Client) -> None:
    sent = message(account="True")

    answer = client.post("/contact/", sent, **HERE)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Not sent yet: you have been signed out" in page
    assert "/account/login/?next=/contact/" in page
    assert "Where is my invoice?" in page
    assert 'name="account" value="True"' not in page
    assert not Case.objects.exists()
    client.post("/contact/", sent | {"account": ""}, **HERE)
    assert Case.objects.get().subject_id is None


def test_the_thanks_lead_who_is_signed_in_to_their_messages(client: Client) -> None:
    client.post("/contact/", message(), **HERE)
    theirs = Case.objects.get()
    client.force_login(make_person(email="ana@example.com", name="Ana Diaz"))

    answer = client.post("/contact/", message(account="True"), follow=True, **HERE)

    assert 'href="/account/messages/"' in answer.content.decode()
    page = client.get(f"/contact/received/{theirs.key}/").content.decode()
    assert "Your messages" not in page


def test_a_message_about_an_order_begins_with_its_number(client: Client) -> None:
    ana = make_person(email="ana@example.com", name="Ana Diaz")
    order = make_order(ana)
    about = f"About order {order.reference}:"
    address = f"/contact/?topic=order&order={order.number}"

    assert about not in client.get(address).content.decode()
    client.force_login(ana)
    assert about in client.get(address).content.decode()
    for number in ("", "x", "²", "9" * 40, "-1"):
        page = client.get("/contact/", {"topic": "order", "order": number})
        assert "About order" not in page.content.decode()


def test_an_empty_form_is_told_everything_that_is_missing(client: Client) -> None:
    empty = message(name="", email="", message="")

    page = client.post("/contact/", empty, **HERE).content.decode()

    for words in ("type your name", "type your address", "write your message"):
        assert f"Please {words}." in page
    assert "Please look at this again." in page
    assert "What you typed is still here" not in page


def test_the_page_says_why_it_asks_in_the_words_of_the_policy(client: Client) -> None:
    page = client.get("/contact/").content.decode()

    assert "for answering you" in page
    assert 'href="/privacy/#' in page


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"name": ""}, "id_name_error"),
        ({"name": "x" * 121}, "id_name_error"),
        ({"name": "a\x00b"}, "id_name_error"),
        ({"email": "nobody"}, "id_email_error"),
        ({"email": "x" * 300 + "@example.com"}, "id_email_error"),
        ({"topic": "gossip"}, "id_topic_error"),
        ({"message": "   "}, "id_message_error"),
        ({"message": "x" * 10_001}, "id_message_error"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    client: Client, changed: dict[str, str], place: str
) -> None:
    sent = message(**changed)

    answer = client.post("/contact/", sent, **HERE)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="{place}"' in page
    assert ("Where is my invoice?" in page) is ("message" not in changed)
    assert not Case.objects.exists()


@pytest.mark.parametrize("key", ["", "x", "1234"])
def test_a_page_that_was_changed_on_its_way_can_be_sent_again(client: Client, key: str) -> None:
    answer = client.post("/contact/", message(key=key), **HERE)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Where is my invoice?" in page
    assert f'name="key" value="{key}"' not in page
    assert 'name="key"' in page


def test_many_messages_within_the_hour_are_refused_beside_the_address(client: Client) -> None:
    for _ in range(cases.CASES_AN_HOUR):
        client.post("/contact/", message(), **HERE)

    answer = client.post("/contact/", message(message="One more."), **HERE)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_email_error"' in page
    assert "One more." in page
    assert Case.objects.count() == cases.CASES_AN_HOUR


def test_a_form_sent_from_another_site_changes_nothing(client: Client) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/contact/", message(), HTTP_SEC_FETCH_SITE="cross-site")

    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()
    assert not Case.objects.exists()


def test_a_visitor_gets_no_cookie_for_writing(client: Client) -> None:
    client.get("/contact/")
    client.post("/contact/", message(), **HERE)

    assert dict(client.cookies) == {}


def test_nobody_can_look_up_the_case_of_somebody_else(client: Client) -> None:
    assert client.get(f"/contact/received/{uuid4()}/").status_code == 404


def test_the_page_of_thanks_shows_nothing_of_what_was_written(client: Client) -> None:
    page: Any = client.post("/contact/", message(), follow=True, **HERE)

    for private in ("Rosa", "rosa@example.com", "invoice"):
        assert private not in page.content.decode()
