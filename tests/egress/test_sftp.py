"""Files to an authority's SFTP server, against Debian's."""

import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paramiko
import pytest

from creditable.egress import destinations
from creditable.egress.channels import open_channel
from creditable.egress.destinations import Inbox, Misconfigured
from creditable.egress.outbox import Message
from creditable.egress.outcome import Delivered, Failed, Refused, Unsendable
from tests.egress import sshd
from tests.egress.sshd import Sshd


@pytest.fixture(scope="module")
def server() -> Iterator[Sshd]:
    """In a folder of its own: pytest's are closed to the user that the server runs as."""
    with (
        tempfile.TemporaryDirectory(prefix="creditable-sshd-") as place,
        sshd.serving(Path(place)) as running,
    ):
        yield running


@pytest.fixture
def inbox(server: Sshd) -> Inbox:
    return Inbox(
        "board", "127.0.0.1", server.port, server.user, server.host_key, server.key_file, None
    )


@pytest.fixture
def folder(server: Sshd) -> Iterator[Path]:
    yield server.folder
    for file in server.folder.iterdir():
        file.unlink()


def message(folder: Path, name: str = "R-1.csv", body: bytes = b"a,b\r\n") -> Message:
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    head = {"path": str(folder), "filename": name, "once": True}
    return Message(uuid.uuid4(), uuid.uuid4(), "sftp", "board", head, body, now, now, 1, False)


def test_a_file_arrives_whole_and_nothing_else_with_it(inbox: Inbox, folder: Path) -> None:
    assert open_channel(inbox).carry(message(folder)) == Delivered(201)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {"R-1.csv": b"a,b\r\n"}


def test_the_same_file_again_is_the_same_delivery(inbox: Inbox, folder: Path) -> None:
    channel = open_channel(inbox)
    channel.carry(message(folder))
    assert channel.carry(message(folder)) == Delivered(200)
    assert [file.name for file in folder.iterdir()] == ["R-1.csv"]


def test_another_file_of_this_name_is_left_alone(inbox: Inbox, folder: Path) -> None:
    (folder / "R-1.csv").write_bytes(b"theirs")
    outcome = open_channel(inbox).carry(message(folder))
    assert isinstance(outcome, Refused)
    assert (folder / "R-1.csv").read_bytes() == b"theirs"


def test_another_server_of_this_name_is_told_nothing(inbox: Inbox, folder: Path) -> None:
    key = paramiko.Ed25519Key.from_private_key_file(str(inbox.key_file))
    false = replace(inbox, host_key=f"ssh-ed25519 {key.get_base64()}")
    outcome = open_channel(false).carry(message(folder))
    assert isinstance(outcome, Failed)
    assert not outcome.arrived
    assert "key" in outcome.error
    assert not list(folder.iterdir())


@pytest.mark.parametrize("fault", ["port", "user", "key", "folder"])
def test_what_cannot_be_reached_fails_and_did_not_arrive(
    inbox: Inbox, folder: Path, fault: str, tmp_path: Path
) -> None:
    other = tmp_path / "key"
    other.write_text("no key")
    wrong = {
        "port": replace(inbox, port=1),
        "user": replace(inbox, user="root"),
        "key": replace(inbox, key_file=other),
    }.get(fault, inbox)
    where = folder / "nowhere" if fault == "folder" else folder
    outcome = open_channel(wrong).carry(message(where))
    assert isinstance(outcome, Failed)
    assert not outcome.arrived


def test_a_line_that_breaks_at_the_last_word_may_have_arrived(
    inbox: Inbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: Callable[..., Any] = paramiko.SFTPClient.rename

    def rename(self: paramiko.SFTPClient, *names: str) -> None:
        done(self, *names)
        raise EOFError

    monkeypatch.setattr(paramiko.SFTPClient, "rename", rename)
    outcome = open_channel(inbox).carry(message(folder))
    assert isinstance(outcome, Failed)
    assert outcome.arrived


@pytest.mark.parametrize("name", ["../x", "", "a/b", ".hidden", "a" * 300])
def test_a_name_that_is_none_is_never_sent(inbox: Inbox, folder: Path, name: str) -> None:
    with pytest.raises(Unsendable):
        open_channel(inbox).carry(message(folder, name))


class TestSettings:
    ENTRY = {
        "channel": "sftp",
        "host": "sftp.board.example.com",
        "user": "wirewright",
        "host_key": "ssh-ed25519 AAAA",
        "key_file": "/keys/board",
    }

    def test_an_inbox_is_read(self) -> None:
        (found,) = destinations.read({"board": self.ENTRY}).values()
        assert isinstance(found, Inbox)
        assert (found.port, found.key_file) == (22, Path("/keys/board"))

    @pytest.mark.parametrize("missing", ["user", "key_file", "host_key"])
    def test_what_is_missing_is_named(self, missing: str) -> None:
        entry = {name: value for name, value in self.ENTRY.items() if name != missing}
        with pytest.raises(Misconfigured, match=missing):
            destinations.read({"board": entry})
