"""All that work have no way to any network but the sender, where the host can give that."""

import os
import socket
import sys
from pathlib import Path

import pytest

from benchmarks import meter
from creditable.disclosure import wall
from creditable.ops import start
from creditable.ops.children import spawn, why_not_cut_off
from creditable.ops.start import _why_no_wall
from tests.installation import Running

needs_namespaces = pytest.mark.skipif(
    bool(why_not_cut_off()), reason=f"this host gives no network namespace: {why_not_cut_off()}"
)

# Seven ways out, each of which prints what came of it; then two sockets that must go on working.
PROGRAM = """
import ctypes, http.client, os, smtplib, socket, subprocess, sys, urllib.request
port, handed, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(b"canary", ("127.0.0.1", port))
def raw():
    libc = ctypes.CDLL(None, use_errno=True)
    line = libc.socket(2, 1, 0)
    address = b"\\x02\\x00" + port.to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
    if libc.connect(line, address, 16):
        raise OSError(ctypes.get_errno(), "connect")
ways = {
    "socket": lambda: socket.create_connection(("127.0.0.1", port), 2),
    "http": lambda: http.client.HTTPConnection("127.0.0.1", port, timeout=2).request("GET", "/"),
    "urllib": lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2),
    "smtp": lambda: smtplib.SMTP("127.0.0.1", port, timeout=2),
    "datagram": udp,
    "libc": raw,
    "another program": lambda: subprocess.run(
        [sys.executable, "-c", f"import socket as s; s.create_connection(('127.0.0.1', {port}))"],
        check=True, stderr=subprocess.DEVNULL,
    ),
}
for name, way in ways.items():
    try:
        way()
    except (OSError, subprocess.CalledProcessError) as error:
        print(name, "shut", flush=True)
    else:
        print(name, "open", flush=True)
with socket.socket(fileno=handed) as listener, socket.socket(socket.AF_UNIX) as near:
    near.connect(folder)
    print("file", near.recv(2).decode(), flush=True)
    line, _ = listener.accept()
    line.sendall(b"served")
"""


def tried(tmp_path: Path, *, walled: bool) -> tuple[list[str], int]:
    """What became of each way out, and how many connections arrived outside."""
    with (
        socket.create_server(("127.0.0.1", 0)) as outside,
        socket.create_server(("127.0.0.1", 0)) as handed,
        socket.socket(socket.AF_UNIX) as near,
        (tmp_path / "said").open("w+b") as said,
    ):
        near.bind(str(tmp_path / "near"))
        near.listen()
        port = outside.getsockname()[1]
        child = spawn(
            [sys.executable, "-c", PROGRAM, str(port), str(handed.fileno()), tmp_path / "near"],
            environment=os.environ,
            directory=tmp_path,
            output=said,
            keep=[handed.fileno()],
            walled=walled,
        )
        arrived = 0
        outside.settimeout(0.2)
        near.settimeout(60)
        # The ways wait for an answer that never comes unless somebody hangs up.
        while child.poll() is None and "another program" not in (tmp_path / "said").read_text():
            try:
                outside.accept()[0].close()
                arrived += 1
            except TimeoutError:
                continue
        with near.accept()[0] as asked:
            asked.sendall(b"ok")
        with socket.create_connection(handed.getsockname()) as browser:
            assert browser.recv(6) == b"served"
        assert child.wait(30) == 0
        lines = (tmp_path / "said").read_text().splitlines()
    assert "file ok" in lines
    return [line for line in lines if not line.startswith("file")], arrived


@needs_namespaces
def test_behind_the_wall_every_way_is_shut_and_what_was_handed_over_serves(tmp_path: Path) -> None:
    found, arrived = tried(tmp_path, walled=True)
    assert len(found) == 7
    assert all(line.endswith("shut") for line in found), found
    assert arrived == 0


def test_without_the_wall_the_same_ways_are_open(tmp_path: Path) -> None:
    """So that the test above would see it."""
    found, arrived = tried(tmp_path, walled=False)
    assert {line for line in found if line.endswith("open")} >= {
        "socket open", "http open", "datagram open", "libc open", "another program open",
    }  # fmt: skip
    assert arrived >= 4


@needs_namespaces
def test_in_a_running_house_the_sender_alone_has_a_way_out(installation: Running) -> None:
    house = meter.find(os.getpid(), f"--port {installation.demo.port}")
    found = {
        words: wall.ways_out(Path(f"/proc/{meter.find(house, words)}/net/dev"))
        for words in ("gunicorn", "creditable work", "creditable.egress")
    }
    ours = wall.ways_out()
    assert found == {"gunicorn": [], "creditable work": [], "creditable.egress": ours}


def test_a_host_that_cannot_is_told_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    near = {"CREDITABLE_APP_DATABASE_URL": "postgresql://a:b@/c?host=/run/postgresql"}
    far = {"CREDITABLE_APP_DATABASE_URL": "postgresql://a:b@db.example.com/c"}
    monkeypatch.setattr(start, "why_not_cut_off", lambda: "")
    assert _why_no_wall(near) == ""
    assert "over the network" in _why_no_wall(far)
    monkeypatch.setattr(start, "why_not_cut_off", lambda: "Operation not permitted")
    assert not start._wall(near)
    assert "NO network wall: this host gives no network namespace (Operation not permitted)" in (
        capsys.readouterr().out
    )
