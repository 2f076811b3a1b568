"""Texts of the DNS are looked up for who needs a key; a server that is silent is asked again."""

import json
import socket
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import dns.message
import dns.rcode
import dns.rrset
import pytest

from creditable.egress.channels import open_channel
from creditable.egress.destinations import Resolver, read
from creditable.egress.outbox import Message
from creditable.egress.outcome import Delivered, Failed, Outcome, Unsendable

TEXTS = {"s1._domainkey.post.example.": ["v=DKIM1; k=rsa; p=AAAA", "BBBB"]}


@pytest.fixture
def server() -> Iterator[Resolver]:
    """A server of these tests that knows one name, and fails for names that say so."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            question, whence = line.recvfrom(2048)
            if not question:
                return
            query = dns.message.from_wire(question)
            answer = dns.message.make_response(query)
            name = query.question[0].name.to_text()
            if name in TEXTS:
                quoted = " ".join(f'"{text}"' for text in TEXTS[name])
                answer.answer = [dns.rrset.from_text(name, 60, "IN", "TXT", quoted)]
            else:
                failing = name.startswith("fail")
                answer.set_rcode(dns.rcode.SERVFAIL if failing else dns.rcode.NXDOMAIN)
            line.sendto(answer.to_wire(), whence)

    thread = threading.Thread(target=serve)
    thread.start()
    host, port = line.getsockname()
    yield Resolver("dns", host, port)
    line.sendto(b"", (host, port))
    thread.join(10)
    line.close()


def look_up(server: Resolver, *names: object) -> Outcome:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    head = {"names": list(names)}
    message = Message(uuid.uuid4(), uuid.uuid4(), "dns", "dns", head, b"", now, now, 1, False)
    return open_channel(server).carry(message)


def test_what_is_there_comes_back_whole_and_what_is_not_is_left_out(server: Resolver) -> None:
    outcome = look_up(server, "s1._domainkey.post.example.", "s2._domainkey.post.example.")
    assert isinstance(outcome, Delivered)
    assert json.loads(outcome.body) == {"s1._domainkey.post.example.": "v=DKIM1; k=rsa; p=AAAABBBB"}


def test_a_server_that_fails_is_asked_again(server: Resolver) -> None:
    assert isinstance(look_up(server, "fail.example."), Failed)


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".example.", "." * 3])
def test_what_is_no_name_is_not_asked(server: Resolver, name: str) -> None:
    with pytest.raises(Unsendable):
        look_up(server, name)


def test_the_setting_is_read() -> None:
    found = read({"dns": {"channel": "dns", "host": "192.0.2.53", "port": 5353}})
    assert found["dns"] == Resolver("dns", "192.0.2.53", 5353)
