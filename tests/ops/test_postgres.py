"""PostgreSQL as our launcher starts it, on real processes and folders."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from creditable.ops import postgres
from creditable.ops.postgres import DURABLE, ROLES, THROW_AWAY, CannotStart, Cluster, running
from tests.ops.conftest import Eventually, Launch, alive, kill

STARTER = """
import sys, time
from pathlib import Path
from creditable.ops.postgres import THROW_AWAY, Cluster
cluster = Cluster(Path(sys.argv[1]), THROW_AWAY)
cluster.prepare()
server = cluster.start()
while not cluster.ready(server):
    time.sleep(0.02)
print(server.pid, cluster.urls["DATABASE_URL"], flush=True)
time.sleep(600)
"""


@pytest.fixture
def data() -> Iterator[Path]:
    """A folder that any account of the machine may enter (pytest's own is closed to others)."""
    with TemporaryDirectory(prefix="creditable-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "data"


@pytest.fixture(scope="module")
def durable() -> Iterator[Cluster]:
    with TemporaryDirectory(prefix="creditable-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        with running(Path(folder) / "data", DURABLE) as cluster:
            yield cluster


def owner(cluster: Cluster) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(cluster.urls["DATABASE_URL"], autocommit=True)


def value(cluster: Cluster, query: str) -> object:
    with owner(cluster) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("variable", ROLES)
def test_each_address_signs_in_as_its_own_ordinary_role(durable: Cluster, variable: str) -> None:
    with psycopg.connect(durable.urls[variable]) as connection:
        row = connection.execute(
            "SELECT current_user, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles"
            " WHERE rolname = current_user"
        ).fetchone()
    assert row == (ROLES[variable], False, False, False)


def test_a_wrong_password_and_the_superuser_are_refused(durable: Cluster) -> None:
    good = durable.urls["DATABASE_URL"]
    for bad in (
        re.sub(r":[^:@]+@", ":wrong@", good),
        re.sub(r"//[^@]+@", "//postgres@", good),
        re.sub(r"//[^@]+@", "//postgres:postgres@", good),
    ):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(bad)


def test_what_is_acknowledged_is_on_the_disk_and_checked_when_read(durable: Cluster) -> None:
    wanted = {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_sync_retry": "off",
        "data_checksums": "on",
        "server_encoding": "UTF8",
    }
    found = {name: value(durable, f"SELECT current_setting('{name}')") for name in wanted}
    assert found == wanted


def test_there_is_no_port_and_nobody_else_may_enter_the_socket(durable: Cluster) -> None:
    assert value(durable, "SELECT current_setting('listen_addresses')") == ""
    assert (durable.data / "socket").stat().st_mode & 0o777 == 0o700
    for name in ROLES.values():
        secret = durable.data / "secrets" / f"{name}.password"
        assert secret.stat().st_mode & 0o777 == 0o600
        assert secret.stat().st_uid == os.geteuid()


def test_the_owner_may_create_the_extensions_that_we_use(durable: Cluster) -> None:
    with owner(durable) as connection:
        for extension in (b"pg_trgm", b"unaccent", b"btree_gist"):
            connection.execute(b"CREATE EXTENSION IF NOT EXISTS " + extension)


def test_what_people_typed_does_not_enter_the_log(durable: Cluster) -> None:
    with owner(durable) as connection:
        connection.execute("CREATE TABLE t (mail text UNIQUE)")
        connection.execute("INSERT INTO t VALUES (%s)", ["ada@example.com"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO t VALUES (%s)", ["ada@example.com"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO t VALUES ('ada@example.com')")
    log = durable.log.read_text()
    assert log.count("duplicate key") == 2
    assert "ada@" not in log


def test_a_second_start_finds_what_the_first_one_kept(data: Path) -> None:
    with running(data, THROW_AWAY) as cluster:
        first = cluster.urls
        with owner(cluster) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert not (data / "socket").exists()
    with running(data, THROW_AWAY) as cluster:
        assert cluster.urls == first
        assert value(cluster, "SELECT answer FROM kept") == 42


def test_killing_the_starter_ends_the_server_and_the_next_start_works(
    data: Path, launch: Launch, eventually: Eventually
) -> None:
    starter = launch(sys.executable, "-c", STARTER, data)
    assert starter.stdout
    pid, url = starter.stdout.readline().split()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        kill(starter.pid)
        eventually(lambda: not alive(int(pid)))
    with running(data, THROW_AWAY) as cluster:
        assert value(cluster, "SELECT answer FROM kept") == 42


def test_a_start_right_after_the_kill_waits_for_the_old_server(data: Path, launch: Launch) -> None:
    starter = launch(sys.executable, "-c", STARTER, data)
    assert starter.stdout
    old = int(starter.stdout.readline().split()[0])
    kill(starter.pid)
    with running(data, THROW_AWAY) as cluster:
        assert not alive(old)
        assert value(cluster, "SELECT 1") == 1


def test_a_killed_server_recovers_at_the_next_start(data: Path) -> None:
    with running(data, DURABLE) as cluster, owner(cluster) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        kill(int((cluster.folder / "postmaster.pid").read_text().split()[0]))
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT pg_sleep(60)")
    assert (cluster.folder / "postmaster.pid").exists()
    with running(data, DURABLE) as cluster:
        assert value(cluster, "SELECT answer FROM kept") == 42


def test_pid_files_left_behind_that_name_another_living_program_do_not_block(data: Path) -> None:
    with running(data, THROW_AWAY):
        pass
    leftover = f"{os.getppid()}\n{data}/cluster\n1\n5432\n{data}/socket\n\n0 0\nready\n"
    (data / "cluster" / "postmaster.pid").write_text(leftover)
    (data / "socket").mkdir()
    (data / "socket" / ".s.PGSQL.5432.lock").write_text(leftover)
    with running(data, THROW_AWAY) as cluster:
        assert value(cluster, "SELECT 1") == 1


def test_a_pid_file_left_behind_is_not_taken_for_readiness(data: Path) -> None:
    cluster = Cluster(data, THROW_AWAY)
    cluster.folder.mkdir(parents=True)
    with subprocess.Popen(["true"]) as server:
        lines = [str(server.pid + 1), "", "", "", "", "", "", "ready   "]
        (cluster.folder / "postmaster.pid").write_text("\n".join(lines))
        assert not cluster.ready(server)
        (cluster.folder / "postmaster.pid").write_text("\n".join([str(server.pid), *lines[1:]]))
        assert cluster.ready(server)
        (cluster.folder / "postmaster.pid").write_text(f"{server.pid}\n")
        assert not cluster.ready(server)


def test_a_server_that_somebody_started_by_hand_is_left_alone(data: Path, launch: Launch) -> None:
    starter = launch(sys.executable, "-c", STARTER, data)
    assert starter.stdout
    by_hand = int(starter.stdout.readline().split()[0])
    (data / "postgres.lock").unlink()
    with pytest.raises(CannotStart, match=f"process {by_hand}"):
        Cluster(data, THROW_AWAY).prepare()
    assert alive(by_hand)


def test_two_starters_do_not_share_a_folder(data: Path) -> None:
    with running(data, THROW_AWAY) as cluster:
        with pytest.raises(CannotStart, match="--data"):
            Cluster(data, THROW_AWAY, patience=0.1).prepare()
        assert value(cluster, "SELECT 1") == 1


def test_a_long_path_gets_its_socket_elsewhere(data: Path) -> None:
    deep = data / ("long-" * 20) / ("path-" * 20)
    with running(deep, THROW_AWAY) as cluster:
        assert value(cluster, "SELECT 1") == 1
        socket = Path(cluster.urls["DATABASE_URL"].partition("host=")[2])
        assert not socket.is_relative_to(deep)
        assert socket.stat().st_mode & 0o777 == 0o700
    assert not socket.exists()


def test_a_folder_for_the_socket_that_was_put_there_by_somebody_else_is_refused(
    data: Path, tmp_path: Path
) -> None:
    data.mkdir(mode=0o711)
    (data / "socket").symlink_to(tmp_path)
    with pytest.raises(CannotStart, match="somebody else"):
        Cluster(data, THROW_AWAY).prepare()


def test_below_a_folder_that_only_we_may_enter(data: Path) -> None:
    data.mkdir(mode=0o700)
    with running(data / "inner", THROW_AWAY) as cluster:
        assert value(cluster, "SELECT 1") == 1
    assert data.stat().st_mode & 0o777 == 0o700, "no folder is opened for PostgreSQL's sake"
    data.chmod(0o711)
    with running(data / "inner", THROW_AWAY) as cluster:
        assert value(cluster, "SELECT 1") == 1


def test_an_unfinished_cluster_is_built_anew(data: Path) -> None:
    (data / "cluster.new" / "base").mkdir(parents=True)
    data.chmod(0o711)
    with running(data, THROW_AWAY) as cluster:
        assert value(cluster, "SELECT 1") == 1


def test_data_of_another_version_is_refused_untouched(data: Path) -> None:
    with running(data, THROW_AWAY):
        pass
    marker = data / "cluster" / "PG_VERSION"
    marker.write_text("9\n")
    with pytest.raises(CannotStart, match="was made by PostgreSQL 9"):
        Cluster(data, THROW_AWAY).prepare()
    assert marker.read_text() == "9\n"


def test_a_folder_without_postgresql_is_named() -> None:
    with pytest.raises(CannotStart, match="/nowhere"):
        postgres.find_binaries({"CREDITABLE_POSTGRES_BIN": "/nowhere"})


def test_a_command_runs_with_its_own_cluster_and_its_code_is_passed_on(launch: Launch) -> None:
    script = "\n".join(
        (
            "import os, sys, psycopg",
            "with psycopg.connect(os.environ['DATABASE_URL']) as c:",
            "    query = 'SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user'",
            "    print(c.execute(query).fetchone()[0])",
            "print(os.environ['DATABASE_URL'].partition('host=')[2])",
            "sys.exit(7)",
        )
    )
    command = launch(sys.executable, "-m", "creditable.ops.postgres", sys.executable, "-c", script)
    output, _ = command.communicate(timeout=60)
    may_create_databases, socket = output.split()
    assert command.returncode == 7
    assert may_create_databases == "True"
    assert not Path(socket).parent.exists()


def test_a_throw_away_folder_that_was_left_behind_is_removed(tmp_path: Path) -> None:
    left = Path(postgres.tempfile.gettempdir()) / f"{postgres._THROW_AWAY}test-{os.getpid()}"
    left.mkdir()
    (left / "postgres.lock").touch()
    os.utime(left / "postgres.lock", (0, 0))
    postgres._remove_abandoned()
    assert not left.exists()
