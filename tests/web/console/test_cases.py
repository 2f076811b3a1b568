"""What people write to us is sealed to staff: it opens to who has the case, and to anybody else
with a reason, of which the writer hears."""

from uuid import uuid4

import pytest
from django.test import Client

from creditable.audit.models import Event
from creditable.people.models import Person
from creditable.support import cases
from creditable.support.models import Case, Opening
from tests.factories.people import make_person
from tests.people.signing import mails_to, sign_in_staff, text_of
from tests.promises import promise
from tests.web.matrix import METHODS, PATTERNS, World, answered, ask, client_of, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]

CANARY = "My foreman Zebulon must not know of this."


def write(person: Person | None, *, email: str = "rosa@example.com") -> Case:
    return cases.open(
        key=uuid4(),
        name=person.name if person else "Quintilla",
        email=person.email if person else email,
        topic="other",
        body=CANARY,
        by=(person or make_person()).actor,
        subject_id=person.pk if person else None,
    )


def member(role: str = "office") -> Client:
    client = Client()
    sign_in_staff(client, make_person(name="Sam Office", role=role))
    return client


@promise("C2")
@pytest.mark.usefixtures("impatient")
def test_staff_without_the_case_get_no_word_of_it_by_any_address(world: World) -> None:
    """Every address of the site, asked with GET and with a POST that gives no reason, by a member
    of staff with every permission."""
    case = write(None)
    world.objects |= {
        name: case.number for name in world.objects if name.startswith("console:case")
    }
    client, opened, asked = client_of(world, "staff"), [], 0
    for name in sorted(rows()):
        address = world.address(name, PATTERNS[name])
        for method in METHODS:
            answer = ask(client, method, address)
            asked += 1
            if b"Zebulon" in answer.content or b"Quintilla" in answer.content:
                opened.append(f"{method} {name}")
    assert asked > 200
    assert opened == []


@pytest.mark.usefixtures("impatient")
def test_a_page_that_leaks_would_be_seen(world: World) -> None:
    """The planted fault: with the case taken, the page shows it."""
    case = write(None)
    client = client_of(world, "staff")
    client.post(f"/console/cases/{case.number}/take/")
    answer = client.get(f"/console/cases/{case.number}/")
    assert (answered(answer), b"Zebulon" in answer.content) == ("ok", True)


@promise("C2")
def test_who_has_the_case_reads_it_and_nobody_else_meanwhile() -> None:
    case, first, second = write(make_person()), member(), member()
    page = f"/console/cases/{case.number}/"
    assert "Take the case" in first.get(page).content.decode()
    first.post(f"{page}take/")
    assert CANARY in first.get(page).content.decode()
    assert second.post(f"{page}take/").status_code == 409
    assert CANARY not in second.get(page).content.decode()
    first.post(f"{page}give-back/")
    assert CANARY not in first.get(page).content.decode()
    second.post(f"{page}take/")
    assert CANARY in second.get(page).content.decode()


@promise("C2")
def test_a_broken_seal_is_on_record_and_its_writer_is_told() -> None:
    ana = make_person(name="Ana Diaz")
    case, client = write(ana), member()
    page = f"/console/cases/{case.number}/"
    shown = client.post(f"{page}open/", {"reason": "Her deadline is today and Kim is ill."})
    assert CANARY in shown.content.decode()
    assert CANARY not in client.get(page).content.decode(), "sealed again"
    opening = Opening.objects.get(case=case)
    event = Event.objects.get(verb="cases.break_seal")
    assert (event.about, event.actor_id) == (ana.pk, opening.by)
    (mail,) = mails_to(ana.email)
    assert "Her deadline is today and Kim is ill." in text_of(mail)
    assert CANARY not in text_of(mail)
    theirs = Client()
    theirs.force_login(ana)
    own = theirs.get("/account/messages/").content.decode()
    assert CANARY in own
    assert "The reason given: Her deadline is today and Kim is ill." in own


def test_who_has_no_account_is_told_where_the_answer_goes() -> None:
    case = write(None)
    member().post(f"/console/cases/{case.number}/open/", {"reason": "The owner is ill today."})
    (mail,) = mails_to("rosa@example.com")
    assert case.code in mail["Subject"]


@pytest.mark.parametrize("reason", ["", "  ", "because"])
def test_without_a_reason_the_seal_holds(reason: str) -> None:
    case = write(make_person())
    answer = member().post(f"/console/cases/{case.number}/open/", {"reason": reason})
    assert answer.status_code == 422
    assert CANARY not in answer.content.decode()
    assert not Opening.objects.exists()


def test_a_role_that_sees_no_cases_breaks_no_seal() -> None:
    case = write(make_person())
    client = member("finance")
    for address in ("", "take/", "open/"):
        answer = client.post(f"/console/cases/{case.number}/{address}", {"reason": "I want to."})
        assert answer.status_code == 403
