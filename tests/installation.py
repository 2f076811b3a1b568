"""A whole installation for tests that go through it as people do: what `./do demo` starts (its own
PostgreSQL, web, worker, sender and stand-ins), in a folder and on ports of its own."""

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from creditable.ops.children import spawn, stop
from creditable.ops.demonstration import Demonstration
from creditable.ops.postgres import DURABLE, Cluster
from creditable.ops.processes import ROOT

PATIENCE = 30.0
START_SECONDS = 180.0
PORTS = range(20_000, 30_000, 10)
CODE = re.compile(r"\b(\d{6})\b")


def wait_until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """The first true answer; fails when none comes in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"never came: {what}")


@dataclass
class Running:
    """An installation that runs, seen from outside, with a look into its rows as their owner."""

    demo: Demonstration
    used: set[str] = field(default_factory=set)
    sources: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return self.demo.address

    @property
    def logs(self) -> Path:
        return self.demo.data / "logs"

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What the database holds."""
        url = Cluster(self.demo.data, DURABLE).urls["DATABASE_URL"]
        with psycopg.connect(url, row_factory=dict_row) as database:
            return database.execute(query, values).fetchall()

    def run(self, statement: str) -> None:
        """Something that gives no rows, outside a transaction."""
        url = Cluster(self.demo.data, DURABLE).urls["DATABASE_URL"]
        with psycopg.connect(url, autocommit=True) as database:
            database.execute(statement)

    def value(self, query: str, *values: object) -> Any:
        """The first column of the first row; None when there is no row."""
        found = self.rows(query, *values)
        return next(iter(found[0].values())) if found else None

    def recorded(self, stand_in: str) -> list[dict[str, Any]]:
        """The requests that a stand-in has received, oldest first."""
        address = {"paypal": self.demo.paypal, "authority": self.demo.board}[stand_in]
        entries: list[dict[str, Any]] = httpx.get(f"{address}/standin/recorded").json()
        return entries

    def mails(self, to: str = "") -> list[dict[str, Any]]:
        """The mail that has arrived for an address, newest first; without one, everybody's."""
        found = httpx.get(f"{self.demo.inbox}/api/mail", params={"to": to}).json()
        return list(found)

    def source(self, mail: Mapping[str, Any]) -> str:
        """A mail as it came over the wire, with its headers and what is attached to it."""
        number = str(mail["id"])
        if number not in self.sources:
            answer = httpx.get(f"{self.demo.inbox}/mail/{number}/source")
            assert answer.status_code == 200
            self.sources[number] = answer.text
        return self.sources[number]

    def mail(self, to: str, words: str, *, beside: int = 0) -> dict[str, Any]:
        """The newest mail to the address whose subject has these words, once there are more than
        `beside` of them."""

        def newest() -> Any:
            found = [mail for mail in self.mails(to) if words.lower() in mail["subject"].lower()]
            return found[0] if len(found) > beside else None

        mail: dict[str, Any] = wait_until(newest, f"a mail to {to} about {words!r}")
        return mail

    def code(self, to: str, *, beside: int = 0) -> str:
        """The code in the newest mail to the address, once there are more than `beside` mails."""
        wait_until(lambda: len(self.mails(to)) > beside, f"a mail with a code to {to}")
        found = CODE.search(self.mails(to)[0]["subject"] + " " + self.mails(to)[0]["text"])
        assert found, self.mails(to)[0]
        return found[1]

    def factor(self, email: str) -> str:
        """What the authenticator of the demo shows for this person, once it is a code that was
        not asked for here before: each is good for one sign-in."""

        def shown() -> Any:
            entries = httpx.get(f"{self.demo.inbox}/api/authenticator").json()
            code = next(str(entry["code"]) for entry in entries if email in entry["name"])
            return code if code not in self.used else None

        code: str = wait_until(shown, f"a new code for {email}", 40)
        self.used.add(code)
        return code

    def pass_time(self, seconds: int) -> None:
        """Lets time pass on the clock of the database, as the demo's button does in larger
        steps."""
        self.rows(
            "INSERT INTO audit_clockoffset (id, seconds) VALUES (1, %s)"
            " ON CONFLICT (id) DO UPDATE SET seconds = audit_clockoffset.seconds + excluded.seconds"
            " RETURNING seconds",
            seconds,
        )


@contextmanager
def started(provider: str = "electric") -> Iterator[Running]:
    """An installation from nothing, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="creditable-installation-"))
    folder.chmod(0o711)
    said = folder / "said"
    demo = Demonstration(provider, free_ports(), folder / "data")
    words = ("demo", "--provider", provider, "--port", str(demo.port), "--data", demo.data)
    with said.open("wb") as output:
        family = spawn(
            [sys.executable, "-m", "creditable.ops.start", *words],
            environment=os.environ,
            directory=ROOT,
            output=output,
            death_signal=signal.SIGTERM,
        )
    try:
        _wait_for_tour(family, said)
        yield Running(demo)
    finally:
        stop(family, order=(signal.SIGINT,), seconds=PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def installation() -> Iterator[Running]:
    """One installation for all tests of a run that walk through a whole one."""
    with started() as running:
        yield running


def _wait_for_tour(family: subprocess.Popen[bytes], said: Path) -> None:
    def is_open() -> bool:
        assert family.poll() is None, f"the demo did not start:\n{said.read_text()}"
        return "Logs: " in said.read_text()

    wait_until(is_open, "the demo's tour", START_SECONDS)


def free_ports() -> int:
    """The first of six ports in a row that nobody has."""
    for port in random.sample(PORTS, 50):
        if all(map(_is_free, range(port, port + 6))):
            return port
    raise AssertionError("no six free ports in a row")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
