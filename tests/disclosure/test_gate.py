"""Nothing leaves but what the policy permits, and each release stands in the ledger once."""

import hmac
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from creditable.disclosure import gate, stream
from creditable.disclosure.messages import Request
from creditable.disclosure.models import (
    Outbox,
    Release,
    ReleaseEvent,
    Standing,
    Subject,
    Unsealed,
)
from creditable.disclosure.templates import Template
from creditable.lib.actor import Actor

BY = Actor.system("tests")
VALUES = {"total": "39.00", "name": "Ana Diaz", "phone": "214 555 0143", "link": "https://x.test/"}


def release(template: Template, person: Subject, key: str = "k", **more: Any) -> gate.Opened:
    opened = gate.open(template=template, by=BY, key=key)
    opened.add(person.id, VALUES | more)
    return opened


def test_a_field_that_no_rule_permits_stays_behind(
    policy: None, payment: Template, person: Subject
) -> None:
    released = release(payment, person).commit(reference="r")
    row = Outbox.objects.get(id=released.outbox_id)
    assert json.loads(bytes(row.body)) == [
        {"total": "39.00", "name": "Ana Diaz", "link": "https://x.test/"}
    ]
    line = Release.objects.get()
    assert line.fields == ["name", "total"]
    assert line.subject_id == person.id
    assert line.recipient == "payment.paypal"
    assert line.clause
    assert line.rule


def test_the_ledger_holds_names_of_fields_and_no_values(
    policy: None, payment: Template, person: Subject
) -> None:
    release(payment, person).commit()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(r)::text FROM disclosure_release r")
        (text,) = cursor.fetchone()
    assert "Ana Diaz" not in text
    assert "39.00" not in text


def test_without_a_required_field_nothing_leaves(
    policy: None, payment: Template, person: Subject
) -> None:
    strict = replace(payment, required=frozenset({"phone"}))
    with pytest.raises(gate.Denied):
        release(strict, person).commit()
    assert not Outbox.objects.exists()
    assert not Release.objects.exists()


def test_a_recipient_that_the_policy_does_not_name_gets_nothing(
    policy: None, payment: Template, person: Subject
) -> None:
    with pytest.raises(gate.Denied):
        release(replace(payment, recipient="vendor"), person).commit()
    assert not Outbox.objects.exists()


def test_without_a_published_policy_nothing_leaves(payment: Template, person: Subject) -> None:
    from creditable.disclosure.policies import NoPolicy

    with pytest.raises(NoPolicy):
        release(payment, person).commit()


def test_the_same_key_releases_once(policy: None, payment: Template, person: Subject) -> None:
    first = release(payment, person).commit()
    again = release(payment, person, total="1.00").commit()
    assert again == first
    assert Outbox.objects.count() == Release.objects.count() == ReleaseEvent.objects.count() == 1


def test_a_dry_run_writes_nothing(policy: None, payment: Template, person: Subject) -> None:
    plan = release(payment, person).decide()
    assert [line.fields for line in plan.allowed] == [("name", "total")]
    assert not Release.objects.exists()


def test_a_field_that_the_template_does_not_have_cannot_be_added(
    policy: None, payment: Template, person: Subject
) -> None:
    with pytest.raises(ValueError, match="no field"):
        release(payment, person, license="12345")


def test_personal_data_always_belongs_to_somebody(policy: None, payment: Template) -> None:
    with pytest.raises(ValueError, match="whose"):
        gate.open(template=payment, by=BY, key="k").add(None, VALUES)


def test_in_a_list_each_line_tells_what_left_of_that_person(
    policy: None, payment: Template
) -> None:
    ana, ben, eve = (Subject.objects.create() for _ in range(3))
    opened = gate.open(template=payment, by=BY, key="list")
    opened.add(ana.id, VALUES)
    opened.add(ben.id, VALUES | {"name": ""})
    opened.add(eve.id, VALUES | {"name": "Eve Stone"})
    opened.commit()
    fields = {ana.id: ["name", "total"], ben.id: ["total"], eve.id: ["name", "total"]}
    lines = {line.subject_id: line for line in Release.objects.all()}
    assert {person: line.fields for person, line in lines.items()} == fields
    assert len({line.batch for line in lines.values()}) == 1
    assert len({line.digest for line in lines.values()}) == 3
    left = b'["tests.payment", {"link": "https://x.test/", "name": "Ana Diaz", "total": "39.00"}]'
    digest = hmac.digest(bytes(ana.digest_key), left, "sha256")
    assert lines[ana.id].digest == digest.hex()


def test_a_digest_is_over_canonical_json_whatever_the_values_are(
    policy: None, payment: Template, person: Subject
) -> None:
    odd: tuple[object, ...] = (
        'Åsa "Ann" \\ Díaz\n\u2028', date(2026, 2, 28), Decimal("39.00"), True, 1.5, 7,
        {"last": "Diaz", "first": ["Ana", None]}, person.id,
    )  # fmt: skip
    silent = replace(payment, build=lambda *_: Request("paypal", "POST", "/somewhere"))
    for number, value in enumerate(odd):
        left = {"total": value, "link": None, "name": "Ana Diaz"}
        opened = gate.open(template=silent, by=BY, key=f"odd {number}")
        opened.add(person.id, left)
        opened.commit()
        whole = json.dumps(["tests.payment", left], sort_keys=True, default=str, ensure_ascii=False)
        digest = hmac.digest(bytes(person.digest_key), whole.encode(), "sha256").hex()
        assert Release.objects.get(key=opened.key).digest == digest


