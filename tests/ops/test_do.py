"""The one door, without the installing: what it says when something is missing."""

import hashlib
import importlib.machinery
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

from tests.ops.conftest import ROOT


class Version(NamedTuple):
    major: int
    minor: int
    micro: int


@pytest.fixture
def do() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("do", str(ROOT / "do"))
    spec = importlib.util.spec_from_loader("do", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def clone(do: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh clone: nothing but the lock file."""
    monkeypatch.setattr(do, "ROOT", tmp_path)
    monkeypatch.setattr(do, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(do, "PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.setattr(do, "LOCK", tmp_path / "lock.txt")
    monkeypatch.setattr(do, "STAMP", tmp_path / ".venv/installed-from")
    (tmp_path / "lock.txt").write_text(
        "typst==1 \\\n    --hash=sha256:aa\nuv==0.1 \\\n    --hash=sha256:bb \\\n"
        "    --hash=sha256:cc\nyarl==2 \\\n    --hash=sha256:dd\n"
    )
    return tmp_path


@pytest.fixture
def commands(do: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the door would run."""
    ran: list[list[str]] = []
    monkeypatch.setattr(do, "run", lambda command, complaint: ran.append([*map(str, command)]))
    return ran


def test_help_lists_the_commands_without_installing_anything(tmp_path: Path) -> None:
    help_ = subprocess.run(
        [sys.executable, ROOT / "do"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    for command in ("demo", "test", "check", "run", "bench", "promises", "help"):
        assert f"./do {command}" in help_.stdout


def test_a_command_that_does_not_exist_is_named(do: ModuleType) -> None:
    with pytest.raises(SystemExit, match="no command dmeo"):
        do.main(["dmeo"])


def test_an_old_python_is_told_what_to_do(do: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", Version(3, 9, 2))
    monkeypatch.setattr(do.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer"):
        do.use_a_python_that_is_new_enough()


def test_an_old_python_hands_over_to_a_newer_one(
    do: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    class HandedOver(Exception):
        pass

    def execv(program: str, words: list[str]) -> None:
        raise HandedOver(program, words[1])

    monkeypatch.setattr(sys, "version_info", Version(3, 9, 2))
    monkeypatch.setattr(
        do.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "python3.12" else None
    )
    monkeypatch.setattr(do.os, "execv", execv)
    with pytest.raises(HandedOver) as handed:
        do.use_a_python_that_is_new_enough()
    assert handed.value.args == ("/usr/bin/python3.12", str(ROOT / "do"))


def test_a_python_without_venv_is_told_the_package(
    do: ModuleType, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        do.set_up()


def test_the_installer_is_checked_by_its_hashes_and_comes_alone(
    do: ModuleType, clone: Path, commands: list[list[str]]
) -> None:
    (clone / ".venv").mkdir()
    do.install_uv()
    assert "--require-hashes" in commands[0]
    assert Path(commands[0][-1]).read_text().splitlines() == [
        "uv==0.1 \\",
        "    --hash=sha256:bb \\",
        "    --hash=sha256:cc",
    ]


def test_what_is_installed_is_not_installed_again(
    do: ModuleType, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = clone / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    lock = clone / "lock.txt"
    (clone / ".venv/installed-from").write_text(hashlib.sha256(lock.read_bytes()).hexdigest())
    done: list[str] = []
    monkeypatch.setattr(do, "step", lambda what, work: done.append(what))
    do.set_up()
    assert done == []
    lock.write_text(lock.read_text().replace("uv==0.1", "uv==0.2"))
    do.set_up()
    assert done
    done.clear()
    do.set_up()
    assert done == []


def test_a_clone_of_somebody_else_is_named(
    do: ModuleType, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(do.os, "access", lambda path, mode: False)
    with pytest.raises(SystemExit, match="run this as its owner"):
        do.set_up()


def test_tests_do_not_run_without_a_browser(
    do: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(do.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"install it .* or name its program in CHROMIUM"):
        do.chromium()


def test_root_gets_the_browser_from_the_systems_own_packages(
    do: ModuleType, monkeypatch: pytest.MonkeyPatch, commands: list[list[str]]
) -> None:
    def which(name: str) -> str | None:
        installed = any("install" in command for command in commands)
        there = name == "apt-get" or (name == "chromium" and installed)
        return f"/usr/bin/{name}" if there else None

    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(do.shutil, "which", which)
    monkeypatch.setattr(do.os, "geteuid", lambda: 0)
    assert do.chromium() == "/usr/bin/chromium"
    assert commands[-1][-1] == "chromium"


def test_a_browser_that_is_named_wrongly_is_said(
    do: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(SystemExit, match="/nowhere/chromium"):
        do.chromium()


def test_tests_see_nothing_of_the_terminals_installation(do: ModuleType) -> None:
    seen = do.without_settings(
        {
            "PATH": os.defpath,
            "PGHOST": "elsewhere",
            "CREDITABLE_DATA": "/srv/real",
            "CREDITABLE_POSTGRES_BIN": "/usr/lib/postgresql/15/bin",
        }
    )
    assert seen == {
        "PATH": os.defpath,
        "CREDITABLE_POSTGRES_BIN": "/usr/lib/postgresql/15/bin",
        "CREDITABLE_DEMO": "1",
    }
