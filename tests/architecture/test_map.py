"""The map in pyproject.toml is the house: imports and foreign keys point down."""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from tests.architecture.source import HOUSE, ROOT


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    return subprocess.run(
        [*command, "--no-cache", "--config", str(root / "pyproject.toml")],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip


def layers() -> list[str]:
    """The packages from the top of the map to its bottom, siblings beside each other."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (c for c in config["tool"]["importlinter"]["contracts"] if c["id"] == "map")
    return list(contract["layers"])


def height(label: str) -> int:
    package = label.removeprefix("web_") if label.startswith("web_") else label
    for number, layer in enumerate(reversed(layers())):
        if package in layer.split(" | ") or ("web" in layer and label.startswith("web_")):
            return number
    return -1


def upward(fields: Iterable[models.Field]) -> list[str]:
    """Foreign keys from one package to another that lies beside or above it. Packages that are
    not ours lie below everything."""
    faults = []
    for field in fields:
        here, there = field.model._meta.app_label, field.related_model._meta.app_label
        if here != there and height(there) >= height(here) >= 0:
            faults.append(f"{field.model.__name__}.{field.name} points up to {there}")
    return faults


def foreign_keys() -> list[models.Field]:
    return [
        field
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
    ]


def test_imports_point_down_and_rules_are_pure() -> None:
    linted = lint(ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert "Arrows point down KEPT" in linted.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("lib/money.py", "import creditable.policy.document", "Arrows point down"),
        ("credit/prospects.py", "import creditable.learning.models", "Arrows point down"),
        ("learning/seattime.py", "import django.db", "Rules are pure"),
        ("web/shop/home.py", "import creditable.web.account.urls", "Faces are strangers"),
        ("egress/__init__.py", "import creditable.people.models", "The sender knows"),
        ("standins/__init__.py", "import creditable.disclosure.models", "Stand-ins know"),
        ("surprise/__init__.py", "", "Arrows point down"),
    ],
)
def test_a_planted_import_is_seen(tmp_path: Path, module: str, line: str, contract: str) -> None:
    shutil.copytree(HOUSE, tmp_path / "creditable", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / "creditable" / module
    planted.parent.mkdir(exist_ok=True)
    with planted.open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    linted = lint(tmp_path)
    assert linted.returncode != 0
    assert contract in linted.stdout.replace("\n", " ")


def test_foreign_keys_point_down() -> None:
    found = foreign_keys()
    assert len(found) > 20
    assert upward(found) == []


def test_a_key_that_points_up_is_seen() -> None:
    found = foreign_keys()
    down = next(f for f in found if f.model._meta.app_label == "store"
                and f.related_model._meta.app_label == "catalog")  # fmt: skip

    class Upside:
        name = "planted"
        model = down.related_model
        related_model = down.model

    assert upward([Upside()])  # type: ignore[list-item]
