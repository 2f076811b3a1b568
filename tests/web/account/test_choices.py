"""People say what they want on one page, with or without signing in; looking changes nothing."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from creditable.disclosure import choices, gate
from creditable.disclosure.models import Answer
from creditable.mail import links
from creditable.mail.links import Link
from creditable.people.models import Person
from tests.factories.people import make_person
from tests.mail.mailing import agree, letters, send
from tests.promises import promise

__all__ = ["letters"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("letters")]

PAGE = "/account/choices/"
CHOICE = "offers.email"


def holds(person: Person, choice: str = CHOICE) -> bool:
    return {option.name: option.agrees for option in choices.options(person.pk)}[choice]


def path_of(person: Person, what: Any = links.choices, choice: str = CHOICE) -> str:
    agree(person)
    message = send(person)
    return urlsplit(what(Link(person.pk, choice, message.number))).path


def shown(page: str) -> dict[str, list[str]]:
    """The form as a browser would send it without a change."""
    return {
        "shown": re.findall(r'name="shown" value="([^"]+)"', page),
        "yes": re.findall(r'name="yes" value="([^"]+)" checked', page),
    }


@promise("B15")
def test_the_page_takes_each_answer_with_a_receipt_and_says_how_it_came(
    browser: Client, ana: Person
) -> None:
    form = shown(browser.get(PAGE).content.decode())
    assert CHOICE in form["shown"]
    assert CHOICE not in form["yes"]
    answer = browser.post(PAGE, {**form, "yes": [*form["yes"], CHOICE]}, follow=True)
    assert holds(ana)
    page = answer.content.decode()
    assert "You said yes on this page" in page
    (receipt,) = Answer.objects.filter(subject_id=ana.pk)
    assert (receipt.choice, receipt.agrees, receipt.source) == (CHOICE, True, "account")
    browser.post(PAGE, shown(page))
    assert Answer.objects.filter(subject_id=ana.pk).count() == 1, "nothing was said again"
    browser.post(PAGE, {**shown(page), "none": "1"})
    assert not holds(ana)


@promise("A30")
def test_a_no_to_all_is_kept_also_where_silence_was_a_no_already(
    browser: Client, ana: Person
) -> None:
    """A later version may read silence as a yes; what was said stands against it."""
    form = shown(browser.get(PAGE).content.decode())
    browser.post(PAGE, {**form, "none": "1"})
    said = Answer.objects.filter(subject_id=ana.pk).values_list("choice", "agrees")
    assert sorted(said) == sorted((choice, False) for choice in form["shown"])
    assert ana.subject.objections.filter(withdrawn_at=None).count() == len(form["shown"])
    browser.post(PAGE, {**form, "none": "1"})
    assert Answer.objects.filter(subject_id=ana.pk).count() == len(form["shown"])


def test_what_the_form_did_not_show_is_not_answered(browser: Client, ana: Person) -> None:
    agree(ana)
    browser.post(PAGE, {"shown": ["research.email"], "yes": []})
    assert holds(ana)


@pytest.mark.parametrize("page", [links.choices, links.stop, links.undo, links.why])
def test_looking_changes_nothing_however_often(client: Client, ana: Person, page: Any) -> None:
    address = path_of(ana, page)
    before = Answer.objects.count()
    for method in (client.get, client.head, client.get):
        answer = method(address)
        assert answer.status_code == 200
        assert not answer.cookies
    assert Answer.objects.count() == before
    assert holds(ana)


@promise("C12")
def test_one_click_stops_it_before_the_next_message(ana: Person) -> None:
    address = path_of(ana, links.stop)
    program = Client(enforce_csrf_checks=True)
    answer = program.post(
        address,
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200
    assert not answer.cookies
    assert not holds(ana)
    assert Answer.objects.latest("at").source == "one_click"
    with pytest.raises(gate.Denied):
        send(ana, "next")


def test_one_click_in_parts_is_understood_and_may_be_sent_twice(ana: Person) -> None:
    address = path_of(ana, links.stop)
    for _ in range(2):
        answer = Client().post(address, {"List-Unsubscribe": "One-Click"})  # multipart/form-data
        assert answer.status_code == 200
    assert not holds(ana)


def test_a_post_that_does_not_say_so_stops_nothing(ana: Person) -> None:
    address = path_of(ana, links.stop)
    for body in ({}, {"List-Unsubscribe": "Two-Click"}, {"x": "y"}):
        assert Client().post(address, body).status_code == 422
    assert holds(ana)


@promise("B15")
def test_the_link_of_a_mail_opens_all_choices_without_signing_in(
    client: Client, ana: Person
) -> None:
    address = path_of(ana)
    page = client.get(address).content.decode()
    assert ana.name not in page
    assert ana.email not in page
    assert "a•••@example.com" in page
    answer = client.post(address, {**shown(page), "yes": []})
    assert answer.status_code == 200
    assert not holds(ana)
    assert Answer.objects.latest("at").source == "link"


def test_who_was_stopped_by_somebody_else_undoes_it(client: Client, ana: Person) -> None:
    client.post(path_of(ana, links.stop), {"sure": "1"})
    assert not holds(ana)
    client.post(path_of_again(ana), {})
    assert holds(ana)


def path_of_again(person: Person) -> str:
    return urlsplit(links.undo(Link(person.pk, CHOICE, ""))).path


def test_a_link_that_we_did_not_write_opens_nothing(client: Client, ana: Person) -> None:
    token = links.write(Link(ana.pk, CHOICE, ""))
    for altered in ("x", token[:-2] + "AA", token.replace(".", "")):
        for page in ("", "stop/", "undo/", "why/"):
            assert client.get(f"/choices/{altered}/{page}").status_code == 404
    assert client.post(f"/choices/{token[:-2]}AA/stop/", {"sure": "1"}).status_code == 404


def test_a_choice_that_the_policy_has_no_more_is_no_fault(client: Client, ana: Person) -> None:
    address = path_of(ana, links.stop, choice="gone.choice")
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert "Nothing was changed" in client.post(address, {"sure": "1"}).content.decode()


def test_why_names_the_sentence_of_the_policy_and_the_answer(client: Client, ana: Person) -> None:
    page = client.get(path_of(ana, links.why)).content.decode()
    assert "New courses" in page
    assert "You said yes" in page
    assert "/privacy/#" in page


def test_a_browser_with_global_privacy_control_says_no(browser: Client, ana: Person) -> None:
    agree(ana, "share.others")
    browser.get("/account/", headers={"Sec-GPC": "1"})
    assert not holds(ana, "share.others")
    assert not holds(ana), "it is no answer to a choice that the policy does not let it answer"
    assert "Global Privacy Control" in browser.get(PAGE).content.decode()


def test_what_is_said_after_the_signal_counts_more(browser: Client, ana: Person) -> None:
    browser.get("/account/", headers={"Sec-GPC": "1"})
    agree(ana, "share.others")
    other = Client()
    other.force_login(ana)
    other.get("/account/", headers={"Sec-GPC": "1"})
    assert holds(ana, "share.others")


def test_a_signed_out_signal_holds_from_sign_in_on(client: Client, ana: Person) -> None:
    agree(ana, "share.others")
    client.get("/", headers={"Sec-GPC": "1"})
    assert holds(ana, "share.others")
    client.force_login(ana)
    client.get("/learn/", headers={"Sec-GPC": "1"})
    assert not holds(ana, "share.others")


@pytest.mark.parametrize("signal", ["0", "", "true"])
def test_only_the_signal_itself_is_one(browser: Client, ana: Person, signal: str) -> None:
    agree(ana, "share.others")
    browser.get("/account/", headers={"Sec-GPC": signal})
    assert holds(ana, "share.others")


def test_nobody_answers_for_another(browser: Client, ana: Person) -> None:
    bob = make_person()
    agree(bob)
    browser.post(PAGE, {"shown": [CHOICE], "yes": []})
    assert holds(bob)
