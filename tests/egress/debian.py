"""Programs of Debian's, unpacked where nobody is bothered."""

import shutil
import subprocess
from pathlib import Path

import pytest


def unpacked(place: Path, packages: tuple[str, ...]) -> Path:
    """The folder below which the packages lie; the test is skipped where none can be fetched."""
    if not shutil.which("apt-get"):
        pytest.skip("no Debian here to fetch it from")
    root = place / "debian"
    root.mkdir()
    fetched = subprocess.run(
        ["apt-get", "download", *packages], cwd=root, capture_output=True, timeout=120, check=False
    )
    found = list(root.glob("*.deb"))
    if fetched.returncode or len(found) < len(packages):
        pytest.skip("Debian's packages cannot be fetched")
    for package in found:
        subprocess.run(["dpkg", "-x", str(package), str(root)], check=True, timeout=60)
    return root


def libraries(root: Path) -> Path:
    """Where the packages' shared libraries are."""
    return next(root.glob("usr/lib/*-linux-gnu"))