def test_who_said_the_same_shares_a_decision_and_nobody_else(
    policy: None, payment: Template
) -> None:
    ana, ben, eve = Subject.objects.bulk_create(Subject() for _ in range(3))
    for someone in (ana, ben):
        Standing.objects.create(subject=someone, answers={"marketing": False})
    opened = gate.open(template=payment, by=BY, key="list")
    for someone in (ana, ben, eve):
        opened.add(someone.id, VALUES)
    first, second, third = (line.decision for line in opened.decide().lines)
    assert first is second
    assert first is not third


@pytest.mark.parametrize("number", [1, 300])
def test_a_list_takes_the_statements_of_a_single_release(
    policy: None, payment: Template, number: int, django_assert_num_queries: Any
) -> None:
    opened = gate.open(template=payment, by=BY, key="list")
    for person in Subject.objects.bulk_create(Subject() for _ in range(number)):
        opened.add(person.id, VALUES)
    with django_assert_num_queries(5):  # two of them begin and end a savepoint
        opened.commit()
    assert Release.objects.count() == number


def test_the_statements_of_a_release_are_planned_once_for_a_connection(
    policy: None, payment: Template, person: Subject
) -> None:
    def planned() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement FROM pg_prepared_statements ORDER BY name")
            return [statement for (statement,) in cursor.fetchall()]

    release(payment, person, "first").commit()
    first = planned()
    for words in ("FOR NO KEY UPDATE", "disclosure_standing", "INSERT INTO disclosure_outbox"):
        assert any(words in statement for statement in first), words
    release(payment, person, "second").commit()
    assert planned() == first


SHOWN = Template(
    name="tests.check",
    recipient="public_verifier",
    purpose="verification",
    channel="web",
    fields={"name": "user.name", "serial": "user.ce.certificate"},
)


def test_what_a_page_shows_is_in_the_ledger_without_a_message(
    policy: None, payment: Template, person: Subject
) -> None:
    opened = gate.open(template=SHOWN, by=BY, key="verify:1")
    opened.add(person.id, {"name": "Ana Diaz", "serial": "ABC"})
    assert opened.commit().outbox_id is None
    assert ReleaseEvent.objects.get().status == "confirmed"


def test_a_release_without_a_key_is_a_new_one_each_time(
    policy: None, person: Subject, django_assert_num_queries: Any
) -> None:
    batches = set()
    for _ in range(2):
        opened = gate.open(template=SHOWN, by=BY, key=None)
        opened.add(person.id, {"name": "Ana Diaz"})
        with django_assert_num_queries(5):  # it looks for none before it, and locks no key
            batches.add(opened.commit().batch)
    assert {line.batch for line in Release.objects.all()} == batches
    assert Release.objects.values("key").distinct().count() == 2


def test_many_lines_are_written_as_few_are(
    policy: None, payment: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = Subject.objects.bulk_create(Subject() for _ in range(600))
    written = {}
    for most, key in ((1000, "few"), (600, "many")):
        monkeypatch.setattr(gate, "MANY", most)
        opened = gate.open(template=payment, by=BY, key=key)
        for number, person in enumerate(people):
            opened.add(person.id, VALUES | {"name": f"Ana {number}" if number % 3 else ""})
        batch = opened.commit().batch
        event = ReleaseEvent.objects.get(batch=batch)
        lines = list(Release.objects.filter(batch=batch).order_by("subject_id").values())
        assert (
            {line["at"] for line in lines} == {event.at} == {line["visible_from"] for line in lines}
        )
        written[key] = [
            {k: v for k, v in line.items() if k not in {"id", "at", "visible_from", "batch", "key"}}
            for line in lines
        ]
        assert opened.commit().batch == batch  # the same key again writes nothing
        assert Release.objects.filter(batch=batch).count() == 600
    assert written["few"] == written["many"]
    assert Unsealed.objects.filter(kind="release").count() == 2


def test_a_list_that_cannot_be_written_whole_leaves_nothing(
    policy: None, payment: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MANY", 1)
    monkeypatch.setattr(stream, "AT_ONCE", 2)
    opened = gate.open(template=payment, by=BY, key="list")
    for person in Subject.objects.bulk_create(Subject() for _ in range(5)):
        opened.add(person.id, VALUES)
    digests = iter(["0" * 64] * 4 + ["short"])
    monkeypatch.setattr(opened, "_digest", lambda *_: next(digests))
    with pytest.raises(psycopg.DataError), transaction.atomic():
        opened.commit()
    assert not Release.objects.exists()
    assert not Outbox.objects.exists()
