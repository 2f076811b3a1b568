"""Reading a pack's YAML strictly: a mistake is named with its file, line, place and cure."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from creditable.policy.source import Node, Reading


class PackRefused(Exception):
    """A pack cannot be used: the file and line, the place in it and the cure."""

    def __init__(self, path: Path, place: str, cure: str, line: int = 0) -> None:
        where = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{where}: {place}: {cure}" if place else f"{where}: {cure}")
        self.path = path
        self.place = place
        self.cure = cure
        self.line = line


class Reader:
    """Takes named values out of a mapping; what nobody took is an unknown key."""

    def __init__(self, path: Path, place: str, node: Node) -> None:
        self.path = path
        self.place = place
        self.line = node.line
        if not isinstance(node.value, dict):
            raise PackRefused(path, place, "expected names and values", node.line)
        self._nodes = dict(node.value)
        self._lines = {name: value.line for name, value in node.value.items()}

    @classmethod
    def load(cls, path: Path) -> "Reader":
        reading = Reading()
        try:
            node = reading.document(path)
        except FileNotFoundError as error:
            raise PackRefused(path, "", "the file is missing; write it") from error
        if reading.problems:
            first = reading.problems[0]
            raise PackRefused(path, "", f"{first.message}. {first.cure}", first.line)
        assert node is not None
        return cls(path, "", node)

    def refuse(self, name: str, cure: str) -> PackRefused:
        place = f"{self.place}.{name}".strip(".")
        return PackRefused(self.path, place, cure, self._lines.get(name, self.line))

    def has(self, name: str) -> bool:
        return name in self._nodes

    def is_null(self, name: str) -> bool:
        """Whether it is there and says that the value is unknown."""
        return name in self._nodes and self._nodes[name].value is None

    def holds_names(self, name: str) -> bool:
        return name in self._nodes and isinstance(self._nodes[name].value, dict)

    def names(self) -> list[str]:
        """The names that nobody has taken yet."""
        return list(self._nodes)

    def take(self, name: str, default: object = ...) -> Any:
        if name not in self._nodes:
            if default is ...:
                raise self.refuse(name, "missing; add it (null where the value is unknown)")
            return default
        return _plain(self._nodes.pop(name))

    def under(self, name: str) -> "Reader":
        """The names and values below that name."""
        if name not in self._nodes:
            raise self.refuse(name, "missing; add it")
        return Reader(self.path, f"{self.place}.{name}".strip("."), self._nodes.pop(name))

    def each(self, name: str) -> Iterator["Reader"]:
        """The items of a list, each of names and values."""
        node = self._nodes.pop(name, None)
        if node is None or not isinstance(node.value, list):
            raise self.refuse(name, "must be a list")
        for number, item in enumerate(node.value):
            yield Reader(self.path, f"{self.place}.{name}[{number}]".strip("."), item)

    def text(self, name: str, default: str | None = None) -> str:
        value = self.take(name, default if default is not None else ...)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.refuse(name, "must be text")
        return " ".join(value.split())

    def one_of(self, name: str, allowed: set[str]) -> str:
        value = self.text(name)
        if value not in allowed:
            raise self.refuse(name, f"{value!r} must be one of {', '.join(sorted(allowed))}")
        return value

    def day(self, name: str) -> date:
        value = self.take(name)
        if not isinstance(value, date):
            raise self.refuse(name, "must be a date like 2026-11-22")
        return value

    def truth(self, name: str, *, default: bool) -> bool:
        value = self.take(name, default)
        if not isinstance(value, bool):
            raise self.refuse(name, "must be yes or no")
        return value

    def truth_or_null(self, name: str, *, default: bool) -> bool | None:
        """Yes, no, or null where it is unknown."""
        if self.is_null(name):
            self.take(name)
            return None
        return self.truth(name, default=default)

    def words(self, name: str, default: object = ...) -> tuple[str, ...]:
        value = self.take(name, default)
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise self.refuse(name, "must be a list of words")
        return tuple(value)

    def mapping(self, name: str) -> dict[str, str]:
        value = self.take(name, {}) or {}
        if not isinstance(value, dict):
            raise self.refuse(name, "expected names and values")
        return {str(key): str(item) for key, item in value.items()}

    def finish(self) -> None:
        if self._nodes:
            raise self.refuse(min(self._nodes), "unknown key; correct its spelling or remove it")


def _plain(node: Node) -> Any:
    match node.value:
        case dict():
            return {key: _plain(item) for key, item in node.value.items()}
        case list():
            return [_plain(item) for item in node.value]
        case _:
            return node.value
