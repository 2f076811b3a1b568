"""Each message leaves once, not before its time, not after it was taken back."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from creditable.audit import clock
from creditable.disclosure import subjects
from creditable.disclosure.models import Reply, Subject
from creditable.egress import outbox
from creditable.egress.outbox import Message
from creditable.egress.outcome import Delivered, Failed, Refused, Unsendable
from tests.conftest import login_as
from tests.egress.conftest import Postman
from tests.egress.messages import events, outcomes, queue, replies

pytestmark = pytest.mark.django_db(transaction=True)

SendOne = Callable[..., bool]


def test_a_message_is_carried_and_its_answer_written(postman: Postman, send_one: SendOne) -> None:
    row = queue(head={"method": "POST", "path": "/x", "headers": {"Key": "1"}}, body=b"body")
    postman.outcomes.append(Delivered(201, {"content-type": "application/json"}, b'{"id":1}'))
    assert send_one()
    (message,) = postman.carried
    assert (message.body, message.head["headers"]) == (b"body", {"Key": "1"})
    (reply,) = replies(row)
    assert (reply.outcome, reply.status, bytes(reply.body)) == ("delivered", 201, b'{"id":1}')
    assert reply.head["headers"] == {"content-type": "application/json"}
    assert events(row) == ["queued", "sent", "confirmed"]
    assert not send_one()


def test_messages_leave_in_the_order_in_which_they_became_due(
    postman: Postman, send_one: SendOne
) -> None:
    rows = [queue(), queue(), queue()]
    while send_one():
        pass
    assert [message.id for message in postman.carried] == [row.id for row in rows]


def test_a_message_waits_for_its_time(
    postman: Postman, send_one: SendOne, move_clock: Callable[[timedelta], None]
) -> None:
    queue(wait=3600)
    assert not send_one()
    assert 3500 < (outbox.seconds_until_due("https") or 0) <= 3600
    move_clock(timedelta(hours=2))
    assert send_one()


def test_a_channel_carries_its_own_messages_alone(postman: Postman, send_one: SendOne) -> None:
    queue("smtp")
    assert not send_one("https")
    assert send_one("smtp")


def test_a_failure_is_tried_again_later_and_later(
    postman: Postman, send_one: SendOne, move_clock: Callable[[timedelta], None]
) -> None:
    row = queue()
    postman.outcomes[:] = [Failed("no answer", arrived=False) for _ in range(4)]
    for _ in range(4):
        assert send_one()
        assert not send_one()
        move_clock(timedelta(minutes=10))
    assert send_one()
    assert outcomes(row) == ["retry"] * 4 + ["delivered"]
    delays = [
        round((reply.retry_at - reply.at).total_seconds())
        for reply in replies(row)
        if reply.retry_at is not None
    ]
    assert delays == [1, 2, 4, 8]
    assert [message.attempt for message in postman.carried] == [1, 2, 3, 4, 5]
    assert events(row) == ["queued", "sent", "confirmed"]


def test_the_recipient_may_ask_for_more_time(postman: Postman, send_one: SendOne) -> None:
    row = queue()
    postman.outcomes.append(Failed("answered 429", arrived=False, status=429, wait=120))
    send_one()
    (reply,) = replies(row)
    assert reply.retry_at is not None
    assert reply.retry_at - clock.now() > timedelta(seconds=100)


def test_a_no_is_final(postman: Postman, send_one: SendOne) -> None:
    row = queue()
    postman.outcomes.append(Refused(422, "answered 422", body=b'{"name":"NO"}'))
    send_one()
    assert outcomes(row) == ["refused"]
    assert bytes(replies(row)[0].body) == b'{"name":"NO"}'
    assert events(row) == ["queued", "sent", "refused"]
    assert not send_one()


def test_a_message_that_no_attempt_could_carry_is_refused(
    postman: Postman, send_one: SendOne
) -> None:
    row = queue()
    postman.outcomes.append(Unsendable("the path is not one"))
    send_one()
    assert outcomes(row) == ["refused"]
    assert replies(row)[0].error == "the path is not one"


@pytest.mark.parametrize(
    ("arrived", "outcome"),
    [(False, "void"), (True, "unknown")],
    ids=["never left", "may have arrived"],
)
def test_when_its_time_is_over_we_say_what_we_know(
    postman: Postman,
    send_one: SendOne,
    move_clock: Callable[[timedelta], None],
    arrived: bool,
    outcome: str,
) -> None:
    row = queue(hours=1)
    postman.outcomes.append(Failed("no answer", arrived=arrived))
    send_one()
    move_clock(timedelta(hours=2))
    send_one()
    assert outcomes(row) == ["retry", outcome]
    assert events(row)[-1] == outcome
    assert len(postman.carried) == 1


def test_the_last_attempt_before_the_end_is_final(postman: Postman, send_one: SendOne) -> None:
    row = queue(hours=0.0001)
    postman.outcomes.append(Failed("no answer", arrived=True))
    send_one()
    assert outcomes(row) == ["unknown"]


def test_what_is_for_a_destination_that_is_not_set_up_waits(send_one: SendOne) -> None:
    row = queue(destination="nowhere")
    send_one()
    assert outcomes(row) == ["retry"]
    assert events(row) == ["queued"]


def test_what_was_taken_back_does_not_leave(postman: Postman, send_one: SendOne) -> None:
    row = queue(subject=Subject.objects.create())
    Reply.objects.create(outbox=row, attempt=1, outcome="void")
    assert not send_one()
    assert postman.carried == []


def test_taking_back_and_sending_never_overtake_each_other(
    postman: Postman, send_one: SendOne
) -> None:
    person = Subject.objects.create()
    row = queue(subject=person)
    locked, done = threading.Event(), threading.Event()

    def take_back() -> None:
        with login_as("CREDITABLE_APP_DATABASE_URL"), transaction.atomic():
            subjects.lock([person.id])
            locked.set()
            # The sender has taken the message and stands at the person's lock.
            with connection.cursor() as cursor:
                for _ in range(2000):
                    cursor.execute(
                        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                        " WHERE NOT granted AND datname = current_database()"
                    )
                    if cursor.fetchone()[0] or done.wait(0.01):
                        break
            Reply.objects.create(outbox=row, attempt=1, outcome="void")
        connection.close()

    thread = threading.Thread(target=take_back)
    thread.start()
    assert locked.wait(20)
    send_one()
    done.set()
    thread.join(20)
    assert postman.carried == []
    assert outcomes(row) == ["void"]
    assert events(row) == ["queued"]


def test_what_was_taken_back_while_it_was_on_its_way_stays_taken_back(
    postman: Postman, send_one: SendOne
) -> None:
    row = queue()

    def take_back(message: outbox.Message) -> None:
        Reply.objects.create(outbox_id=message.id, attempt=1, outcome="void")

    # In the same transactionless connection: the sender's login may write replies.
    postman.while_carrying = take_back
    send_one()
    assert outcomes(row) == ["void"]


def test_nobody_is_locked_while_a_message_is_on_its_way(
    postman: Postman, send_one: SendOne
) -> None:
    person = Subject.objects.create()
    queue(subject=person)
    seen: list[int] = []

    def look(message: outbox.Message) -> None:
        assert not connection.in_atomic_block
        with transaction.atomic():
            rows = Subject.objects.select_for_update(nowait=True).filter(id=person.id)
            seen.append(len(rows.values_list("id", flat=True)))

    postman.while_carrying = look
    send_one()
    assert seen == [1]


def test_two_senders_never_carry_the_same_message(postman: Postman, send_one: SendOne) -> None:
    queue()
    others: list[bool] = []

    def race(message: outbox.Message) -> None:
        def other() -> None:
            with login_as("CREDITABLE_EGRESS_DATABASE_URL"):
                others.append(outbox.take(channel="https", leaving_out=[]) is not None)
            connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(20)

    postman.while_carrying = race
    send_one()
    assert others == [False]


def test_a_sender_that_dies_gives_its_message_back(send_one: SendOne) -> None:
    row = queue()

    def die() -> None:
        with login_as("CREDITABLE_EGRESS_DATABASE_URL"):
            message = outbox.take(channel="https", leaving_out=[])
            assert message is not None
            assert outbox.depart(message)
        connection.close()

    thread = threading.Thread(target=die)
    thread.start()
    thread.join(20)
    assert send_one()
    assert outcomes(row) == ["delivered"]
    assert events(row) == ["queued", "sent", "confirmed"]


class TestForOnce:
    """A message that its recipient would not know again is never sent on a guess."""

    HEAD = {"method": "POST", "path": "/x", "headers": {}, "once": True}

    def test_it_is_tried_again_as_long_as_it_did_not_arrive(
        self, postman: Postman, send_one: SendOne, move_clock: Callable[[timedelta], None]
    ) -> None:
        row = queue(head=self.HEAD)
        postman.outcomes.append(Failed("no line", arrived=False))
        assert send_one()
        move_clock(timedelta(minutes=10))
        assert send_one()
        assert outcomes(row) == ["retry", "delivered"]

    def test_what_may_have_arrived_is_not_sent_again(
        self, postman: Postman, send_one: SendOne, move_clock: Callable[[timedelta], None]
    ) -> None:
        row = queue(head=self.HEAD)
        postman.outcomes.append(Failed("no answer", arrived=True))
        assert send_one()
        move_clock(timedelta(hours=2))
        assert not send_one()
        assert outcomes(row) == ["unknown"]
        assert events(row)[-1] == "unknown"

    def test_a_sender_that_died_with_it_has_perhaps_sent_it(
        self, postman: Postman, send_one: SendOne
    ) -> None:
        row = queue(head=self.HEAD)

        def die(message: Message) -> None:
            raise KeyboardInterrupt

        postman.while_carrying = die
        with pytest.raises(KeyboardInterrupt):
            send_one()
        connection.close()
        postman.while_carrying = lambda _: None
        assert send_one()
        assert len(postman.carried) == 1
        assert outcomes(row) == ["unknown"]
