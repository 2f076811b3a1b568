"""The program as text: what guards read, so that they see also what no test runs."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HOUSE = ROOT / "creditable"


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name and its syntax tree."""

    name: str
    tree: ast.Module

    @classmethod
    def of(cls, name: str, text: str) -> "Module":
        return cls(name, ast.parse(text))

    @property
    def package(self) -> str:
        """The package of the map that it belongs to: `store`, `web.shop`, ..."""
        parts = self.name.split(".")
        return ".".join(parts[1:3]) if parts[1:2] == ["web"] else "".join(parts[1:2])


def modules() -> list[Module]:
    """Every module of the house but its migrations."""
    return [
        Module.of(_dotted(path), path.read_text(encoding="utf-8"))
        for path in sorted(HOUSE.rglob("*.py"))
        if "migrations" not in path.parts
    ]


def imported(module: Module) -> Iterator[str]:
    """Every name that the module imports, anywhere in it."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(module: Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call in the module, by the dotted text of what is called."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def inside(name: str, packages: Iterable[str]) -> bool:
    """Whether the dotted name is one of these or lies below one of them."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
