"""A promise counts as proved when a test that carries its id has passed in the last run."""

import json
from pathlib import Path

import pytest

from creditable.ops import promises
from tests.promises import promise

pytest_plugins = ["pytester"]

LIST = """\
id,system,promise,what the software must do to keep it,due
A1,one,Visitors browse,Pages,now
A2,one,People correct,"Profile, licenses",now
B1,two,Nothing yet,Later work,later
"""

INI = """\
[pytest]
addopts = -p tests.promises_plugin -p no:django --strict-markers
markers = promise(ids): promises
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    (pytester.path / "docs").mkdir()
    (pytester.path / "docs" / "promises.csv").write_text(LIST, encoding="utf-8")
    pytester.makeini(INI)
    return pytester


def noted(project: pytest.Pytester) -> object:
    return json.loads((project.path / ".promises.json").read_text(encoding="utf-8"))


def test_a_test_that_passed_is_noted_with_its_promises(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_it="""
        import pytest

        @pytest.mark.promise("A1", "B1")
        def test_function(): pass

        @pytest.mark.promise("A1")
        class TestClass:
            @pytest.mark.parametrize("n", [1, 2])
            def test_method(self, n): pass

        def test_unmarked(): pass
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=4)
    assert noted(project) == {
        "A1": [
            "test_it.py::TestClass::test_method[1]",
            "test_it.py::TestClass::test_method[2]",
            "test_it.py::test_function",
        ],
        "B1": ["test_it.py::test_function"],
    }


def test_what_did_not_pass_is_not_noted(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_it="""
        import pytest

        pytestmark = pytest.mark.promise("A1")

        @pytest.fixture
        def broken_before(): raise RuntimeError

        @pytest.fixture
        def broken_after():
            yield
            raise RuntimeError

        def test_failed(): assert False
        def test_skipped(): pytest.skip("not here")
        def test_set_up(broken_before): pass
        def test_tear_down(broken_after): pass
        @pytest.mark.xfail
        def test_expected(): assert False
        @pytest.mark.xfail
        def test_unexpected(): pass
        def test_deselected(): pass
        """
    )
    project.runpytest_inprocess("--deselect", "test_it.py::test_deselected")
    assert noted(project) == {}


def test_a_run_forgets_the_run_before_it(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_it="""
        import pytest

        @pytest.mark.promise("A1")
        def test_one(): pass

        @pytest.mark.promise("A2")
        def test_two(): pass
        """
    )
    project.runpytest_inprocess()
    project.runpytest_inprocess("-k", "two")
    assert noted(project) == {"A2": ["test_it.py::test_two"]}


def test_a_run_that_dies_leaves_no_notes(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_it="""
        import os
        import pytest

        @pytest.mark.promise("A1")
        def test_one():
            if "DIE" in os.environ:
                os._exit(9)
        """
    )
    project.runpytest_inprocess()
    assert noted(project) == {"A1": ["test_it.py::test_one"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIE", "1")
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
        assert project.runpytest_subprocess().ret == 9
    assert not (project.path / ".promises.json").exists()


def test_looking_at_the_tests_leaves_the_notes_alone(project: pytest.Pytester) -> None:
    project.makepyfile(test_it="import pytest\n@pytest.mark.promise('A1')\ndef test_one(): pass\n")
    project.runpytest_inprocess()
    project.runpytest_inprocess("--collect-only")
    assert noted(project) == {"A1": ["test_it.py::test_one"]}


def test_an_unknown_promise_stops_the_run(project: pytest.Pytester) -> None:
    project.makepyfile(test_it="import pytest\n@pytest.mark.promise('Z9')\ndef test_one(): pass\n")
    run = project.runpytest_inprocess()
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    run.stderr.fnmatch_lines(["*test_it.py::test_one: docs/promises.csv does not list Z9*"])


def test_the_mark_refuses_what_is_not_listed() -> None:
    assert promise("A1", "B13").args == ("A1", "B13")
    with pytest.raises(ValueError, match="does not list A99"):
        promise("A1", "A99")
    with pytest.raises(ValueError, match="no id at all"):
        promise()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "promises.csv").write_text(LIST, encoding="utf-8")
    return tmp_path


def test_a_due_promise_without_a_passed_test_is_a_gap(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / ".promises.json").write_text('{"A1": ["tests/test_it.py::test_one"]}')
    assert promises.main([], root) == 1
    table = capsys.readouterr().out
    assert "A1  proved  Visitors browse\n            tests/test_it.py::test_one\n" in table
    assert "A2  GAP     People correct\n" in table
    assert "B1  later   Nothing yet\n" in table
    assert "3 promises, 2 due, 1 of these proved." in table
    assert table.rstrip().endswith("Without a test that passed in the last run: A2.")


def test_all_due_promises_proved_is_success(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / ".promises.json").write_text('{"A1": ["a"], "A2": ["a", "b"]}')
    assert promises.main(["--json"], root) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"id": "A1", "promise": "Visitors browse", "due": "now", "tests": ["a"]},
        {"id": "A2", "promise": "People correct", "due": "now", "tests": ["a", "b"]},
        {"id": "B1", "promise": "Nothing yet", "due": "later", "tests": []},
    ]


def test_without_any_run_nothing_is_proved(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert promises.main(["--json"], root) == 1
    assert [row["tests"] for row in json.loads(capsys.readouterr().out)] == [[], [], []]


@pytest.mark.parametrize(
    ("row", "words"),
    [("A1,one,Again,Twice,now\n", "stands twice"), ("B2,two,When,Unclear,soon\n", "due 'soon'")],
)
def test_a_list_that_cannot_be_understood_is_refused(root: Path, row: str, words: str) -> None:
    (root / "docs" / "promises.csv").write_text(LIST + row, encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        promises.read(root)


def test_all_sixty_eight_promises_are_listed() -> None:
    listed = promises.read()
    assert len(listed) == 68
    assert {id[0] for id in listed} == {"A", "B", "C"}
    assert {promise.id for promise in listed.values() if promise.due} >= {
        *("A1", "A2", "A3", "A5", "A14", "A17", "A25", "B13", "C6", "C9")
    }
