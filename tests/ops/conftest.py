import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

ROOT = Path(__file__).parents[2]


class Eventually(Protocol):
    def __call__(self, condition: Callable[[], object], seconds: float = 20) -> None: ...


@pytest.fixture
def eventually() -> Eventually:
    """Waits until the condition holds; fails when it does not within its bound."""

    def wait(condition: Callable[[], object], seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "it did not come true in time"
            time.sleep(0.02)

    return wait


class Launch(Protocol):
    def __call__(self, *argv: object, **options: object) -> "subprocess.Popen[str]": ...


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Starts a real program in the repository's folder; it is gone after the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*argv: object, **options: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(  # type: ignore[call-overload]
            [str(word) for word in argv],
            **{
                "cwd": ROOT,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.STDOUT,
                "text": True,
                "start_new_session": True,
                **options,
            },
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def alive(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be reaped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
