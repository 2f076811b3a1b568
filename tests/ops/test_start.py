"""The demo as a whole: what it says when it cannot start, and how it ends."""

import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from creditable.ops import start
from creditable.ops.demonstration import Demonstration
from creditable.ops.processes import answers_http
from tests.installation import free_ports
from tests.ops.conftest import Eventually, Launch, alive, kill


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="creditable-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "data"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert start.main(words) == 1
    return capsys.readouterr().err


def test_a_taken_port_is_named_before_anything_is_started(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = free_ports()
    with socket.create_server(("127.0.0.1", first + 3)):
        problem = said(capsys, "demo", "--port", str(first), "--data", str(data))
    assert f"Port {first + 3} is taken" in problem
    assert f"--port {first + 10}" in problem
    assert not (data / "cluster").exists()


def test_a_second_demo_in_the_same_folder_is_told_of_the_first(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = start.take_place(data)
    try:
        problem = said(capsys, "demo", "--port", str(free_ports()), "--data", str(data))
    finally:
        os.close(place)
    assert f"process {os.getpid()}" in problem


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({}, "CREDITABLE_DATA, CREDITABLE_BASE_URL"),
        (
            {"CREDITABLE_DATA": "x", "CREDITABLE_BASE_URL": "x", "DATABASE_URL": "x"},
            "CREDITABLE_APP_DATABASE_URL",
        ),
        ({"CREDITABLE_DATA": "x", "CREDITABLE_BASE_URL": "x", "CREDITABLE_DEMO": "1"}, "./do demo"),
    ],
)
def test_a_real_installation_says_what_it_lacks(
    settings: dict[str, str],
    missing: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in [name for name in os.environ if name.startswith(("CREDITABLE_", "DATABASE_"))]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert missing in said(capsys, "run")


def test_a_demo_survives_any_end_and_leaves_nobody(
    data: Path, launch: Launch, eventually: Eventually
) -> None:
    """And what it says of a folder whose published policy is another."""
    demo = Demonstration("electric", free_ports(), data)
    words = ("demo", "--port", demo.port, "--data", data)

    def open_demo() -> tuple[int, list[int]]:
        family = launch(sys.executable, "-m", "creditable.ops.start", *words)
        assert family.stdout
        lines = iter(family.stdout.readline, "")
        assert any(line.startswith("  Logs: ") for line in lines), family.poll()
        assert answers_http(demo.port)
        children = Path(f"/proc/{family.pid}/task/{family.pid}/children").read_text()
        return family.pid, [int(pid) for pid in children.split()]

    family, children = open_demo()
    assert len(children) == 8, "PostgreSQL, web, worker, sender, reception and three stand-ins"
    kill(family)
    eventually(lambda: not any(map(alive, children)))
    family, children = open_demo()
    os.kill(family, signal.SIGINT)
    eventually(lambda: not any(map(alive, [family, *children])), seconds=60)
    assert not list((data / "socket").glob("*"))
    assert not (data / "cluster" / "postmaster.pid").exists()

    other = ("demo", "--provider", "seminars", "--port", demo.port, "--data", data)
    refused = launch(sys.executable, "-m", "creditable.ops.start", *other)
    problem, _ = refused.communicate(timeout=60)
    assert refused.returncode == 1
    assert f"{data} holds a demo with another text of privacy policy 1" in problem
    assert "remove that folder, or choose another with --data" in problem
    assert "preparing" not in problem
