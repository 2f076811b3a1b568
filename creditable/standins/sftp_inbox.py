"""A stand-in for an authority's SFTP server: a folder into which files are laid.

`python -m creditable.standins.sftp_inbox --port 8027 --sftp-port 8028 --state DIR` prints the
server's public key; a user of any name comes in with the password.
"""

import hmac
import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

import paramiko
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from creditable.standins import http, process
from creditable.standins.faults import Faults, Kind
from creditable.standins.http import Answer, Request, Standin, as_text, see_other
from creditable.standins.pages import fault_forms, page, table, tag
from creditable.standins.records import Records

NAME = "Stand-in for an authority's SFTP server."
NOTE = "Files end here; no authority reads them."

FAULTS = {
    "sftp.closed": Kind("The next sign-in is refused"),
    "sftp.full": Kind("The next file cannot be written"),
    "sftp.drop": Kind("The next file is laid, and the connection dropped before the answer"),
    "sftp.late": Kind("The next file is laid late", seconds=True),
}


class _SignIn(paramiko.ServerInterface):  # type: ignore[misc]
    def __init__(self, password: str, faults: Faults) -> None:
        self._password = password
        self._faults = faults

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        right = hmac.compare_digest(password.encode(), self._password.encode())
        if not right or self._faults.strike("sftp.closed"):
            return int(paramiko.AUTH_FAILED)
        return int(paramiko.AUTH_SUCCESSFUL)

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return int(paramiko.OPEN_SUCCEEDED)


class _Folder(paramiko.SFTPServerInterface):  # type: ignore[misc]
    """One flat folder, whatever path the client names."""

    def __init__(self, server: Any, *, folder: Path, faults: Faults, line: socket.socket) -> None:
        super().__init__(server)
        self._folder = folder
        self._faults = faults
        self._line = line

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(self._place(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        if flags & os.O_WRONLY and self._faults.strike("sftp.full"):
            return paramiko.SFTP_FAILURE
        try:
            descriptor = os.open(self._place(path), flags, 0o600)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        handle = paramiko.SFTPHandle(flags)
        file = os.fdopen(descriptor, "r+b" if flags & (os.O_WRONLY | os.O_RDWR) else "rb")
        handle.readfile = handle.writefile = file
        return handle

    def remove(self, path: str) -> int:
        try:
            self._place(path).unlink()
        except OSError as error:
            return int(paramiko.SFTPServer.convert_errno(error.errno))
        return int(paramiko.SFTP_OK)

    def rename(self, oldpath: str, newpath: str) -> int:
        if late := self._faults.strike("sftp.late"):
            time.sleep(late.seconds)
        if self._place(newpath).exists():
            return int(paramiko.SFTP_FAILURE)
        self._place(oldpath).rename(self._place(newpath))
        if self._faults.strike("sftp.drop"):
            self._line.close()
        return int(paramiko.SFTP_OK)

    def _place(self, path: str) -> Path:
        return self._folder / Path(path).name


class Server:
    """Takes one connection a thread until it is stopped."""

    def __init__(self, *, host: str, port: int, state: Path, password: str, faults: Faults) -> None:
        self.folder = state / "inbox"
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._key = _host_key(state / "host.key")
        self._password = password
        self._faults = faults
        self._listener = socket.create_server((host, port))
        self.port = self._listener.getsockname()[1]
        self.host_key = f"{self._key.get_name()} {self._key.get_base64()}"

    def start(self) -> None:
        threading.Thread(target=self._accept, name="sftp", daemon=True).start()

    def stop(self) -> None:
        self._listener.close()

    def files(self) -> list[Path]:
        """What was laid here, the oldest first."""
        laid = [path for path in self.folder.iterdir() if not path.name.startswith(".")]
        return sorted(laid, key=lambda path: path.stat().st_mtime_ns)

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        transport = paramiko.Transport(line)
        transport.add_server_key(self._key)
        options: dict[str, Any] = {"folder": self.folder, "faults": self._faults, "line": line}
        transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Folder, **options)
        try:
            transport.start_server(server=_SignIn(self._password, self._faults))
            transport.join()
        except (paramiko.SSHException, EOFError, OSError):
            transport.close()


def _host_key(path: Path) -> paramiko.PKey:
    if not path.exists():
        made = ed25519.Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption(),
        )
        path.touch(mode=0o600)
        path.write_bytes(made)
    return paramiko.Ed25519Key.from_private_key_file(str(path))


def _routes(standin: Standin, server: Server) -> None:
    def shown(request: Request) -> Answer:
        rows = [(path.name, str(path.stat().st_size)) for path in server.files()]
        return page(
            NAME,
            "Files received",
            table("Files received", ("Name", "Bytes"), rows) if rows else "",
            tag("p", "None has come yet.", class_="empty") if not rows else "",
            tag("p", f"Its key: {server.host_key}", class_="soft"),
            fault_forms(standin),
            note=NOTE,
        )

    standin.route("GET", "/host-key", lambda _: as_text(f"{server.host_key}\n"))
    standin.route("GET", "/", lambda _: see_other("/standin/"))
    standin.route("GET", "/standin/", shown)


def main() -> None:
    parser = process.arguments("A stand-in for an authority's SFTP server.")
    parser.add_argument("--sftp-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--password", default="standin-password")
    given = parser.parse_args()
    process.die_with_parent()
    state = process.state_folder(given.state)
    records = Records(state / "sftp_inbox.sqlite3")
    standin = Standin("SFTP inbox", records, faults=FAULTS)
    inbox = Server(
        host=given.host,
        port=given.sftp_port,
        state=state,
        password=given.password,
        faults=standin.faults,
    )
    _routes(standin, inbox)
    server = http.server(standin, host=given.host, port=given.port)
    inbox.start()

    def stop() -> None:
        inbox.stop()
        records.close()

    process.serve("sftp_inbox", server, stop=stop)


if __name__ == "__main__":
    main()
