"""The office takes completions of many as a file: through the gate, in the ledger, safely."""

import csv
import io
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from creditable.credit import completions
from creditable.credit.models import Award
from creditable.disclosure import choices
from creditable.disclosure.models import Release
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people.models import License, Person
from tests.credit.test_awards import license_of
from tests.factories.credit import BOARD, TEXAS, make_award, make_course
from tests.factories.people import make_person
from tests.people.signing import sign_in_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]

ADDRESS = "/console/completions/"
FORM = {"first": "2026-12-01", "last": "2026-12-31", "authority": "", "purpose": "licensure"}
CLERK = Actor.system("tests")


def ana() -> Person:
    person = make_person(name="Ana Diaz")
    license_of(person, BOARD, "journeyman", "J-11111")
    License.objects.filter(subject=person.pk).update(name_as_printed="=HYPERLINK(1)")
    return person


def file(**asked: Any) -> list[dict[str, str]]:
    told: dict[str, Any] = {
        "first": date(2026, 12, 1),
        "last": date(2026, 12, 31),
        "authority": "",
        "purpose": "licensure",
        "by": CLERK,
    }
    text = b"".join(completions.export(**told | asked)).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_a_line_says_what_the_award_says_and_is_text_for_a_spreadsheet() -> None:
    (award,) = make_award(ana().pk, make_course(BOARD))
    (line,) = file()
    assert line == {
        "Completed": award.completed_on.isoformat(),
        "Name": "'=HYPERLINK(1)",
        "License type": award.snapshot["license"]["type_name"],
        "License number": "J-11111",
        "Authority": award.snapshot["approval"]["authority_name"],
        "Course": "Electrical safety on the job",
        "Course number": award.course_number,
        "Minutes": str(award.minutes),
    }


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_nothing_begins_like_a_formula(sign: str) -> None:
    person = ana()
    License.objects.filter(subject=person.pk).update(name_as_printed=f'{sign}1+1,"x"\n2')
    make_award(person.pk, make_course(BOARD))
    (line,) = file()
    assert line["Name"] == f"""'{sign}1+1,"x"\n2"""


def test_the_file_holds_the_days_and_the_authority_that_were_asked_for() -> None:
    person = ana()
    license_of(person, TEXAS)
    make_award(person.pk, make_course(BOARD, TEXAS))
    make_award(person.pk, make_course(BOARD), completed_at=datetime(2026, 11, 3, tzinfo=UTC))
    make_award(make_person(name="Bo Chen").pk, make_course())
    assert len(file()) == 3
    assert len(file(first=date(2026, 11, 1))) == 4
    assert [line["Authority"] for line in file(authority=BOARD)] == [
        file(authority=BOARD)[0]["Authority"]
    ]
    assert [line["Name"] for line in file() if not line["Authority"]] == ["Bo Chen"]


def test_each_person_has_one_line_in_the_ledger_and_who_is_held_is_left_out() -> None:
    person, other = ana(), make_person(name="Bo Chen")
    for _ in range(3):
        make_award(person.pk, make_course(BOARD))
    make_award(other.pk, make_course())
    file()
    lines = Release.objects.filter(recipient="office")
    assert {line.subject_id for line in lines} == {person.pk, other.pk}
    assert {(line.purpose, line.channel, line.rule) for line in lines} == {
        ("licensure", "manual", "office.file")
    }
    choices.stop(subject_id=other.pk, recipient="office", by=other.actor)
    held = file(purpose="verification")
    assert {line["Name"] for line in held} == {"'=HYPERLINK(1)"}
    assert len(held) == 3


def test_the_ledger_knows_again_what_was_in_the_file() -> None:
    """The digest changes with any completion that the file says."""
    person = ana()
    make_award(person.pk, make_course(BOARD))
    file()
    file()
    make_award(person.pk, make_course(BOARD))
    file()
    digests = (
        Release.objects.filter(recipient="office").order_by("at").values_list("digest", flat=True)
    )
    assert len(digests) == 3
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("people", [1, 3])
def test_it_takes_as_many_statements_however_many_there_are(
    django_assert_num_queries: Callable[..., Any], people: int
) -> None:
    for number in range(people):
        person = make_person(email=f"p{number}@example.com")
        for _ in range(people):
            make_award(person.pk, make_course())
    completions.purposes()
    with django_assert_num_queries(10):  # four of them begin and end savepoints
        assert len(file()) == people**2


def test_a_file_and_its_entry_in_the_trail_stand_together(monkeypatch: pytest.MonkeyPatch) -> None:
    make_award(ana().pk, make_course(BOARD))

    def fails(**_: object) -> None:
        raise RuntimeError("the connection broke")

    monkeypatch.setattr(completions.trail, "record", fails)
    with pytest.raises(RuntimeError):
        file()
    assert not Release.objects.filter(recipient="office").exists()


def test_what_cannot_be_is_refused_and_leaves_no_line() -> None:
    make_award(ana().pk, make_course(BOARD))
    for field, asked in {
        "last": {"last": date(2026, 11, 1)},
        "purpose": {"purpose": "offers"},
        "first": {"first": date(2027, 1, 1), "last": date(2027, 1, 2)},
    }.items():
        with pytest.raises(Refused) as refusal:
            file(**asked)
        assert refusal.value.field == field
    assert not Release.objects.filter(recipient="office").exists()


def test_the_page_asks_what_for_and_gives_the_file(client: Client) -> None:
    make_award(ana().pk, make_course(BOARD))
    clerk = make_person(name="Rita Reports", role="reporting")
    sign_in_staff(client, clerk)
    assert "What for" in client.get(ADDRESS).content.decode()
    assert client.post(f"{ADDRESS}file/", {**FORM, "purpose": ""}).status_code == 422
    answer = client.post(f"{ADDRESS}file/", FORM)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.count("\n") == 1 + Award.objects.count()
    assert Release.objects.get(recipient="office").actor_id == clerk.pk


def test_a_second_factor_of_an_hour_ago_is_asked_for_anew(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_award(ana().pk, make_course(BOARD))
    sign_in_staff(client, make_person(name="Rita Reports", role="reporting"))
    later = time.time() + timedelta(hours=1).total_seconds()
    monkeypatch.setattr(time, "time", lambda: later)
    assert client.get("/console/reports/").status_code == 200
    for answer in (client.get(ADDRESS), client.post(f"{ADDRESS}file/", FORM)):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/security/second-step/again/")
    assert not Release.objects.filter(recipient="office").exists()
