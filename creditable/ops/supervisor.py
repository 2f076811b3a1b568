"""Keeps a family of processes alive and ends it cleanly.

Processes start in the order in which they are kept, each group when the one before is ready. One
that dies is started again after a pause that grows while it keeps dying. SIGINT, SIGTERM and
SIGHUP stop all of them, last started first. When the supervisor itself is killed, the kernel ends
its children (creditable.ops.children).
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from creditable.ops.children import stop, sweep

_WATCHED = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD}
_STOPPING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
_TICK = 0.05
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 10.0
_LONG_LIFE = 60.0

Child = subprocess.Popen[bytes]


class Stopped(Exception):
    """Somebody asked us to stop."""


class Failed(Exception):
    """A process could not do its work; the message is for the person at the terminal."""


def _always(child: Child) -> bool:
    return True


@dataclass(frozen=True)
class Process:
    """One process to keep alive. `ready` is asked again and again, never for long, until it is
    true or `start_seconds` are over."""

    name: str
    start: Callable[[], Child]
    ready: Callable[[Child], bool] = _always
    stop_order: Sequence[signal.Signals] = (signal.SIGTERM,)
    start_seconds: float = 30.0
    stop_seconds: float = 10.0


@dataclass
class _Kept:
    process: Process
    child: Child
    started: float = field(default_factory=time.monotonic)
    serving: bool = False
    pause: float = _FIRST_PAUSE
    again_at: float | None = None


class Supervisor:
    """`with Supervisor(logs=..., say=...) as family:` then `keep` each process, `finish` each
    task, and `watch` until somebody asks to stop. Everything is stopped on the way out."""

    def __init__(self, *, logs: Path, say: Callable[[str], None]) -> None:
        self._logs = logs
        self._say = say
        self._kept: list[_Kept] = []
        self._mask: set[signal.Signals | int] = set()

    def __enter__(self) -> Self:
        self._mask = set(signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for kept in reversed(self._kept):
            if kept.again_at is None:
                stop(
                    kept.child,
                    order=kept.process.stop_order,
                    seconds=kept.process.stop_seconds,
                )
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    def keep(self, *processes: Process) -> None:
        """Start processes side by side, wait until all are ready, and keep them alive from then
        on."""
        starting = [_Kept(process, process.start()) for process in processes]
        self._kept += starting
        while not all(self._has_started(kept) for kept in starting):
            self._wait(_TICK)

    def _has_started(self, kept: _Kept) -> bool:
        process = kept.process
        if kept.child.poll() is not None:
            sweep(kept.child.pid)
            kept.again_at = time.monotonic()
            raise Failed(f"{process.name} ended while starting.{self._last_words(process)}")
        if not kept.serving and time.monotonic() - kept.started > process.start_seconds:
            raise Failed(
                f"{process.name} was not ready after {process.start_seconds:.0f} s."
                f"{self._last_words(process)}"
            )
        kept.serving = kept.serving or process.ready(kept.child)
        return kept.serving

    def finish(self, task: Process) -> None:
        """Run a process to its end while the others are kept alive; it has to succeed."""
        child = task.start()
        try:
            while child.poll() is None:
                self._wait(_TICK)
                self._tend()
        finally:
            stop(child, order=task.stop_order, seconds=task.stop_seconds)
        if child.returncode != 0:
            raise Failed(f"{task.name} failed.{self._last_words(task)}")

    def watch(self) -> None:
        """Keep all alive until somebody asks to stop, which raises Stopped."""
        while True:
            self._wait(_TICK if self._starting() else 1.0)
            self._tend()

    def _starting(self) -> bool:
        return any(not kept.serving or kept.again_at is not None for kept in self._kept)

    def _wait(self, seconds: float) -> None:
        arrived = signal.sigtimedwait(_WATCHED, seconds)
        if arrived and arrived.si_signo in _STOPPING:
            raise Stopped(signal.Signals(arrived.si_signo).name)

    def _tend(self) -> None:
        """Bury the dead, start again what has paused long enough, greet what is ready."""
        for kept in self._kept:
            name, now = kept.process.name, time.monotonic()
            if kept.again_at is not None:
                if now >= kept.again_at:
                    kept.child, kept.started = kept.process.start(), now
                    kept.again_at, kept.serving = None, False
            elif kept.child.poll() is not None:
                sweep(kept.child.pid)
                if kept.serving and now - kept.started > _LONG_LIFE:
                    kept.pause = _FIRST_PAUSE
                self._say(
                    f"{name} {_ending(kept.child.returncode)}; starting it again in"
                    f" {kept.pause:.1f} s (log: {self._logs / name}.log)"
                )
                kept.again_at = now + kept.pause
                kept.pause = min(2 * kept.pause, _LONGEST_PAUSE)
            elif not kept.serving:
                if kept.process.ready(kept.child):
                    kept.serving = True
                    self._say(f"{name} is back")
                elif now - kept.started > kept.process.start_seconds:
                    kept.child.kill()

    def _last_words(self, process: Process) -> str:
        log = self._logs / f"{process.name}.log"
        with contextlib.suppress(FileNotFoundError):
            lines = log.read_text(errors="replace").splitlines()[-12:]
            return "".join(f"\n  {process.name} | {line}" for line in lines)
        return ""


def _ending(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"


def take_place(folder: Path) -> int:
    """Be the one supervisor of a data folder for as long as this process lives; returns the
    descriptor that holds the place. A killed supervisor gives its place back at once."""
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    place = os.open(folder / "supervisor.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(place, 32).decode() or "another process"
        os.close(place)
        raise Failed(
            f"Creditable is already running in {folder} ({holder}): stop it with Ctrl-C there, or"
            " choose another folder with --data."
        ) from None
    os.ftruncate(place, 0)
    os.write(place, f"process {os.getpid()}".encode())
    return place


def open_log(logs: Path, name: str) -> int:
    """A descriptor that appends to a process's log. A log over 20 MB is put aside first; one such
    older log is kept."""
    logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = logs / f"{name}.log"
    if file.exists() and file.stat().st_size > 20_000_000:
        file.replace(logs / f"{name}.log.1")
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
