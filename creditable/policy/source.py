"""YAML read strictly: every value knows its file and line, and every fault is named with its cure.

PyYAML alone keeps the last of two equal keys, follows aliases, and turns a key `on` into a truth
value. A policy is a legal text, so here each of those is a fault and keys are always text.
"""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Problem:
    """One fault of a document: where it is, what is wrong, and what would cure it."""

    file: str
    line: int
    message: str
    cure: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}. {self.cure}"


class SourceError(Exception):
    """A document that cannot be used; `problems` lists every fault that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class Node:
    """A value with its place. `line` is the line of the key, or of the list item, that holds it."""

    value: "str | int | bool | dt.date | list[Node] | dict[str, Node] | None"
    file: str
    line: int

    @property
    def kind(self) -> str:
        match self.value:
            case dict():
                return "a mapping"
            case list():
                return "a list"
            case bool():
                return "yes or no"
            case int():
                return "a whole number"
            case dt.date():
                return "a date"
            case None:
                return "nothing"
            case _:
                return "text"

    def plain(self) -> object:
        """The value without its places, as JSON can hold it."""
        match self.value:
            case dict():
                return {key: node.plain() for key, node in self.value.items()}
            case list():
                return [node.plain() for node in self.value]
            case dt.date():
                return self.value.isoformat()
            case _:
                return self.value


def canonical(node: Node) -> bytes:
    """The one spelling of a document as bytes: JSON with sorted keys and no spaces, in UTF-8."""
    return json.dumps(
        node.plain(), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


@dataclass
class Reading:
    """Reads typed values out of nodes and collects what is wrong on the way."""

    problems: list[Problem] = field(default_factory=list)

    def fault(self, node: Node, message: str, cure: str) -> None:
        self.problems.append(Problem(node.file, node.line, message, cure))

    def document(self, file: Path) -> Node | None:
        """The single document of a YAML file; None when it cannot be read at all."""
        name = str(file)
        try:
            root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            message = f"not readable as YAML: {error.problem or error.context}"
            self.problems.append(Problem(name, line, message, "Correct the spelling of this line."))
            return None
        except (UnicodeDecodeError, yaml.reader.ReaderError):
            self.problems.append(Problem(name, 1, "not UTF-8 text", "Save the file as UTF-8."))
            return None
        except RecursionError:
            self.problems.append(Problem(name, 1, "nested too deeply", "Write it flat."))
            return None
        if root is None:
            self.problems.append(Problem(name, 1, "the file is empty", "Fill it or remove it."))
            return None
        return self._node(root, name, root.start_mark.line + 1, set())

    def _node(self, source: yaml.Node, file: str, line: int, seen: set[int]) -> Node:
        if id(source) in seen:
            self.problems.append(
                Problem(file, line, "an alias stands here", "Write the value out in full.")
            )
            return Node(None, file, line)
        seen.add(id(source))
        if isinstance(source, yaml.MappingNode):
            return Node(self._mapping(source, file, seen), file, line)
        if isinstance(source, yaml.SequenceNode):
            items = [
                self._node(item, file, item.start_mark.line + 1, seen) for item in source.value
            ]
            return Node(items, file, line)
        return Node(self._scalar(source, file, line), file, line)

    def _mapping(self, source: yaml.MappingNode, file: str, seen: set[int]) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        for key, value in source.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append(
                    Problem(file, line, "a key is not a word", "Use plain text as the key.")
                )
            elif key.value in entries:
                first = entries[key.value].line
                self.problems.append(
                    Problem(
                        file,
                        line,
                        f"'{key.value}' stands twice, first in line {first}",
                        "Keep one of them.",
                    )
                )
            else:
                entries[key.value] = self._node(value, file, line, seen)
        return entries

    def _scalar(self, source: yaml.Node, file: str, line: int) -> str | int | bool | dt.date | None:
        text = str(source.value)
        match source.tag.removeprefix("tag:yaml.org,2002:"):
            case "str" | "float":
                return text
            case "int" if text.isascii() and text.lstrip("-").isdigit():
                return int(text)
            case "bool":
                return text.lower() in {"yes", "true", "on"}
            case "null":
                return None
            case "timestamp":
                try:
                    return dt.date.fromisoformat(text)
                except ValueError:
                    return text
            case "int":
                return text
        self.problems.append(
            Problem(file, line, f"the tag {source.tag} means nothing here", "Remove the tag.")
        )
        return text

    def fields(
        self, node: Node, what: str, *, required: Collection[str], optional: Collection[str] = ()
    ) -> Mapping[str, Node]:
        """The entries of a mapping that may hold these keys and no other."""
        entries = self.mapping(node, what)
        known = [*required, *optional]
        for key, value in entries.items():
            if key not in known:
                self.fault(
                    value, f"{what} has no key '{key}'", f"Use one of: {', '.join(sorted(known))}."
                )
        for key in required:
            if key not in entries:
                self.fault(node, f"{what} lacks '{key}'", f"Add '{key}'.")
        return {key: value for key, value in entries.items() if key in known}

    def mapping(self, node: Node, what: str) -> Mapping[str, Node]:
        if isinstance(node.value, dict):
            return node.value
        self.fault(node, f"{what} is {node.kind}", "Write a mapping, `key: value`.")
        return {}

    def items(self, node: Node | None, what: str) -> list[Node]:
        """The items of a list; none when the key is absent."""
        if node is None:
            return []
        if isinstance(node.value, list):
            return node.value
        self.fault(node, f"{what} is {node.kind}", "Write a list, `[one, two]`.")
        return []

    def one_or_more(self, node: Node | None, what: str) -> list[Node]:
        """A list, or a single value that stands for a list of one; never an empty list."""
        if node is None:
            return []
        if not isinstance(node.value, list):
            return [node]
        if not node.value:
            self.fault(node, f"{what} is an empty list", "Name at least one.")
        return node.value

    def text(self, node: Node | None, what: str) -> str:
        if node is None:
            return ""
        if isinstance(node.value, str) and node.value.strip():
            return node.value
        found = "empty" if isinstance(node.value, str) else node.kind
        self.fault(node, f"{what} is {found}", "Write text; in quotes if it looks like a number.")
        return ""

    def word(self, node: Node | None, what: str, allowed: Collection[str]) -> str:
        """A text that is one of the allowed words."""
        text = self.text(node, what)
        if node is not None and text and text not in allowed:
            words = ", ".join(sorted(allowed)) or "none is declared yet"
            self.fault(node, f"'{text}' is no {what}", f"Use one of: {words}.")
            return ""
        return text

    def whole(self, node: Node | None, what: str, *, least: int) -> int:
        if node is None:
            return least
        if isinstance(node.value, int) and not isinstance(node.value, bool):
            if node.value >= least:
                return node.value
            self.fault(node, f"{what} is {node.value}", f"Use {least} or more.")
        else:
            self.fault(node, f"{what} is {node.kind}", "Write a whole number.")
        return least

    def truth(self, node: Node | None, what: str) -> bool:
        if node is None:
            return False
        if isinstance(node.value, bool):
            return node.value
        self.fault(node, f"{what} is {node.kind}", "Write yes or no.")
        return False

    def date(self, node: Node | None, what: str) -> dt.date:
        if node is None:
            return dt.date.min
        if isinstance(node.value, dt.date):
            return node.value
        if isinstance(node.value, str):
            try:
                return dt.date.fromisoformat(node.value)
            except ValueError:
                pass
        self.fault(node, f"{what} is not a date", "Write it as 2027-01-31.")
        return dt.date.min


def from_plain(value: object, file: str) -> Node:
    """Nodes of a document that was frozen as JSON; it has no lines, so each says 0."""
    match value:
        case dict():
            return Node({str(key): from_plain(item, file) for key, item in value.items()}, file, 0)
        case list():
            return Node([from_plain(item, file) for item in value], file, 0)
        case None | bool() | int() | str():
            return Node(value, file, 0)
        case _:
            return Node(str(value), file, 0)
