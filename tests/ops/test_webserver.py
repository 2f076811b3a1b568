"""gunicorn with our settings, on a listener that somebody else has opened."""

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.conftest import Eventually, Launch, alive, kill

WEBSERVER = (
    *(sys.executable, "-m", "gunicorn", "--config", "python:creditable.ops.webserver"),
    "wsgiref.simple_server:demo_app",
)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        yield opened


def serve(launch: Launch, listener: socket.socket, *before: object) -> "subprocess.Popen[str]":
    bind = f"fd://{listener.fileno()}"
    return launch(*before, *WEBSERVER, "--bind", bind, pass_fds=(listener.fileno(),))


def ask(listener: socket.socket) -> str:
    """The page, which lists what the application knows of the request."""
    with socket.create_connection(listener.getsockname(), timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
        with connection.makefile("rb") as answer:
            return answer.read().decode()


def workers(server: "subprocess.Popen[str]") -> list[int]:
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
    return [int(pid) for pid in children.read_text().split()]


def test_it_serves_where_there_is_no_network_and_knows_the_visitors_address(
    launch: Launch, listener: socket.socket
) -> None:
    unshare = shutil.which("unshare")
    assert unshare, "util-linux has unshare; every Debian has util-linux"
    serve(launch, listener, unshare, "--map-root-user", "--net")
    page = ask(listener)
    assert "200 OK" in page
    assert "REMOTE_ADDR = '127.0.0.1'" in page


def test_killing_its_main_process_ends_its_workers_and_a_new_one_takes_over(
    launch: Launch, listener: socket.socket, eventually: Eventually
) -> None:
    server = serve(launch, listener)
    assert "200 OK" in ask(listener)
    eventually(lambda: len(workers(server)) == 2)
    serving = workers(server)
    kill(server.pid)
    eventually(lambda: not any(map(alive, serving)))
    serve(launch, listener)
    assert "200 OK" in ask(listener)


def test_it_stops_when_asked_and_leaves_no_socket_behind(
    launch: Launch, listener: socket.socket, tmp_path: Path
) -> None:
    server = serve(launch, listener, "env", f"HOME={tmp_path}", f"XDG_RUNTIME_DIR={tmp_path}")
    assert "200 OK" in ask(listener)
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) == 0
    assert list(tmp_path.iterdir()) == []
