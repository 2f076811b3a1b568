"""Our own reception, serving in this process."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from creditable.ops import reception


@contextmanager
def receiving() -> Iterator[int]:
    """The port on which it takes mail in."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(reception.serve(listener))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield listener.getsockname()[1]

    async def end() -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await loop.shutdown_default_executor()
        loop.stop()

    asyncio.run_coroutine_threadsafe(end(), loop)
    thread.join(20)
    loop.close()
