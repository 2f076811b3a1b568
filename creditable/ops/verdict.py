"""`./do verdict`: may this license be renewed with these hours? A case as JSON in, the verdict out.

docs/verdicts.md tells the shape of both.
"""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from typing import Any

from creditable.credit import atlas, case, verdicts
from creditable.credit.case import CaseRefused
from creditable.credit.reading import PackRefused


def main(words: Sequence[str]) -> int:
    """0 with the verdict on standard output; 2 with what to mend on standard error."""
    parser = argparse.ArgumentParser(prog="./do verdict", description=__doc__)
    parser.add_argument(
        "--describe", metavar="AUTHORITY", help="its license types, topics, roles and facts"
    )
    parser.add_argument("--list", action="store_true", help="every authority, one a line")
    chosen = parser.parse_args(words)
    try:
        if chosen.list:
            print("\n".join(atlas.rows()))
        elif chosen.describe is not None:
            _print(atlas.describe(atlas.find(chosen.describe)))
        else:
            stated = case.read(_standard_input())
            _print(verdicts.judge(atlas.find(stated.authority), stated).plain())
    except (CaseRefused, PackRefused) as error:
        print(f"./do verdict: {error}", file=sys.stderr)
        return 2
    return 0


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise CaseRefused("", "the case is not UTF-8 text") from error


def _print(found: dict[str, Any]) -> None:
    print(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader who has seen enough is no fault
    sys.exit(main(sys.argv[1:]))
