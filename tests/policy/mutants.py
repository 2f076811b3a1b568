"""A policy with one atom changed at a time: whatever somebody may alter in its files."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from creditable.policy import document
from creditable.policy.contents import Policy
from creditable.policy.source import canonical, from_plain

Path = tuple[str | int, ...]
GONE = object()


@dataclass(frozen=True)
class Mutant:
    """The atom of a policy at this place gone or another."""

    plain: Any
    path: Path
    change: str
    other: Any

    @property
    def kind(self) -> str:
        return str(self.path[0])

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))}: {self.change}"

    def policy(self) -> Policy:
        """Raises PolicyError where the document refuses it."""
        altered = self.plain | {self.kind: copy.deepcopy(self.plain[self.kind])}
        node = altered
        for step in self.path[:-1]:
            node = node[step]
        if self.other is GONE:
            del node[self.path[-1]]
        else:
            node[self.path[-1]] = self.other
        return document.parse(canonical(from_plain(altered, "mutant")))


def of(policy: Policy) -> Iterator[Mutant]:
    """Every mutant: each rule, bar, choice, purpose, retention time, measure, age, recipient,
    store, form and binding gone or, where it has a value, with another one."""
    plain = json.loads(policy.canonical)
    for kind in sorted(plain):
        for path, value in _atoms(plain[kind], (kind,)):
            for change, other in _others(policy, path, value):
                yield Mutant(plain, path, change, other)


def _atoms(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every entry and every value that is no wording."""
    entries = list(node.items()) if isinstance(node, dict) else list(enumerate(node))
    for key, value in entries:
        here = (*path, key)
        if key in _WORDS:
            continue
        yield here, value
        if isinstance(value, dict | list):
            yield from _atoms(value, here)


_WORDS = {
    "label", "text", "title", "name", "address", "email", "phone", "website", "id", "version",
    "supersedes", "effective", "words", "note", "promises",
}  # fmt: skip
_SWAPS = {
    "basis": ("consent", "contract", "legal_obligation", "legitimate_interest"),
    "default": ("allow", "deny"),
    "then": ("erase", "blank"),
    "keep": ("P1Y", "P30Y", "while_account"),
    "clock": ("another event",),
    "gpc": ("deny",),
}


def _others(policy: Policy, path: Path, value: Any) -> Iterator[tuple[str, Any]]:
    yield "gone", GONE
    if isinstance(value, dict | list):
        return
    key = str(path[-1])
    side = {
        "recipient": policy.recipients,
        "channel": policy.channels,
        "group": policy.groups,
        "purpose": policy.purposes,
        "categories": policy.categories,
        "region": policy.regions,
    }.get(key)
    choices = tuple(side) if side else _SWAPS.get(key, ())
    if path[0] == "forms" and path[-2] == "fields":
        choices = tuple(policy.categories)
    if isinstance(value, int):
        choices = (value + 1,)
    if isinstance(value, str) and value.startswith("P") and value[-1] in "YDMWHS":
        choices = ("P9Y",)
    other = next((one for one in choices if one != value), None)
    if other is not None:
        yield f"{value} -> {other}", other
