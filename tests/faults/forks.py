"""A deed done by a process of its own, which may be killed at any line of the program.

The process is forked from one that has everything loaded, does the deed over database connections
of its own and says what it has acknowledged. A line tracer sends it SIGKILL just before a line.
"""

import json
import os
import signal
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from creditable.ops.processes import ROOT

OURS = (f"{ROOT}/creditable/", f"{ROOT}/tests/faults/steps.py")
OUTSIDE = f"{ROOT}/creditable/standins/"
"""The lines that count: the program's without the stand-ins, and the steps, which stand for its
pages."""

LONGEST = 120
"""Seconds after which a child that hangs is ended, which counts as a failure."""

Say = Callable[[str, Any], None]
Deed = Callable[[Say], None]


@dataclass(frozen=True, order=True)
class Line:
    file: str
    number: int

    def __str__(self) -> str:
        return f"{self.file}:{self.number}"


@dataclass(frozen=True)
class Place:
    """The instant before a line is executed for the n-th time."""

    line: Line
    time: int

    def __str__(self) -> str:
        return str(self.line) + (f" (time {self.time})" if self.time > 1 else "")


@dataclass
class Ending:
    """How the process ended. `said` is what it acknowledged before, `lines` how often it executed
    each line (when that was recorded), `error` the traceback of a deed that failed."""

    killed: bool = False
    said: list[tuple[str, Any]] = field(default_factory=list)
    lines: Counter[Line] = field(default_factory=Counter)
    error: str = ""


def run(deed: Deed, *, log: Path, kill_at: Place | None = None, record: bool = False) -> Ending:
    """Does the deed in a child. Whoever calls has no database connection open in Django."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _live(deed, writing, log, kill_at, record=record)
    os.close(writing)
    with os.fdopen(reading) as heard:
        words = [json.loads(line) for line in heard if line.endswith("\n")]
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    ending = Ending(killed=code == -signal.SIGKILL)
    for kind, name, value in words:
        match kind:
            case "said":
                ending.said.append((name, value))
            case "line":
                ending.lines[Line(name, value[0])] = value[1]
            case "error":
                ending.error = value
    if not ending.killed and code != 0 and not ending.error:
        ending.error = f"ended with code {code}"
    return ending


def _live(deed: Deed, writing: int, log: Path, kill_at: Place | None, *, record: bool) -> None:
    """The child's whole life. Nothing of the parent's is flushed or closed at its end."""
    status = 1
    seen: Counter[Line] = Counter()

    def tell(kind: str, name: str, value: Any) -> None:
        os.write(writing, json.dumps([kind, name, value]).encode() + b"\n")

    try:
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        signal.alarm(LONGEST)
        if kill_at is not None:
            _trace(_Killer(kill_at))
        elif record:
            _trace(_Recorder(seen))
        deed(lambda name, value: tell("said", name, value))
        sys.settrace(None)
        for line, times in seen.items():
            tell("line", line.file, [line.number, times])
        status = 0
    except BaseException:  # noqa: BLE001 - the child's last words
        sys.settrace(None)
        tell("error", "", traceback.format_exc())
    finally:
        sys.stdout.flush()
        os._exit(status)


class _Recorder:
    """Counts how often each line is executed."""

    def __init__(self, seen: Counter[Line]) -> None:
        self._seen = seen

    def wants(self, file: str) -> bool:
        return file.startswith(OURS) and not file.startswith(OUTSIDE)

    def reached(self, frame: FrameType) -> None:
        file = frame.f_code.co_filename.removeprefix(f"{ROOT}/")
        self._seen[Line(file, frame.f_lineno)] += 1


class _Killer:
    """Kills its own process just before a line is executed for the n-th time."""

    def __init__(self, place: Place) -> None:
        self._file = f"{ROOT}/{place.line.file}"
        self._number = place.line.number
        self._left = place.time

    def wants(self, file: str) -> bool:
        return file == self._file

    def reached(self, frame: FrameType) -> None:
        if frame.f_lineno == self._number:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)


def _trace(watcher: _Recorder | _Killer) -> None:
    """Follows this thread and every thread that starts from now on."""

    def lines(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            watcher.reached(frame)
        return lines

    def calls(frame: FrameType, _event: str, _: Any) -> Any:
        code = frame.f_code
        is_import = code.co_name == "<module>"  # a process that has run for a while has done it
        return lines if watcher.wants(code.co_filename) and not is_import else None

    threading.settrace(calls)
    sys.settrace(calls)
