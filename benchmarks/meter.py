"""What processes have cost, read from /proc. Wall time is left out: on a machine that others use it
measures the others."""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def family(root: int) -> set[int]:
    """The process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = set(), [root]
    while waiting:
        pid = waiting.pop()
        found.add(pid)
        waiting += children.get(pid, [])
    return found


def cpu_ms(roots: Iterable[int]) -> float:
    """User and system time of these processes and their descendants, to the nanosecond where the
    kernel keeps it (of living threads)."""
    return sum(_cpu_ms(pid) for root in roots for pid in family(root))


def cost(roots: Iterable[int], work: Callable[[], object]) -> float:
    """The CPU milliseconds that the work took in these processes and their descendants."""
    roots = list(roots)
    before = cpu_ms(roots)
    work()
    return cpu_ms(roots) - before


def mebibytes(pid: int) -> float:
    """The memory of a process: what is its own, and its part of what processes share (PSS)."""
    return _mebibytes(pid, "Pss:")


def resident(pid: int) -> float:
    """The memory of a process with all that it shares (RSS)."""
    return _mebibytes(pid, "Rss:")


def resident_most(*, forget: bool = False) -> float:
    """The most that this process has held at once, with all that it shares; `forget` begins anew
    with what it holds now."""
    if forget:
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024


def _mebibytes(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024


def environment(pid: int) -> dict[str, str]:
    """What the process was started with."""
    entries = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    pairs = (entry.decode().partition("=") for entry in entries if b"=" in entry)
    return {name: value for name, _, value in pairs}


def find(root: int, words: str) -> int:
    """The oldest of the descendants that were started with these words."""
    for pid in sorted(family(root), key=_started):
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        if words in command:
            return pid
    raise LookupError(f"no process of {root} was started with {words!r}")


def _started(pid: int) -> int:
    """When the process began, in ticks since the machine did. Numbers of processes begin anew."""
    fields = _stat(pid)
    return int(fields[19]) if fields else sys.maxsize


def _cpu_ms(pid: int) -> float:
    spent = 0.0
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            spent += int((task / "schedstat").read_text().split()[0]) / 1e6
    except FileNotFoundError:
        if fields := _stat(pid):
            return sum(map(int, fields[11:13])) / TICKS * 1000
    except ProcessLookupError:
        pass
    return spent


def _stat(pid: int) -> list[str]:
    """The fields after the name: state, parent, ..."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
