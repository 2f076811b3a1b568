"""Every promise that is due has a test that says so."""

import ast
from collections.abc import Iterator
from pathlib import Path

from creditable.ops import promises

TESTS = Path(__file__).parents[1]


def marked(root: Path) -> Iterator[tuple[str, str]]:
    """Each (promise, test) of the test files below a folder, read without running them."""
    for file in sorted(root.rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                if not node.name.lower().startswith("test"):
                    continue
                for decorator in node.decorator_list:
                    for id in _ids(decorator):
                        yield id, f"{file.relative_to(root)}::{node.name}"


def _ids(decorator: ast.expr) -> list[str]:
    match decorator:
        case ast.Call(func=ast.Name(id="promise"), args=arguments):
            return [str(each.value) for each in arguments if isinstance(each, ast.Constant)]
        case _:
            return []


def unproved(root: Path, due: set[str]) -> set[str]:
    """The promises that are due and that no test is marked with."""
    return due - {id for id, _ in marked(root)}


def test_every_promise_that_is_due_has_a_marked_test() -> None:
    listed = promises.read()
    due = {promise.id for promise in listed.values() if promise.due}
    assert len(listed) == 68
    assert due
    assert list(marked(TESTS)), "no marked test was found at all"
    assert unproved(TESTS, due) == set()


def test_a_promise_without_a_test_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "test_proved.py").write_text(
        '@promise("A1", "A2")\ndef test_it():\n    pass\n\n\n'
        '@promise("A3")\nclass TestMore:\n    def test_it(self):\n        pass\n'
    )
    (tmp_path / "test_unproved.py").write_text(
        '# @promise("B1")\ndef test_commented():\n    """@promise("B2")"""\n\n\n'
        '@promise("B3")\ndef helper():\n    pass\n'
    )
    (tmp_path / "elsewhere.py").write_text('@promise("B4")\ndef test_it():\n    pass\n')
    due = {"A1", "A2", "A3", "B1", "B2", "B3", "B4"}
    assert unproved(tmp_path, due) == {"B1", "B2", "B3", "B4"}


def test_an_empty_folder_proves_nothing(tmp_path: Path) -> None:
    assert unproved(tmp_path, {"A1"}) == {"A1"}
