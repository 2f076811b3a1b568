"""What a page costs: a whole demo in a folder of its own, asked for each page in turns.

CPU is user and system time of every process of the installation, read from /proc before and
after a round; wall time is left out, because it measures the neighbors on the machine.
"""

import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
ROUNDS, REQUESTS = 5, 40
START_SECONDS = 180
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Budget:
    """What a page may cost."""

    page: str
    path: str
    cpu_ms: float
    kilobytes: float


@dataclass(frozen=True)
class Measured:
    """What a page cost: the median of the rounds and the largest answer."""

    budget: Budget
    cpu_ms: float
    kilobytes: float

    @property
    def within(self) -> bool:
        return self.cpu_ms <= self.budget.cpu_ms and self.kilobytes <= self.budget.kilobytes


def main() -> int:
    """Prints a table and a JSON line a page; 1 when a page is over its budget."""
    budgets = [
        Budget(**entry)
        for entry in yaml.safe_load((ROOT / "benchmarks" / "budgets.yaml").read_text())
    ]
    with demo() as (root, port):
        rounds: dict[str, list[float]] = {budget.page: [] for budget in budgets}
        sizes = {budget.page: _ask(port, budget.path, 5) for budget in budgets}
        for _ in range(ROUNDS):
            for budget in budgets:
                before = cpu_seconds(root)
                _ask(port, budget.path, REQUESTS)
                rounds[budget.page].append((cpu_seconds(root) - before) / REQUESTS * 1000)
    results = [
        Measured(budget, statistics.median(rounds[budget.page]), sizes[budget.page] / 1000)
        for budget in budgets
    ]
    print(f"{'page':<10} {'CPU ms':>8} {'budget':>8} {'kB':>8} {'budget':>8}")
    for result in results:
        budget, verdict = result.budget, "" if result.within else "  over"
        print(
            f"{budget.page:<10} {result.cpu_ms:>8.2f} {budget.cpu_ms:>8.1f}"
            f" {result.kilobytes:>8.1f} {budget.kilobytes:>8.1f}{verdict}"
        )
    for result in results:
        line = {"page": result.budget.page, "cpu_ms": result.cpu_ms, "kb": result.kilobytes}
        print(json.dumps(line))
    return 0 if all(result.within for result in results) else 1


@contextmanager
def demo() -> Iterator[tuple[int, int]]:
    """A demo that runs: the process id of its supervisor, and its port."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="creditable-bench-") as folder:
        Path(folder).chmod(0o711)
        command = [sys.executable, "-m", "creditable.ops.start", "demo", "--port", str(port)]
        running = subprocess.Popen(
            [*command, "--data", str(Path(folder) / "data")], cwd=ROOT, stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        try:
            _wait_until_open(running)
            yield running.pid, port
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(60)


def cpu_seconds(root: int) -> float:
    """User and system time of the process and all its descendants, those that ended included."""
    parents: dict[int, int] = {}
    spent: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            pid = int(entry.name)
            parents[pid] = int(fields[1])
            spent[pid] = sum(map(int, fields[11:15])) / TICKS
    return sum(time_of for pid, time_of in spent.items() if _descends(pid, root, parents))


def _descends(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid not in {0, root}:
        pid = parents.get(pid, 0)
    return pid == root


def _ask(port: int, path: str, times: int) -> int:
    connection = http.client.HTTPConnection("localhost", port, timeout=10)
    largest = 0
    for _ in range(times):
        connection.request("GET", path)
        answer = connection.getresponse()
        largest = max(largest, len(answer.read()))
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}: nothing was measured.")
    connection.close()
    return largest


def _free_port() -> int:
    for port in range(21_000, 29_000, 10):
        try:
            for number in range(port, port + 5):
                socket.create_server(("127.0.0.1", number)).close()
        except OSError:
            continue
        return port
    raise SystemExit("No five ports in a row are free.")


def _wait_until_open(running: subprocess.Popen[str]) -> None:
    end = time.monotonic() + START_SECONDS
    assert running.stdout is not None
    for line in running.stdout:
        print(line, end="", flush=True)
        if line.strip().startswith("Logs:"):
            return
        if time.monotonic() > end:
            break
    raise SystemExit("The demo did not start; what it said stands above.")


if __name__ == "__main__":
    sys.exit(main())
