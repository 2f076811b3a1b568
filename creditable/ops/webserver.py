"""Settings of the web server, gunicorn. It serves on a listener that the supervisor has opened, so
it needs no network of its own, and a restart loses no connection that waits in line."""

import gc
import signal
from typing import Any

from creditable.ops.children import die_with_parent

wsgi_app = "creditable.wsgi:application"
worker_class = "gthread"
workers = 2
threads = 4
preload_app = True
timeout = 30
graceful_timeout = 5
keepalive = 5
control_socket_disable = True

gc.disable()  # what is loaded at the start stays; looking through it again and again costs a tenth


def pre_fork(server: Any, worker: Any) -> None:
    """What is loaded by now is garbage never, and stays one copy for all workers."""
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """A worker goes when gunicorn's main process is killed, not up to half a minute later."""
    die_with_parent(signal.SIGKILL, worker.ppid)
    gc.enable()
