"""A vendor that asks whether a course counts for a license gets yes or no and what its contract
names, and nothing else."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from creditable.catalog.models import Course
from creditable.credit import eligibility
from creditable.disclosure import choices, contracts
from creditable.disclosure.models import Contract, Release, Withheld
from creditable.lib.actor import Actor
from creditable.people.models import Person
from tests.credit.test_awards import license_of
from tests.factories.credit import BOARD, make_course
from tests.factories.people import make_person
from tests.promises import promise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]

BY = Actor.system("tests")


def sign(*categories: str, ends: date | None = None) -> Contract:
    return contracts.record(
        recipient="vendor.eligibility",
        party="Cardcheck Services",
        categories=["user.ce.eligibility", *categories],
        region="usa",
        begins=date(2026, 1, 1),
        ends=ends,
        filename="signed.pdf",
        document=b"%PDF",
        by=BY,
    )


@pytest.fixture
def contract() -> Contract:
    return sign("user.government_id.ce_license")


@pytest.fixture
def ana() -> Person:
    person = make_person(name="Ana Diaz")
    license_of(person, BOARD, "journeyman", "J-11111")
    return person


@pytest.fixture
def course() -> Course:
    return make_course(BOARD)


def ask(contract: Contract, course: Course, number: str = "J-11111", **more: Any) -> Any:
    question = {"authority": BOARD, "license": number, "course": course.slug, **more}
    return Client().post(
        "/hooks/eligibility/",
        json.dumps(question),
        content_type="application/json",
        headers={"Authorization": f"Bearer {eligibility.key_of(contract)}"},
    )


@promise("A21")
def test_a_question_is_answered_with_yes_and_stands_in_the_ledger(
    ana: Person, course: Course, contract: Contract
) -> None:
    assert ask(contract, course).json() == {"eligible": True}
    ask(contract, course)
    line = Release.objects.get(recipient="vendor.eligibility")
    assert (line.subject_id, line.fields, line.contract_id) == (ana.pk, ["eligible"], contract.pk)


@promise("A21")
def test_a_course_that_counts_for_nothing_is_a_no(ana: Person, contract: Contract) -> None:
    assert ask(contract, make_course()).json() == {"eligible": False}


@promise("A21")
def test_a_field_of_the_contract_comes_and_any_other_is_refused(
    ana: Person, course: Course, contract: Contract
) -> None:
    answer = ask(contract, course, fields=["license"])
    assert answer.json() == {
        "eligible": True,
        "license": {"authority": BOARD, "number": "J-11111"},
    }
    for beyond in ("name", "email", "completions", "*"):
        refused = ask(contract, course, fields=["license", beyond])
        assert refused.status_code == 403
        assert "Ana" not in refused.content.decode()
        assert f"The contract does not name this: {beyond}." in refused.content.decode()


@promise("A21")
def test_the_gate_itself_withholds_what_no_rule_or_contract_opens(
    ana: Person, course: Course, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: a program that forgot to look at the contract first."""
    monkeypatch.setattr(eligibility, "_check", lambda *args: None)
    assert ask(contract, course, fields=["name"]).json() == {"eligible": None}
    assert not Release.objects.filter(recipient="vendor.eligibility").exists()
    assert "no contract in force covers it" in Withheld.objects.get().reason


@promise("A21")
def test_without_a_contract_in_force_there_is_no_answer(
    ana: Person, course: Course, contract: Contract, move_clock: Callable[..., None]
) -> None:
    contracts.end(contract_id=contract.pk, by=BY)
    assert ask(contract, course).status_code == 403
    later = sign(ends=date(2027, 6, 1))
    assert ask(contract, course).status_code == 403, "a key ends with its own contract"
    assert ask(later, course).status_code == 200
    move_clock(timedelta(days=365))
    assert ask(later, course).status_code == 403


def test_a_holder_who_objects_cannot_be_told_from_nobody(
    ana: Person, course: Course, contract: Contract
) -> None:
    assert ask(contract, course).json() == {"eligible": True}
    choices.stop(subject_id=ana.pk, recipient="vendor.eligibility", by=ana.actor)
    objected = ask(contract, course)
    nobody = ask(contract, course, number="J-99999")
    assert objected.content == nobody.content == b'{"eligible": null}'


def test_a_license_that_two_people_claim_is_nobodys(
    ana: Person, course: Course, contract: Contract
) -> None:
    license_of(make_person(name="Bo Chen"), BOARD, "journeyman", "J-11111")
    assert ask(contract, course).json() == {"eligible": None}


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer x", "Basic x.y"])
def test_who_has_no_key_of_ours_learns_nothing(key: str, ana: Person, course: Course) -> None:
    answer = Client().post("/hooks/eligibility/", "{}", content_type="application/json",
                           headers={"Authorization": key})  # fmt: skip
    assert (answer.status_code, answer.content) == (400, b"not a key of ours\n")


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", "{", '{"license": 1}', '{"authority": "\\u0000"}', "x" * 20_000]
)
def test_what_is_no_question_is_refused(body: str, contract: Contract) -> None:
    answer = Client().post(
        "/hooks/eligibility/", body, content_type="application/json",
        headers={"Authorization": f"Bearer {eligibility.key_of(contract)}"},
    )  # fmt: skip
    assert answer.status_code == 422


def test_nobody_asks_through_a_whole_register(
    ana: Person, course: Course, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eligibility, "QUESTIONS_AN_HOUR", 2)
    answers = [ask(contract, course, number=f"J-{number}").status_code for number in range(3)]
    assert answers == [200, 200, 429]
