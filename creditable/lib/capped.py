"""Work on a file that somebody hands us, in a process of its own.

The process loads what the work needs while it still may. Then it can open nothing, neither file nor
socket, and is ended when it wants more memory or time than it was granted.

A program is the path of a module that names its caps, `MEMORY` (bytes) and `CPU_SECONDS`, and has
`prepared`, which loads everything and gives back the work: from the bytes of the file to bytes.
"""

import importlib.util
import resource
import subprocess
import sys
from pathlib import Path

HOUSE = Path(__file__).parents[2]
START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from creditable.lib import capped; capped.main(sys.argv[2])"
)


class Unreadable(Exception):
    """The work came to nothing. `reason`: it takes more than we spend on it (too_much), the file is
    damaged (broken), or what the program says."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def run(program: str, given: bytes, *, seconds: int) -> bytes:
    """What the program makes of the file, in so many seconds by the wall at most. Raises
    Unreadable."""
    try:
        done = subprocess.run(  # noqa: S603 - our own program, no word of it from outside
            [sys.executable, "-I", "-c", START, str(HOUSE), program],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise Unreadable("too_much") from late
    if done.returncode < 0:
        raise Unreadable("too_much")
    reason, told, made = done.stdout.partition(b"\n")
    if done.returncode or not told:
        raise Unreadable("broken")
    if reason:
        raise Unreadable(reason.decode())
    return made


def main(path: str) -> None:
    """The capped process: the file on standard input; out comes a line with the reason why there is
    nothing (empty where all is well), then what the work made."""
    found = importlib.util.spec_from_file_location("program", path)
    assert found is not None
    assert found.loader is not None
    program = importlib.util.module_from_spec(found)
    found.loader.exec_module(program)
    work = program.prepared()
    given = sys.stdin.buffer.read()
    for kind, most in (
        (resource.RLIMIT_AS, program.MEMORY),
        (resource.RLIMIT_CPU, program.CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    reason, made = "", b""
    try:
        made = work(given)
    except Unreadable as unreadable:
        reason = unreadable.reason
    except MemoryError:
        reason = "too_much"
    sys.stdout.buffer.write(f"{reason}\n".encode() + made)
