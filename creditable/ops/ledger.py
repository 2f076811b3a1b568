"""`./do ledger verify`: reads the whole ledger and says whether it is as it was sealed."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from creditable.ops.postgres import DURABLE, Cluster


def main(words: Sequence[str]) -> int:
    """0 when something was inspected and all of it agrees."""
    parser = argparse.ArgumentParser(prog="./do ledger", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="rows, seals and what was published outside")
    verify.add_argument("--data", type=Path, help="of a demo or an installation that runs")
    verify.add_argument("--published", type=Path, help="a copy of ledger.txt kept outside")
    chosen = parser.parse_args(words)
    if chosen.data is not None:
        data = chosen.data.absolute()
        urls = Cluster(data, DURABLE).urls
        os.environ |= {
            "CREDITABLE_DATA": str(data),
            "CREDITABLE_APP_DATABASE_URL": urls["CREDITABLE_APP_DATABASE_URL"],
        }
    return _verify(chosen.published)


def _verify(published: Path | None) -> int:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditable.settings")
    django.setup()

    from creditable.disclosure import seals, verification

    file = published or seals.published()
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    found = verification.verify(published=lines)
    print(
        f"{found.rows} rows and {found.seals} seals inspected, {found.published} published lines"
        f" compared ({file}), {found.waiting} rows wait for their seal."
    )
    for wrong in found.wrong:
        print(f"WRONG: {wrong}")
    if not found.rows or not found.published:
        print("Nothing was inspected, so nothing is proved.")
        return 1
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
