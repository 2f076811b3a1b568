"""A no holds before the next message leaves, against every later wording, until its person says
yes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction

from creditable.disclosure import choices, contracts, gate, objections, policies, templates
from creditable.disclosure.messages import Request
from creditable.disclosure.models import (
    Answer,
    Hold,
    Objection,
    Outbox,
    Release,
    Reply,
    Subject,
    Withheld,
)
from creditable.disclosure.templates import Line, Template
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.policy import document
from tests.installation import wait_until
from tests.policy import example
from tests.promises import promise

pytestmark = pytest.mark.django_db

BY = Actor.system("tests")
NEXT = [("version: 2", "version: 3"), ("supersedes: 1", "supersedes: 2")]
RENTAL = Template(
    name="tests.rental",
    recipient="renter",
    purpose="offers",
    channel="manual",
    fields={"name": "user.name", "street": "user.contact.address.street"},
    required=frozenset({"name", "street"}),
)
VALUES = {"name": "Ana Diaz", "street": "1 Elm St"}


def build(lines: Sequence[Line], key: str) -> Request:
    return Request("board", "POST", "/", {"Key": key}, repr(lines).encode())


REPORT = Template(
    name="tests.report",
    recipient="board.one",
    purpose="licensure",
    channel="https",
    fields={"name": "user.name"},
    required=frozenset({"name"}),
    build=build,
)


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., None]:
    """Publishes the example policy with pieces of its text exchanged."""

    def make(*changes: tuple[str, str]) -> None:
        policies.publish(policy=document.load(example.write(tmp_path, *changes)), by=BY)

    return make


@pytest.fixture
def person(db: None) -> Subject:
    return Subject.objects.create()


def rent(person: Subject, key: str, template: Template = RENTAL) -> gate.Released:
    release = gate.open(template=template, by=BY, key=key)
    release.add(person.pk, {name: VALUES[name] for name in template.fields})
    return release.commit()


def say(person: Subject, *, agrees: bool, words: str = "") -> bool:
    return choices.say(
        subject_id=person.pk,
        choice="offers.others",
        agrees=agrees,
        source="account",
        words=words,
        by=Actor.person(person.pk),
    )


@promise("B8")
def test_a_no_holds_for_the_next_release_and_a_yes_opens_it_again(
    publish: Callable[..., None], person: Subject
) -> None:
    publish()
    rent(person, "before")
    say(person, agrees=False, words="No lists, please.")
    with pytest.raises(gate.Denied, match="the person said no to offers of others"):
        rent(person, "after")
    say(person, agrees=True)
    rent(person, "again")
    assert [line.choices for line in Release.objects.order_by("at", "id")] == [[], []]
    assert [row.agrees for row in Answer.objects.order_by("at", "id")] == [False, True]
    assert Objection.objects.get().withdrawn_at


def test_what_is_asked_first_waits_for_a_yes(publish: Callable[..., None], person: Subject) -> None:
    publish(("default: allow", "default: deny"))
    with pytest.raises(gate.Denied, match="has not agreed to offers of others"):
        rent(person, "unasked")
    say(person, agrees=True)
    rent(person, "agreed")
    say(person, agrees=False)
    with pytest.raises(gate.Denied):
        rent(person, "withdrawn")


def test_each_answer_leaves_a_receipt_with_words_and_version(
    publish: Callable[..., None], person: Subject
) -> None:
    publish()
    assert say(person, agrees=False, words="No lists, please.")
    assert not say(person, agrees=False), "said before"
    first, second = Answer.objects.order_by("at", "id")
    assert (first.words, first.policy_version, first.source) == ("No lists, please.", 2, "account")
    assert second.agrees is False
    assert Objection.objects.get().reach == {"recipients": ["renter"]}


def test_another_choice_than_the_policy_has_is_refused(
    publish: Callable[..., None], person: Subject
) -> None:
    publish()
    with pytest.raises(Refused):
        choices.say(subject_id=person.pk, choice="x", agrees=True, source="account", by=BY)
    assert not Answer.objects.exists()


def test_what_waits_to_leave_is_taken_back_by_a_no(
    publish: Callable[..., None], person: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(templates._registered, REPORT.name, REPORT)
    publish(("recipient: board,", "recipient: [board, renter],"), ("unless: [offers.others]", ""))
    released = rent(person, "waiting", REPORT)
    assert not Reply.objects.exists()
    choices.stop(subject_id=person.pk, recipient="renter", by=Actor.person(person.pk))
    assert not Reply.objects.exists(), "what goes to the board rests on a contract"
    publish(
        *NEXT,
        ("license, basis: contract", "license, basis: legitimate_interest"),
        ("recipient: board,", "recipient: [board, renter],"),
        ("unless: [offers.others]", ""),
    )
    choices.stop(subject_id=person.pk, recipient="board", by=Actor.person(person.pk))
    reply = Reply.objects.get(outbox=released.outbox_id)
    assert reply.outcome == Reply.Outcome.VOID
    assert Outbox.objects.get().replies.count() == 1


@promise("A30")
@pytest.mark.parametrize(
    "widening",
    [
        [("    unless: [offers.others]\n", "")],
        [
            ("purpose: offers\n", "purpose: [offers, licensure]\n"),
            ("    unless: [offers.others]\n", ""),
        ],
    ],
    ids=["the no is dropped", "another purpose"],
)
def test_a_version_that_would_override_a_no_is_held_for_who_said_it(
    publish: Callable[..., None], person: Subject, widening: list[tuple[str, str]]
) -> None:
    silent, consenting = Subject.objects.create(), Subject.objects.create()
    publish()
    say(person, agrees=False)
    say(consenting, agrees=True)
    publish(*NEXT, *widening)
    assert set(Hold.objects.values_list("subject_id", flat=True)) == {person.pk}
    with pytest.raises(gate.Denied, match="on hold"):
        rent(person, "held")
    rent(silent, "silent")
    rent(consenting, "consenting")


def test_who_said_no_twice_is_counted_once(
    publish: Callable[..., None], person: Subject, tmp_path: Path
) -> None:
    """A no to the choice and a stop at the recipient are two reaches that meet the same cells."""
    other, consenting = Subject.objects.create(), Subject.objects.create()
    covers = ("covers: {recipient: renter}", "covers: {recipient: renter, channel: manual}")
    publish(UNYIELDING, covers)
    for one in (person, other):
        choices.stop(subject_id=one.pk, recipient="renter", by=Actor.person(one.pk))
    say(person, agrees=False)
    say(consenting, agrees=True)
    widened = ("purpose: offers\n", "purpose: [offers, licensure]\n")
    new = document.load(example.write(tmp_path, *NEXT, UNYIELDING, covers, widened))
    comparison = policies.against_current(new)
    assert comparison is not None
    kinds = objections.concerned(comparison)
    assert set(objections.people(kinds)) == {person.pk, other.pk}
    assert sum(kind.people for kind in kinds) == 3
    counted = objections.per_cell(kinds)
    assert counted
    assert set(counted.values()) == {2}


def test_silence_keeps_a_hold_forever_and_only_a_yes_lifts_it(
    publish: Callable[..., None], person: Subject, move_clock: Callable[..., None]
) -> None:
    publish()
    say(person, agrees=False)
    publish(*NEXT, ("    unless: [offers.others]\n", ""))
    move_clock(timedelta(days=3650))
    with pytest.raises(gate.Denied):
        rent(person, "ten years later")
    by = Actor.person(person.pk)
    assert choices.answer_hold(subject_id=person.pk, version=3, agrees=False, by=by)
    with pytest.raises(gate.Denied):
        rent(person, "after a no")
    assert choices.answer_hold(subject_id=person.pk, version=3, agrees=True, by=by)
    rent(person, "after a yes")
    assert Answer.objects.filter(choice="version 3", agrees=True).count() == 1


def test_a_version_of_a_day_to_come_is_not_published(publish: Callable[..., None]) -> None:
    """The gate obeys the newest version, so people may not read that it holds from later on."""
    with pytest.raises(Refused, match="2999-01-31"):
        publish(("2026-01-31", "2999-01-31"))


UNYIELDING = ("    unless: [offers.others]\n", "")
"""The rule to rent gives way to nothing, though the text names the choice."""


def test_a_no_stops_also_what_no_rule_gives_way_to(
    publish: Callable[..., None], person: Subject
) -> None:
    publish(UNYIELDING)
    rent(person, "before")
    say(person, agrees=False)
    with pytest.raises(gate.Denied, match="on hold"):
        rent(person, "after a no")
    say(person, agrees=True)
    rent(person, "after a yes")


def test_a_no_of_today_reaches_what_a_later_version_adds(
    publish: Callable[..., None], person: Subject
) -> None:
    publish(UNYIELDING)
    say(person, agrees=False)
    publish(*NEXT, UNYIELDING, ("purpose: offers\n", "purpose: [offers, licensure]\n"))
    with pytest.raises(gate.Denied, match="on hold"):
        rent(person, "by another name", replace(RENTAL, purpose="licensure"))


def test_a_yes_to_what_one_stopped_oneself_ends_the_stop(
    publish: Callable[..., None], person: Subject
) -> None:
    publish()
    by = Actor.person(person.pk)
    choices.stop(subject_id=person.pk, recipient="renter", by=by)
    with pytest.raises(gate.Denied, match="on hold"):
        rent(person, "stopped")
    choices.answer_hold(subject_id=person.pk, version=None, agrees=True, by=by)
    rent(person, "opened")
    assert Objection.objects.get().withdrawn_at


@pytest.mark.django_db(transaction=True)
def test_a_no_that_is_said_while_a_version_is_published_is_not_lost(
    publish: Callable[..., None], person: Subject
) -> None:
    """It waits for the version and is held against it."""
    publish()

    def speak() -> None:
        try:
            say(person, agrees=False)
        finally:
            connection.close()

    speaking = Thread(target=speak)
    with transaction.atomic():
        publish(*NEXT, UNYIELDING)
        speaking.start()
        wait_until(_somebody_waits_for_a_lock, "the no to wait")
    speaking.join()
    with pytest.raises(gate.Denied):
        rent(person, "after both")


def _somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        (waiting,) = cursor.fetchone()
    return bool(waiting)


def test_publishing_the_same_version_twice_holds_once(
    publish: Callable[..., None], person: Subject
) -> None:
    publish()
    say(person, agrees=False)
    for _ in range(2):
        publish(*NEXT, ("    unless: [offers.others]\n", ""))
    cells = Hold.objects.values_list("category", "recipient", "purpose", "channel", "group")
    assert len(cells) == len(set(cells)) == 3


@promise("B11")
def test_who_needs_a_contract_gets_nothing_while_none_is_in_force(
    publish: Callable[..., None], person: Subject, move_clock: Callable[..., None]
) -> None:
    publish(
        (
            "renter: {label: those who rent lists, region: there}",
            "renter: {label: those who rent lists, region: there, contract: required}",
        )
    )
    with pytest.raises(gate.Denied, match="no contract"):
        rent(person, "without")
    about = {
        "recipient": "renter",
        "party": "Lists Ltd.",
        "region": "there",
        "begins": date(2020, 1, 1),
        "filename": "contract.pdf",
        "document": b"signed",
        "by": BY,
    }
    contracts.record(categories=["user.name"], ends=None, **about)
    with pytest.raises(gate.Denied, match="no contract"):
        rent(person, "the street is not in it")
    whole: dict[str, Any] = about | {"categories": ["user.name", "user.contact.address"]}
    contract = contracts.record(ends=None, **whole | {"begins": date(2021, 1, 1)})
    rent(person, "under contract")
    assert Release.objects.get().contract_id == contract.pk
    contracts.end(contract_id=contract.pk, by=BY)
    with pytest.raises(gate.Denied, match="no contract"):
        rent(person, "ended")


def test_a_contract_that_has_it_in_another_region_opens_nothing_and_says_so(
    publish: Callable[..., None], person: Subject
) -> None:
    publish(("region: there}\nstores", "region: there, contract: required}\nstores"))
    about: dict[str, Any] = {
        "recipient": "renter",
        "party": "Lists Ltd.",
        "categories": ["user.name", "user.contact.address"],
        "ends": None,
        "filename": "contract.pdf",
        "document": b"signed",
        "by": BY,
    }
    contracts.record(**about, region="here", begins=date(2020, 1, 1))
    policy = policies.current()
    sentence = f"the contract has it in {policy.regions['here']}, and the policy in"
    with pytest.raises(gate.Denied, match=sentence):
        rent(person, "elsewhere")
    contracts.record(**about, region="there", begins=date(2020, 2, 1))
    rent(person, "where the policy says")


def test_a_contract_that_ran_out_opens_nothing(
    publish: Callable[..., None], person: Subject
) -> None:
    publish(("region: there}\nstores", "region: there, contract: required}\nstores"))
    contracts.record(
        recipient="renter",
        party="Lists Ltd.",
        region="there",
        categories=["user.name", "user.contact.address"],
        begins=date(2020, 1, 1),
        ends=date(2020, 12, 31),
        filename="contract.pdf",
        document=b"signed",
        by=BY,
    )
    with pytest.raises(gate.Denied, match="no contract"):
        rent(person, "too late")


def test_what_did_not_leave_stands_before_the_office_with_its_reason(
    publish: Callable[..., None], person: Subject
) -> None:
    publish()
    say(person, agrees=False)
    with pytest.raises(gate.Denied) as denied:
        rent(person, "key")
    denied.value.note()
    entry = Withheld.objects.get()
    assert (entry.key, entry.subject_id, entry.template) == ("key", person.pk, "tests.rental")
    assert "said no to offers of others" in entry.reason


def test_a_list_leaves_out_who_said_no(publish: Callable[..., None]) -> None:
    publish()
    people = [Subject.objects.create() for _ in range(4)]
    say(people[1], agrees=False)
    release = gate.open(template=RENTAL, by=BY, key="list")
    for person in people:
        release.add(person.pk, VALUES)
    release.commit()
    listed = set(Release.objects.values_list("subject_id", flat=True))
    assert listed == {person.pk for person in people} - {people[1].pk}
    assert Withheld.objects.get().subject_id == people[1].pk


def test_what_the_law_or_a_contract_asks_for_cannot_be_stopped(
    publish: Callable[..., None], person: Subject
) -> None:
    publish()
    with pytest.raises(Refused, match="cannot be stopped here"):
        choices.stop(subject_id=person.pk, recipient="board", by=Actor.person(person.pk))
    assert not Objection.objects.exists()
