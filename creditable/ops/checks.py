"""What a start refuses: one numbered check for each dangerous combination of settings.

`prepare` runs them at every start; by hand: `python -m creditable check --tag start --deploy
--database default`.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import connections

from creditable.ops.postgres import ROLES

DURABLE = {
    "fsync": "on",
    "full_page_writes": "on",
    "data_sync_retry": "off",
    "data_checksums": "on",
}
WAITS_FOR_THE_DISK = {"on", "remote_apply", "remote_write", "local"}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@register("start", deploy=True)
def installation(app_configs: object, **options: Any) -> list[CheckMessage]:
    """The settings alone."""
    return [*_production(), *_demo(), *_open_secrets()]


@register("start", deploy=True)
def database(
    app_configs: object, databases: Sequence[str] | None = None, **options: Any
) -> list[CheckMessage]:
    """The database as it is set up and as it stands."""
    return [message for alias in databases or () for message in _database(alias)]


def _production() -> Iterator[CheckMessage]:
    if settings.DEMO:
        return
    base = urlsplit(settings.BASE_URL)
    if settings.DEBUG:
        yield Error("DEBUG shows people's data on error pages.", id="creditable.E001")
    if base.scheme != "https" and base.hostname not in LOOPBACK:
        yield Error(
            f"Pages at {settings.BASE_URL} would carry people's data unencrypted.",
            hint="Give CREDITABLE_BASE_URL an address that starts with https://.",
            id="creditable.E002",
        )
    for name, host in _hosts():
        if name != "smtp" and host in LOOPBACK:
            yield Error(
                f"The destination {name} is {host}, where only a stand-in can be.",
                hint="Name the real address, or run ./do demo.",
                id="creditable.E003",
            )


def _demo() -> Iterator[CheckMessage]:
    if not settings.DEMO:
        return
    for name, host in _hosts():
        if host not in LOOPBACK:
            yield Error(
                f"The demo would send to {host} (destination {name}), beyond this machine.",
                hint="Start the demo with ./do demo, which brings its own stand-ins.",
                id="creditable.E004",
            )


def _hosts() -> Iterator[tuple[str, str]]:
    for name, destination in settings.EGRESS_DESTINATIONS.items():
        host = destination.get("host") or urlsplit(destination.get("base_url", "")).hostname
        if host:
            yield name, host


def _open_secrets() -> Iterator[CheckMessage]:
    for file in _secret_files():
        found = file.stat()
        if stat.S_IMODE(found.st_mode) & 0o077 or found.st_uid != os.geteuid():
            yield Error(
                f"The secret in {file} can be read by other users of this machine.",
                hint=f"Make this program's user its owner and run: chmod 600 {file}",
                id="creditable.E005",
            )


def _secret_files() -> Iterable[Path]:
    named = [
        destination[setting]
        for destination in settings.EGRESS_DESTINATIONS.values()
        for setting in ("credentials_file", "password_file")
        if destination.get(setting)
    ]
    named += filter(None, settings.AUTHORITY_HOOK_KEYS.values())
    kept = [file for name in ("keys", "secrets") for file in (settings.DATA / name).glob("*")]
    return {file for file in [*map(Path, named), *kept] if file.is_file()}


def _database(alias: str) -> Iterator[CheckMessage]:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)",
            [[*DURABLE, "synchronous_commit"]],
        )
        found = dict(cursor.fetchall())
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)"
            " AND (rolsuper OR rolbypassrls OR rolcreaterole)",
            [list(ROLES.values())],
        )
        mighty = [name for (name,) in cursor.fetchall()]
        cursor.execute("SELECT to_regclass('audit_clockoffset') IS NOT NULL")
        (has_clock,) = cursor.fetchone()
        moved = False
        if has_clock:
            cursor.execute("SELECT EXISTS (SELECT FROM audit_clockoffset)")
            (moved,) = cursor.fetchone()
    wrong = [f"{name} = {found.get(name)}" for name in DURABLE if found.get(name) != DURABLE[name]]
    if found.get("synchronous_commit") not in WAITS_FOR_THE_DISK:
        wrong.append(f"synchronous_commit = {found.get('synchronous_commit')}")
    if wrong:
        yield Error(
            f"PostgreSQL may lose a payment that it has acknowledged: {', '.join(wrong)}.",
            hint="Set fsync, full_page_writes, synchronous_commit and data checksums on, and"
            " data_sync_retry off.",
            id="creditable.E006",
        )
    if mighty:
        yield Error(
            f"The database logins {', '.join(mighty)} may step over every wall.",
            hint="Take SUPERUSER, BYPASSRLS and CREATEROLE from them.",
            id="creditable.E007",
        )
    if moved and not settings.DEMO:
        yield Error(
            "The clock of this database has been moved, as only a demo's may be.",
            hint="Start with a database that has never been a demo's.",
            id="creditable.E008",
        )
