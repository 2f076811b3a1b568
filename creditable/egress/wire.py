"""Which connections this process opens, seen below every library by Python's audit events, so that
also those are seen that no message asked for."""

import os
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

_BYTES_RECEIVED, _BYTES_SENT = 128, 200  # of struct tcp_info, since Linux 4.19
_TCP_INFO = 208
_OUTSIDE = {socket.AF_INET, socket.AF_INET6}


@dataclass
class Connection:
    """Where to, and how many bytes went and came (None where the kernel does not count them)."""

    host: str
    port: int
    sent: int | None = None
    received: int | None = None


@dataclass
class _Open:
    connection: Connection
    descriptor: int


_here = threading.local()
_strays: list[Connection] = []


@cache
def observe() -> None:
    """Begins to look; there is no end to it."""
    sys.addaudithook(_heard)


@contextmanager
def watched() -> Iterator[list[Connection]]:
    """The connections that this thread opens within the block; counted when it ends."""
    seen: list[Connection] = []
    opened: list[_Open] = []
    _here.opened = opened
    try:
        yield seen
    finally:
        del _here.opened
        seen += map(_counted, opened)


def strays() -> list[Connection]:
    """Those that were opened outside such a block since somebody last asked."""
    found = []
    while _strays:
        found.append(_strays.pop())
    return found


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in {"socket.connect", "socket.sendto"}:
        return
    line, address = arguments
    if line.family not in _OUTSIDE:
        return
    connection = Connection(str(address[0]), int(address[1]))
    opened: list[_Open] | None = getattr(_here, "opened", None)
    if opened is None:
        _strays.append(connection)
    else:
        opened.append(_Open(connection, os.dup(line.fileno())))


def _counted(opened: _Open) -> Connection:
    connection = opened.connection
    with socket.socket(fileno=opened.descriptor) as line:
        try:
            info = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO)
        except OSError:
            return connection
    if len(info) >= _TCP_INFO:
        connection.sent = struct.unpack_from("Q", info, _BYTES_SENT)[0]
        connection.received = struct.unpack_from("Q", info, _BYTES_RECEIVED)[0]
    return connection
