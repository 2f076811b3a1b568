"""A stand-in never outlives its parent, and says nothing of the product but what it was sent."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.standins.running import free_port, wait_until

MODULES = ["paypal", "authority", "inbox"]


@pytest.mark.parametrize("module", MODULES)
def test_it_dies_with_its_parent(module: str, tmp_path: Path) -> None:
    more = ["--smtp-port", str(free_port())] if module == "inbox" else []
    command = [sys.executable, "-m", f"creditable.standins.{module}", "--port", "0", *more]
    script = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen({[*command, '--state', str(tmp_path)]!r},"
        " stdout=subprocess.PIPE, text=True)\n"
        "print(child.pid, child.stdout.readline().strip(), flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid, _, line = parent.stdout.readline().partition(" ")
    assert line.startswith(f"{module} ready on http://127.0.0.1:")
    parent.send_signal(signal.SIGKILL)
    parent.wait(20)
    parent.stdout.close()

    def gone() -> bool:
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return True
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"

    wait_until(gone, f"the end of {module}")


@pytest.mark.parametrize("module", MODULES)
def test_it_needs_nothing_of_the_product(module: str) -> None:
    script = (
        f"import importlib, sys; importlib.import_module('creditable.standins.{module}');"
        "print([m for m in sys.modules if m.split('.')[0] == 'django'"
        " or m.startswith('creditable.')"
        " and not m.startswith(('creditable.standins', 'creditable.lib'))])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
