"""The stand-ins as fixtures; a conftest that needs them imports them by name."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from creditable.standins.paypal.signing import Signer
from tests.standins.running import Hook, Merchant, Running, free_port


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if hook.on_post is not None:
                hook.on_post(body)
            status = hook.answers.pop(0) if hook.answers else 200
            hook.received.append((dict(self.headers.items()), body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield hook
    server.shutdown()
    server.server_close()


@contextmanager
def launching(folder: Path, certificates: Path) -> Iterator[Callable[..., Running]]:
    """Starts stand-ins as processes of their own, each with an empty memory in `folder`."""
    started: list[Running] = []

    def launch(module: str, *options: str) -> Running:
        if module == "paypal":
            shutil.copytree(certificates, folder / module)
        running = Running(
            f"creditable.standins.{module}",
            ["--state", str(folder / module), *options],
            free_port(),
        )
        running.start()
        started.append(running)
        return running

    yield launch
    for running in started:
        if running.process is not None:
            running.kill()


@pytest.fixture
def launch(tmp_path: Path, certificates: Path) -> Iterator[Callable[..., Running]]:
    with launching(tmp_path, certificates) as launch:
        yield launch


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Authority and leaf, made once: keys take a while."""
    folder = tmp_path_factory.mktemp("certificates")
    Signer(folder, webhook_id="any", base="http://127.0.0.1", clock=time.time)
    return folder


@pytest.fixture
def merchant(launch: Callable[..., Running], hook: Hook) -> Merchant:
    paypal = launch(
        "paypal", "--webhook-url", hook.url, "--webhook-delay", "0", "--retry-delay", "0.05"
    )
    merchant = Merchant(paypal)
    merchant.sign_in()
    return merchant
