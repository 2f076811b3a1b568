"""The stand-in for an authority's SFTP server takes files, and fails when it is told to."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from creditable.egress.channels.sftp import Sftp
from creditable.egress.destinations import Inbox
from creditable.egress.outbox import Message
from creditable.egress.outcome import Delivered, Failed
from tests.standins.running import Running, free_port


@pytest.fixture
def inbox(launch: Callable[..., Running], tmp_path: Path) -> tuple[Running, Sftp]:
    port = free_port()
    running = launch("sftp_inbox", "--sftp-port", str(port))
    key = running.call("GET", "/host-key").body.decode().strip()
    (tmp_path / "password").write_text("standin-password")
    where = Inbox("board", "127.0.0.1", port, "us", key, None, tmp_path / "password")
    return running, Sftp(where)


def message() -> Message:
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    head = {"path": "/in", "filename": "R-1.csv", "once": True}
    return Message(uuid.uuid4(), uuid.uuid4(), "sftp", "board", head, b"a", now, now, 1, False)


def test_a_file_stands_on_its_page(inbox: tuple[Running, Sftp]) -> None:
    running, channel = inbox
    assert channel.carry(message()) == Delivered(201)
    assert "R-1.csv" in running.call("GET", "/standin/").body.decode()


@pytest.mark.parametrize(
    ("fault", "arrived"), [("sftp.closed", False), ("sftp.full", False), ("sftp.drop", True)]
)
def test_it_fails_on_demand(inbox: tuple[Running, Sftp], fault: str, arrived: bool) -> None:
    running, channel = inbox
    running.arm(fault)
    outcome = channel.carry(message())
    assert isinstance(outcome, Failed)
    assert outcome.arrived is arrived
    assert channel.carry(message()) in (Delivered(200), Delivered(201))
