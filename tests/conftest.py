"""What every test stands on: the database with its real rights, the clock, the queue."""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

pytest_plugins = ["tests.promises_plugin", "tests.installation", "tests.journeys.walk"]

ROOT = Path(__file__).parent.parent


class _OutsideWorld(RuntimeError):
    """A test tried to reach beyond this machine."""


@pytest.fixture(autouse=True, scope="session")
def loopback_only() -> Iterator[None]:
    """Tests talk to this machine alone."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in {
            "127.0.0.1",
            "::1",
            "localhost",
        }:
            raise _OutsideWorld(f"a test tried to reach {address}")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@pytest.fixture(autouse=True, scope="session")
def keys_of_ones_own() -> None:
    """Tests make, replace and destroy keys: each process of a run has a data folder of its own."""
    shared = settings.DATA
    if process := os.environ.get("PYTEST_XDIST_WORKER"):
        settings.DATA = shared / process
        for name in ("keys", "secrets"):
            if (shared / name).is_dir():
                shutil.copytree(shared / name, settings.DATA / name)


@pytest.fixture(autouse=True, scope="session")
def folder_of_static_files() -> None:
    """There is one, as after `prepare`; the finders serve what is in the apps."""
    settings.STATIC_ROOT.mkdir(exist_ok=True)


def _login(name: str) -> dict[str, str]:
    url = urlsplit(os.environ[name])
    return {"USER": unquote(url.username or ""), "PASSWORD": unquote(url.password or "")}


@contextmanager
def login_as(variable: str) -> Iterator[None]:
    """The connection of this thread under another login, for the length of the block."""
    before = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    connection.close()
    connection.settings_dict.update(_login(variable))
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_modify_db_settings: None,
    django_db_keepdb: bool,
    django_db_createdb: bool,
) -> Iterator[None]:
    """The test database: made, migrated and granted by the owner, used as the application."""
    from django.test.utils import setup_databases, teardown_databases

    from creditable.ops import grants

    with django_db_blocker.unblock():
        connection.settings_dict.update(_login("DATABASE_URL"))
        config = setup_databases(
            verbosity=0,
            interactive=False,
            serialized_aliases=(),
            keepdb=django_db_keepdb and not django_db_createdb,
        )
        grants.apply()
        connection.close()
        connection.settings_dict.update(_login("CREDITABLE_APP_DATABASE_URL"))
    yield
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict.update(_login("DATABASE_URL"))
        if not django_db_keepdb:
            teardown_databases(config, verbosity=0)


_flush = TransactionTestCase._fixture_teardown


def _flush_as_owner(self: TransactionTestCase) -> None:
    """Emptying tables is the owner's right alone. The queue's tables are not Django's to empty."""
    with login_as("DATABASE_URL"):
        _flush(self)
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


TransactionTestCase._fixture_teardown = _flush_as_owner  # type: ignore[method-assign]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that go through one running installation stay together in one process, and start
    first because they take longest. One that names a process of its own has an installation of
    its own."""
    for item in items:
        if any(item.iter_markers("xdist_group")):
            continue
        for shared in ("house", "installation"):
            if shared in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(shared))
    items.sort(key=lambda item: not any(item.iter_markers("xdist_group")))


@pytest.fixture
def policy(db: None) -> Any:
    """The electric provider's policy, published."""
    from creditable.disclosure import policies
    from creditable.lib.actor import Actor
    from creditable.policy import document

    published = document.load(ROOT / "demo" / "electric" / "policy" / "1")
    policies.publish(policy=published, by=Actor.system("tests"))
    return published


@pytest.fixture
def move_clock(db: None) -> Callable[..., None]:
    """Moves the time of the database forward. Whoever is signed in stays so, as if they had done
    something meanwhile, unless `idle`."""
    from creditable.audit.clock import Now
    from creditable.audit.models import ClockOffset
    from creditable.people.models import Session

    def move(span: timedelta, *, idle: bool = False) -> None:
        offset, _ = ClockOffset.objects.get_or_create(id=1, defaults={"seconds": 0})
        offset.seconds += round(span.total_seconds())
        offset.save()
        if not idle:
            Session.objects.update(seen_at=Now())

    return move


@pytest.fixture
def run_jobs(db: None) -> Callable[[], int]:
    """Runs every job that is due in this test's transaction, as the worker would; says how many."""
    from creditable.jobs.inline import run_due

    return run_due
