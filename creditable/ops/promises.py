"""Which promise is proved by which tests: `python -m creditable.ops.promises [--json]`."""

import argparse
import csv
import json
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIST = Path("docs") / "promises.csv"
RESULTS = Path(".promises.json")


@dataclass(frozen=True)
class Promise:
    """One promise of a provider's policy; `due` once the program is to keep it."""

    id: str
    promise: str
    due: bool


@dataclass(frozen=True)
class Proof:
    """A promise with the tests that carry its id and passed in the last run."""

    promise: Promise
    tests: tuple[str, ...]

    @property
    def gap(self) -> bool:
        return self.promise.due and not self.tests


def read(root: Path = ROOT) -> dict[str, Promise]:
    """The list of promises by id. Raises ValueError for a row that cannot be understood."""
    promises: dict[str, Promise] = {}
    with (root / LIST).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["id"] in promises:
                raise ValueError(f"promise {row['id']} stands twice in {LIST}")
            if row["due"] not in {"now", "later"}:
                raise ValueError(f"promise {row['id']} is due '{row['due']}', not now or later")
            promises[row["id"]] = Promise(row["id"], row["promise"], row["due"] == "now")
    return promises


def proofs(root: Path = ROOT) -> list[Proof]:
    """Every promise with its proof; without proofs when no test run has ended here yet."""
    results = root / RESULTS
    passed: Mapping[str, Sequence[str]] = (
        json.loads(results.read_text(encoding="utf-8")) if results.exists() else {}
    )
    return [Proof(promise, tuple(passed.get(promise.id, ()))) for promise in read(root).values()]


def table(found: Sequence[Proof]) -> str:
    """The promises for people to read, and what is still without proof."""
    lines = []
    for proof in found:
        state = "GAP" if proof.gap else "proved" if proof.tests else "later"
        words = textwrap.shorten(proof.promise.promise, 78, placeholder=" ...")
        lines.append(f"{proof.promise.id:<4}{state:<8}{words}")
        lines += [f"{'':12}{test}" for test in proof.tests]
    gaps = [proof.promise.id for proof in found if proof.gap]
    due = sum(proof.promise.due for proof in found)
    lines.append("")
    lines.append(f"{len(found)} promises, {due} due, {due - len(gaps)} of these proved.")
    if gaps:
        lines.append(f"Without a test that passed in the last run: {', '.join(gaps)}.")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(prog="./do promises", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print a list for machines")
    options = parser.parse_args(arguments)
    found = proofs(root)
    if options.json:
        rows = [
            {
                "id": proof.promise.id,
                "promise": proof.promise.promise,
                "due": "now" if proof.promise.due else "later",
                "tests": list(proof.tests),
            }
            for proof in found
        ]
        print(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        print(table(found))
    return 1 if any(proof.gap for proof in found) else 0


if __name__ == "__main__":
    sys.exit(main())
