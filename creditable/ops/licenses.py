"""`./do licenses`: looks up the licenses that people entered in the public list of an authority."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from creditable.credit.registers import LAYOUTS, ListRefused
from creditable.ops.demonstration import Demonstration, usual_port
from creditable.ops.postgres import DURABLE, Cluster
from creditable.ops.processes import ROOT


def main(words: Sequence[str]) -> int:
    """0 when every line could be read."""
    parser = argparse.ArgumentParser(prog="./do licenses", description=__doc__)
    parser.add_argument("--demo", metavar="PROVIDER", help="of the demo of this provider that runs")
    parser.add_argument("--data", type=Path, help="the demo's folder, if not its usual one")
    commands = parser.add_subparsers(dest="command", required=True)
    taken = commands.add_parser("import", help="a list as a file of text")
    taken.add_argument("file", type=Path)
    taken.add_argument("--layout", choices=sorted(LAYOUTS), required=True)
    taken.add_argument("--listed-on", type=date.fromisoformat, required=True, metavar="DATE")
    commands.add_parser("layouts", help="the lists whose columns we know")
    chosen = parser.parse_args(words)
    if chosen.command == "layouts":
        for name, layout in LAYOUTS.items():
            print(f"{name:20} {', '.join(layout.authorities)}")
        return 0
    if chosen.demo is not None:
        data = (chosen.data or ROOT / ".data" / chosen.demo).absolute()
        demo = Demonstration(chosen.demo, usual_port(chosen.demo), data)
        os.environ |= {**demo.environment(os.environ), **Cluster(data, DURABLE).urls}
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditable.settings")
    os.environ.setdefault("CREDITABLE_DATABASE_LOGIN", "app")
    django.setup()
    return take(chosen.file, chosen.layout, chosen.listed_on)


def take(file: Path, layout: str, listed_on: date) -> int:
    from creditable.credit import lookups
    from creditable.lib.actor import Actor

    try:
        with file.open(encoding="utf-8", errors="surrogateescape", newline="") as lines:
            found = lookups.take(
                lines=lines, layout=layout, listed_on=listed_on, by=Actor.system("licenses")
            )
    except (OSError, ListRefused) as error:
        print(f"{file}: {error} Nothing was changed.")
        return 1
    for bad in found.named:
        print(f"line {bad.line}: {bad.why}")
    if found.bad > len(found.named):
        print(f"and {found.bad - len(found.named)} more like these.")
    print(
        f"{found.read} licenses read, {found.bad} lines kept out. Of the licenses that people"
        f" entered {found.found} are in the list and {found.missing} are not."
    )
    return 1 if found.bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
