"""`./do check`: everything that can be known in less than a minute, two steps at a time."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from creditable.ops.processes import ROOT

FAST_TESTS = ("tests/architecture", "tests/lib", "tests/policy")


def steps() -> dict[str, Sequence[str | Path]]:
    """What is run under which name; the longest first, so that two at a time end together."""
    templates = sorted(ROOT.glob("creditable/**/templates/**/*.html"))
    python = sys.executable
    return {
        "types": [python, "-m", "mypy"],
        "architecture and pure rules": [python, "-m", "pytest", "-q", *FAST_TESTS],
        "migrations": [python, "-m", "creditable", "makemigrations", "--check", "--dry-run"],
        "map": [_program("lint-imports"), "--no-cache"],
        "templates": [_program("djade"), "--check", "--target-version", "5.2", *templates],
        "lint": [python, "-m", "ruff", "check", "--quiet"],
        "format": [python, "-m", "ruff", "format", "--check", "--quiet"],
    }


def main() -> int:
    """0 when every step passed; otherwise what failed stands at the end."""
    begun = time.monotonic()
    failed: dict[str, str] = {}
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        running = {pool.submit(_run, command): name for name, command in steps().items()}
        for done in as_completed(running):
            name = running[done]
            code, output, seconds = done.result()
            print(f"  {'failed' if code else 'ok':<7}{name:<28} {seconds:5.1f} s", flush=True)
            if code:
                failed[name] = output
    for name, output in failed.items():
        print(f"\n---- {name}\n{output.strip()}")
    verdict = f"failed: {', '.join(failed)}" if failed else "all is well"
    print(f"\n{verdict} ({time.monotonic() - begun:.1f} s)")
    return 1 if failed else 0


def _program(name: str) -> Path:
    return Path(sys.executable).with_name(name)


def _run(command: Sequence[str | Path]) -> tuple[int, str, float]:
    begun = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, time.monotonic() - begun


if __name__ == "__main__":
    sys.exit(main())
