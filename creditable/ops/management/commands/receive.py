"""Takes mail in, on a listener that the supervisor has opened."""

import asyncio
import signal
import socket
from typing import Any

from django.core.management.base import BaseCommand

from creditable.ops import reception


class Command(BaseCommand):
    help = "Takes mail in by LMTP until it is told to stop."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--listener", type=int, required=True)

    def handle(self, *args: Any, listener: int, **options: Any) -> None:
        asyncio.run(_receive(socket.socket(fileno=listener)))


async def _receive(listener: socket.socket) -> None:
    listener.setblocking(False)  # noqa: FBT003
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    server = await reception.serve(listener)
    await ended.wait()
    server.close()
    await server.wait_closed()
