"""Files over SFTP into a recipient's folder, whole or not at all, one connection a file.

A file is written under a name of its own and then renamed; SFTP's rename never replaces a file.
The same file that is there already is the same delivery. The server is known by its key.
"""

import base64
import io
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import paramiko

from creditable.egress.destinations import Inbox
from creditable.egress.outbox import Message
from creditable.egress.outcome import Delivered, Failed, Outcome, Refused, Unsendable

TIMEOUT = 30.0
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
FOLDER = re.compile(r"[A-Za-z0-9._/-]{1,200}")


class WrongServer(Exception):
    """The host's key is not the one that is set."""


BROKEN = (OSError, EOFError, paramiko.SSHException, WrongServer)


class Sftp:
    def __init__(self, destination: Inbox) -> None:
        self._destination = destination

    def carry(self, message: Message) -> Outcome:
        name, folder = message.head.get("filename"), message.head.get("path")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise Unsendable("the file name is not one")
        if not isinstance(folder, str) or not FOLDER.fullmatch(folder):
            raise Unsendable("the folder is not one")
        try:
            with self._connected() as server:
                return _lay(server, folder.rstrip("/"), name, message)
        except BROKEN as error:
            return Failed(_name(error), arrived=False)

    def close(self) -> None:
        """Nothing is kept open."""

    @contextmanager
    def _connected(self) -> Iterator[paramiko.SFTPClient]:
        where = self._destination
        kind, _, blob = where.host_key.partition(" ")
        line = socket.create_connection((where.host, where.port), timeout=TIMEOUT)
        transport = paramiko.Transport(line)
        try:
            transport.banner_timeout = transport.auth_timeout = TIMEOUT
            transport.get_security_options().key_types = _signs_with(kind)
            transport.start_client(timeout=TIMEOUT)
            if transport.get_remote_server_key().asbytes() != base64.b64decode(blob):
                raise WrongServer("the host's key is not the one that is set")
            self._sign_in(transport)
            server = paramiko.SFTPClient.from_transport(transport)
            assert server is not None
            server.get_channel().settimeout(TIMEOUT)
            yield server
        except ValueError as error:
            raise paramiko.SSHException(f"a key cannot be read: {error}") from error
        finally:
            transport.close()
            line.close()

    def _sign_in(self, transport: paramiko.Transport) -> None:
        where = self._destination
        if where.key_file is not None:
            text = where.key_file.read_text(encoding="utf-8")
            transport.auth_publickey(where.user, _private_key(text))
        elif where.password_file is not None:
            password = where.password_file.read_text(encoding="utf-8").strip()
            transport.auth_password(where.user, password)


def _lay(server: paramiko.SFTPClient, folder: str, name: str, message: Message) -> Outcome:
    target, part = f"{folder}/{name}", f"{folder}/.{message.id}.part"
    there = _read(server, target, len(message.body) + 1)
    if there is not None:
        if there == message.body:
            return Delivered(200)
        return Refused(409, "another file of this name is there")
    with suppress(FileNotFoundError):
        server.remove(part)
    server.putfo(io.BytesIO(message.body), part, file_size=len(message.body), confirm=True)
    try:
        server.rename(part, target)
    except BROKEN as error:
        # The server may have renamed it before the line broke.
        return Failed(_name(error), arrived=True)
    return Delivered(201)


def _read(server: paramiko.SFTPClient, path: str, most: int) -> bytes | None:
    """What stands there, as far as it matters; None when there is nothing."""
    try:
        with server.open(path, "rb") as file:
            return bytes(file.read(most))
    except FileNotFoundError:
        return None


def _signs_with(kind: str) -> tuple[str, ...]:
    """The signatures by which a host shows a key of this kind."""
    return ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)


def _private_key(text: str) -> paramiko.PKey:
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        with suppress(paramiko.SSHException, ValueError):
            return kind.from_private_key(io.StringIO(text))
    raise paramiko.SSHException("our key cannot be read")


def _name(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:200]
