"""Debian's Postfix, on a free port, which hands mail of its domains to whoever takes it by LMTP.

Its parts live in a folder of their own. It is root's program and changes to other users itself.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.egress import debian
from tests.standins.running import PATIENCE, free_port, wait_until

OWNER, GROUP = "daemon", "games"
"""Postfix wants a user and a group that nothing else of it has."""
SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
QUEUES = (
    "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private",
    "saved", "trace", "maildrop", "public",
)  # fmt: skip


@contextmanager
def serving(place: Path, *, domains: str, lmtp: int) -> Iterator[int]:
    """The port on which it takes mail; what is for the domains goes on to the port `lmtp`."""
    if os.geteuid() != 0:
        pytest.skip("Postfix is started by root alone")
    root = debian.unpacked(place, ("postfix", "libdb5.3", "libnsl2"))
    place.chmod(0o755)
    parts = root / "usr" / "lib" / "postfix"
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LD_LIBRARY_PATH": f"{parts}:{debian.libraries(root)}",
    }
    master = parts / "sbin" / "master"
    needed = subprocess.run(
        ["ldd", master], env=environment, capture_output=True, text=True, check=True
    )
    if "not found" in needed.stdout:
        pytest.skip("a library that Postfix needs is not here")
    port = free_port()
    config = _configured(place, root, domains=domains, lmtp=lmtp, port=port)
    server = subprocess.Popen([master, "-c", config, "-d"], env=environment)
    log = place / "log"
    try:
        wait_until(
            lambda: server.poll() is not None or (log.exists() and "started" in log.read_text()),
            "Postfix",
        )
        assert server.poll() is None, log.read_text() if log.exists() else "it said nothing"
        yield port
    finally:
        server.terminate()
        server.wait(PATIENCE)


def _configured(place: Path, root: Path, *, domains: str, lmtp: int, port: int) -> Path:
    config, queue, data = place / "config", place / "queue", place / "data"
    for folder in (config, queue, data, queue / "pid"):
        folder.mkdir()
    for name in QUEUES:
        (queue / name).mkdir(mode=0o700)
        shutil.chown(queue / name, OWNER)
    for name, mode in (("maildrop", 0o730), ("public", 0o710)):
        shutil.chown(queue / name, OWNER, GROUP)
        (queue / name).chmod(mode)
    shutil.chown(data, OWNER)
    settings = {
        "compatibility_level": "3.6",
        "queue_directory": queue,
        "data_directory": data,
        "command_directory": root / "usr/sbin",
        "daemon_directory": root / "usr/lib/postfix/sbin",
        "shlib_directory": root / "usr/lib/postfix",
        "meta_directory": config,
        "mail_owner": OWNER,
        "setgid_group": GROUP,
        "default_privs": "nobody",
        "inet_interfaces": "loopback-only",
        "inet_protocols": "ipv4",
        "myhostname": "mx.provider.example",
        "mydestination": "",
        "local_recipient_maps": "",
        "alias_maps": "",
        "alias_database": "",
        "virtual_mailbox_domains": domains,
        "virtual_transport": f"lmtp:inet:127.0.0.1:{lmtp}",
        "minimal_backoff_time": "1s",
        "maximal_backoff_time": "1s",
        "queue_run_delay": "1s",
        "maillog_file": place / "log",
        "maillog_file_prefixes": place,
        "import_environment": "LD_LIBRARY_PATH MAIL_CONFIG TZ",
        "export_environment": "LD_LIBRARY_PATH",
    }
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    (config / "main.cf").write_text(lines)
    (config / "master.cf").write_text(SERVICES.format(port=port))
    return config
