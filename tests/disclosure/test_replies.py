"""An answer from outside takes effect once, and the message it answers is then blanked."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from creditable.disclosure import gate, lane, replies
from creditable.disclosure.models import Outbox, Reply, Subject
from creditable.disclosure.replies import Answer
from creditable.disclosure.templates import Template
from creditable.lib.actor import Actor


@pytest.fixture
def heard() -> Iterator[list[Answer]]:
    """What the handler of these tests was told."""
    answers: list[Answer] = []
    replies.on("tests.payment")(answers.append)
    yield answers
    del replies._handlers["tests.payment"]


@pytest.fixture
def sent(policy: None, payment: Template, person: Subject) -> UUID:
    opened = gate.open(template=payment, by=Actor.system("tests"), key="k")
    opened.add(person.id, {"total": "39.00"})
    outbox_id = opened.commit(reference="order-1").outbox_id
    assert outbox_id is not None
    return outbox_id


def test_an_answer_is_handled_once(sent: UUID, heard: list[Answer]) -> None:
    Reply.objects.create(
        outbox_id=sent, attempt=1, outcome="delivered", status=201, body=b'{"id":"5O1"}'
    )
    for _ in range(3):
        replies.handle(outbox_id=sent)
    assert [(answer.reference, answer.status, answer.body) for answer in heard] == [
        ("order-1", 201, b'{"id":"5O1"}')
    ]
    assert replies.unhandled() == []


def test_the_message_is_blanked_once_it_is_settled(sent: UUID, heard: list[Answer]) -> None:
    Reply.objects.create(outbox_id=sent, attempt=1, outcome="delivered")
    replies.handle(outbox_id=sent)
    row = Outbox.objects.get(id=sent)
    assert row.settled
    assert bytes(row.body) == b""
    assert row.head == {}
    assert len(row.digest) == 64


def test_an_attempt_that_will_be_repeated_is_not_an_answer(
    sent: UUID, heard: list[Answer], policy: None
) -> None:
    from creditable.audit import clock

    Reply.objects.create(outbox_id=sent, attempt=1, outcome="retry", retry_at=clock.now())
    assert replies.handle(outbox_id=sent) is None
    assert heard == []


def test_a_handler_that_fails_leaves_the_answer_for_the_next_try(
    sent: UUID, heard: list[Answer]
) -> None:
    Reply.objects.create(outbox_id=sent, attempt=1, outcome="delivered")
    del replies._handlers["tests.payment"]

    def fail(answer: Answer) -> None:
        raise ZeroDivisionError

    replies.on("tests.payment")(fail)
    with pytest.raises(ZeroDivisionError):
        replies.handle(outbox_id=sent)
    assert replies.unhandled() == [sent]
    del replies._handlers["tests.payment"]
    replies.on("tests.payment")(heard.append)
    replies.handle(outbox_id=sent)
    assert len(heard) == 1


def test_a_message_has_one_final_outcome(sent: UUID) -> None:
    Reply.objects.create(outbox_id=sent, attempt=1, outcome="delivered")
    with pytest.raises(IntegrityError), transaction.atomic():
        Reply.objects.create(outbox_id=sent, attempt=2, outcome="refused")


def test_the_lane_refuses_to_wait_inside_a_transaction(sent: UUID) -> None:
    with pytest.raises(RuntimeError, match="outside"):
        lane.wait(sent, seconds=0)


@pytest.mark.django_db(transaction=True)
def test_the_lane_gives_up_when_no_answer_comes_and_says_pending(
    policy: None, payment: Template
) -> None:
    person = Subject.objects.create()
    opened = gate.open(template=payment, by=Actor.system("tests"), key="k")
    opened.add(person.id, {"total": "39.00"})
    outbox_id = opened.commit().outbox_id
    assert outbox_id is not None
    assert lane.wait(outbox_id, seconds=0.05) is None
    Reply.objects.create(outbox_id=outbox_id, attempt=1, outcome="delivered")
    answer = lane.wait(outbox_id, seconds=0.05)
    assert answer is not None
    assert answer.outcome == "delivered"
