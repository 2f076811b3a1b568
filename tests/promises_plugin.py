"""Notes at the end of a run which promises were proved, in `.promises.json`.

Only a test whose set-up, call and tear-down all passed is noted. Notes of an earlier run go when a
run starts, so a run that dies leaves none.
"""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from creditable.ops.promises import LIST, RESULTS, read

PROPERTY = "promises"
GROUP = re.compile(r"@\w+$")  # what shared tests have behind their name when two processes run them


class Promises:
    """What one run has shown so far. Where several processes share the tests, each marks its
    own, and the one that they report to writes the notes."""

    def __init__(self, root: Path, *, writes: bool) -> None:
        self.root = root
        self.writes = writes
        self.marked: dict[str, frozenset[str]] = {}
        self.outcomes: dict[str, set[str]] = defaultdict(set)

    def pytest_sessionstart(self) -> None:
        if self.writes:
            (self.root / RESULTS).unlink(missing_ok=True)

    def pytest_collection_modifyitems(self, items: Sequence[pytest.Item]) -> None:
        known = read(self.root).keys()
        for item in items:
            ids = {str(id) for mark in item.iter_markers("promise") for id in mark.args}
            if unknown := ids - known:
                listed = ", ".join(sorted(unknown))
                raise pytest.UsageError(f"{item.nodeid}: {LIST} does not list {listed}")
            if ids:
                item.user_properties.append((PROPERTY, sorted(ids)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, value in report.user_properties:
            if name == PROPERTY:
                self.marked[report.nodeid] = frozenset(value)
        expected = hasattr(report, "wasxfail")
        self.outcomes[report.nodeid].add("expected to fail" if expected else report.outcome)

    def pytest_sessionfinish(self) -> None:
        if not self.writes:
            return
        proved: dict[str, list[str]] = defaultdict(list)
        for test, ids in sorted(self.marked.items()):
            if self.outcomes[test] == {"passed"}:
                for id in sorted(ids):
                    proved[id].append(GROUP.sub("", test))
        (self.root / RESULTS).write_text(
            json.dumps(proved, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )


def pytest_configure(config: pytest.Config) -> None:
    if not config.option.collectonly:
        writes = not hasattr(config, "workerinput")
        config.pluginmanager.register(Promises(config.rootpath, writes=writes), "promises")
