"""The processes of one installation: what each is called, runs and may know.

Each gets the address of its own database login and of no other.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from creditable.ops.children import spawn
from creditable.ops.postgres import ROLES, STOP_ORDER, Cluster
from creditable.ops.supervisor import Failed, Process, open_log

ROOT = Path(__file__).parents[2]

_LOGINS = {role.removeprefix("creditable_"): variable for variable, role in ROLES.items()}
_PROBE_SECONDS = 0.5

Child = subprocess.Popen[bytes]


def open_listener(host: str, port: int, cure: str) -> socket.socket:
    """A listening socket, held by us so that the web server may come and go."""
    try:
        return socket.create_server((host, port), backlog=512)
    except OSError as problem:
        raise Failed(
            f"Port {port} of {host} cannot be used ({problem.strerror}): {cure}."
        ) from problem


def database(cluster: Cluster) -> Process:
    """PostgreSQL, when the installation keeps its own."""
    return Process(
        "postgres",
        cluster.start,
        cluster.ready,
        stop_order=STOP_ORDER,
        start_seconds=120,
        stop_seconds=30,
    )


@dataclass(frozen=True)
class Installation:
    """What its processes have in common. `environment` has no address of a database; `urls` has
    them all. Where it is `walled`, all that work have no way to any network but the sender."""

    data: Path
    environment: Mapping[str, str]
    urls: Mapping[str, str]
    walled: bool = False

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    def process(
        self,
        name: str,
        words: Sequence[str | Path],
        *,
        login: str = "",
        extra: Mapping[str, str] | None = None,
        ready: Callable[[Child], bool] = lambda _child: True,
        keep: Collection[int] = (),
        walled: bool = False,
    ) -> Process:
        """A Python program (`words` follow `python -m`), under a database login when it has one."""
        environment = {**self.environment, **(extra or {})}
        if login:
            environment["CREDITABLE_DATABASE_LOGIN"] = login
            environment[_LOGINS[login]] = self.urls[_LOGINS[login]]

        def start() -> Child:
            log = open_log(self.logs, name)
            try:
                return spawn(
                    [sys.executable, "-m", *words],
                    environment=environment,
                    directory=ROOT,
                    output=log,
                    keep=keep,
                    walled=walled,
                )
            finally:
                os.close(log)

        return Process(name, start, ready)

    def prepare(self) -> Process:
        """Checks the installation, brings the database to the newest form, gives each login its
        rights and lays out the static files. As the owner, who does nothing else."""
        return self.process("prepare", ["creditable", "prepare"], login="owner")

    def web(self, listener: socket.socket) -> Process:
        """The pages."""
        return self.process(
            "web",
            [
                *("gunicorn", "--config", "python:creditable.ops.webserver"),
                *("--bind", f"fd://{listener.fileno()}"),
            ],
            login="app",
            # One heap for all threads: they take turns anyway, and each of its own stays large.
            extra={"CREDITABLE_POOL": "1", "MALLOC_ARENA_MAX": "1"},
            ready=lambda _child: answers_http(listener.getsockname()[1]),
            keep=(listener.fileno(),),
            walled=self.walled,
        )

    def worker(self) -> Process:
        """The jobs."""
        return self.process("worker", ["creditable", "work"], login="app", walled=self.walled)

    def reception(self, listener: socket.socket) -> Process:
        """The one that takes mail in."""
        return self.process(
            "reception",
            ["creditable", "receive", "--listener", str(listener.fileno())],
            login="app",
            ready=lambda _child: accepts(listener.getsockname()[1]),
            keep=(listener.fileno(),),
            walled=self.walled,
        )

    def egress(self) -> Process:
        """The one that talks to the outside."""
        return self.process("egress", ["creditable.egress"], login="egress")


def answers_http(port: int) -> bool:
    """Whether a web server on this machine gives any answer to a look at /livez."""
    try:
        with socket.create_connection(("127.0.0.1", port), _PROBE_SECONDS) as connection:
            connection.sendall(b"GET /livez HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return connection.recv(5) == b"HTTP/"
    except OSError:
        return False


def accepts(port: int) -> bool:
    """Whether somebody on this machine listens on the port."""
    try:
        socket.create_connection(("127.0.0.1", port), _PROBE_SECONDS).close()
    except OSError:
        return False
    return True
