"""Debian's own SFTP server, on a free port, with a folder that it serves."""

import os
import pwd
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from tests.egress import debian

ACCOUNT = "daemon"  # not nobody, whom systemd calls locked where the shadow file cannot be read
PACKAGES = ("openssh-server", "openssh-sftp-server", "libwrap0")


@dataclass(frozen=True)
class Sshd:
    """A running server: where, as whom, with which keys, and its folder."""

    port: int
    user: str
    host_key: str
    key_file: Path
    folder: Path


@contextmanager
def serving(place: Path) -> Iterator[Sshd]:
    """Serves a folder below `place`, which anybody may enter, as an unprivileged user."""
    binary, environment = _binary(place)
    place.chmod(0o755)
    inbox = place / "inbox"
    inbox.mkdir(mode=0o777)
    inbox.chmod(0o777)
    host, key = place / "host", place / "key"
    host_key, our_key = _make_key(host), _make_key(key)
    (place / "authorized").write_text(f"{our_key}\n")
    account = pwd.getpwnam(ACCOUNT) if os.geteuid() == 0 else None
    if account:
        os.chown(host, account.pw_uid, account.pw_gid)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = place / "config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {host}\nPidFile none\n"
        f"AuthorizedKeysFile {place / 'authorized'}\nStrictModes no\nUsePAM no\n"
        "PasswordAuthentication no\nSubsystem sftp internal-sftp\nForceCommand internal-sftp\n"
    )
    log = (place / "log").open("wb")
    server = subprocess.Popen(
        [str(binary), "-D", "-e", "-f", str(config)],
        stdout=log,
        stderr=log,
        env=environment,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
    try:
        _wait(port, server, place / "log")
        user = pwd.getpwuid(account.pw_uid if account else os.getuid()).pw_name
        yield Sshd(port, user, host_key, key, inbox)
    finally:
        server.terminate()
        server.wait(10)
        log.close()


def _wait(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(log.read_text())
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("sshd does not listen")


def _binary(place: Path) -> tuple[Path, dict[str, str]]:
    """The server that is installed; else the package's, unpacked where nobody is bothered."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    installed = Path("/usr/sbin/sshd")
    if installed.exists():
        return installed, environment
    root = debian.unpacked(place, PACKAGES)
    return root / "usr" / "sbin" / "sshd", environment | {
        "LD_LIBRARY_PATH": str(debian.libraries(root))
    }


def _make_key(path: Path) -> str:
    """Writes a private key, and gives its public half as OpenSSH says it."""
    key = ed25519.Ed25519PrivateKey.generate()
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption(),
        )
    )
    path.chmod(0o600)
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return public.decode()
