"""How a stand-in lives: one ready line, a clean end on SIGTERM, never longer than its parent."""

import argparse
import ctypes
import signal
import sys
import threading
from collections.abc import Callable
from http.server import ThreadingHTTPServer
from pathlib import Path

PR_SET_PDEATHSIG = 1


def arguments(description: str) -> argparse.ArgumentParser:
    """The parser with what every stand-in takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--state", type=Path, required=True, help="folder that survives a restart")
    return parser


def state_folder(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def die_with_parent() -> None:
    """Asks the kernel for a SIGTERM when the process that started this one is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def serve(name: str, server: ThreadingHTTPServer, *, stop: Callable[[], None]) -> None:
    """Serves until SIGTERM or SIGINT, then runs `stop`."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    serving = threading.Thread(target=server.serve_forever, name="http", daemon=True)
    serving.start()
    host, port = server.server_address[:2]
    print(f"{name} ready on http://{host!s}:{port}/", flush=True)
    ended.wait()
    server.shutdown()
    server.server_close()
    stop()
