"""A slice of `./do faults`: processes are killed at random lines of the main job, and a
deliberately naive variant is caught. A run with another seed looks at other lines."""

import subprocess
import sys

import pytest

from creditable.ops.processes import ROOT

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("kills")]


def test_killed_anywhere_the_main_job_loses_and_doubles_nothing() -> None:
    module = (sys.executable, "-m")
    words = ("--kills", "30", "--naive", "60", "--once")
    done = subprocess.run(
        [*module, "creditable.ops.postgres", *module, "tests.faults.kills", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "30 kills" in done.stdout
    assert "0 findings" in done.stdout
    assert "naive variant was caught 1 time" in done.stdout
