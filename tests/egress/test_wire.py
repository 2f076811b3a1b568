"""What the sender connects to is seen below its libraries and written down with its message."""

import http.client
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from creditable.disclosure.models import Connection, Subject
from creditable.egress import outbox, wire
from creditable.egress.outbox import Message
from tests.conftest import login_as
from tests.egress.conftest import Postman
from tests.egress.messages import queue


@pytest.fixture
def door() -> Iterator[int]:
    """Somebody who takes five bytes and answers with three: the port."""
    wire.observe()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                with line:
                    line.recv(5)
                    line.sendall(b"yes")

        threading.Thread(target=answer, daemon=True).start()
        yield listener.getsockname()[1]


def knock(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"hello")
        assert line.recv(3) == b"yes"


def test_a_connection_is_seen_with_what_went_and_came(door: int) -> None:
    with wire.watched() as seen:
        knock(door)
    (one,) = seen
    assert (one.host, one.port, one.sent) == ("127.0.0.1", door, 5)
    assert one.received in {3, 4}, "the end of a line counts as a byte"


def test_whatever_library_opens_it_and_whether_it_succeeds(door: int) -> None:
    with wire.watched() as seen:
        with pytest.raises((http.client.HTTPException, OSError)):
            line = http.client.HTTPConnection("127.0.0.1", door)
            line.request("GET", "/")
            line.getresponse()
        with socket.socket() as refused, pytest.raises(OSError, match="refused"):
            refused.connect(("127.0.0.1", 1))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packet:
            packet.sendto(b"?", ("127.0.0.1", 53))
    assert [one.port for one in seen] == [door, 1, 53]


def test_one_outside_a_message_is_a_stray_also_while_another_thread_sends(door: int) -> None:
    wire.strays()
    with wire.watched() as seen:
        other = threading.Thread(target=knock, args=[door])
        other.start()
        other.join()
    assert seen == []
    assert [one.port for one in wire.strays()] == [door]
    assert wire.strays() == []


@pytest.mark.django_db(transaction=True)
def test_the_sender_writes_down_what_it_opened_for_which_message(
    door: int, postman: Postman, send_one: Callable[..., bool]
) -> None:
    row = queue(subject=Subject.objects.create())

    def carry(_: Message) -> None:
        knock(door)

    postman.while_carrying = carry
    assert send_one()
    line = Connection.objects.get()
    assert (line.outbox_id, line.port, line.sent) == (row.id, door, 5)
    wire.strays()
    knock(door)
    with login_as("CREDITABLE_EGRESS_DATABASE_URL"):
        outbox.note(None, wire.strays())
    assert Connection.objects.get(outbox_id=None).port == door
