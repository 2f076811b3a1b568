"""`./do certificates`: what is kept of them beside the database, their keys and a bundle that
checks them without us."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from creditable.ops.demonstration import Demonstration, usual_port
from creditable.ops.postgres import DURABLE, Cluster
from creditable.ops.processes import ROOT


def main(words: Sequence[str]) -> int:
    """0 when it was done."""
    parser = argparse.ArgumentParser(prog="./do certificates", description=__doc__)
    parser.add_argument("--demo", metavar="PROVIDER", help="of the demo of this provider that runs")
    parser.add_argument("--data", type=Path, help="the demo's folder, if not its usual one")
    commands = parser.add_subparsers(dest="command", required=True)
    bundle = commands.add_parser("bundle", help="writes the folder that checks them without us")
    bundle.add_argument("folder", type=Path, help="new, or empty")
    commands.add_parser("keys", help="every key that ever signed")
    replace = commands.add_parser("replace-key", help="puts a key out of use")
    replace.add_argument("use", choices=("certificates", "badges"))
    chosen = parser.parse_args(words)
    if chosen.demo is not None:
        data = (chosen.data or ROOT / ".data" / chosen.demo).absolute()
        demo = Demonstration(chosen.demo, usual_port(chosen.demo), data)
        os.environ |= {**demo.environment(os.environ), **Cluster(data, DURABLE).urls}
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditable.settings")
    os.environ.setdefault("CREDITABLE_DATABASE_LOGIN", "app")
    django.setup()
    if chosen.command == "bundle":
        return _bundle(chosen.folder)
    return _keys() if chosen.command == "keys" else _replace(chosen.use)


def _bundle(folder: Path) -> int:
    from creditable.credit import bundles

    if folder.exists() and any(folder.iterdir()):
        print(f"{folder} is not empty. Nothing was written.")
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    files = bundles.files()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    print(f"{len(files)} files written. Open {folder / 'index.html'} in a browser.")
    return 0


def _keys() -> int:
    from creditable.credit import issuer

    for key in issuer.published_keys():
        since = key.certificate.not_valid_before_utc
        print(f"{key.use:14} since {since:%Y-%m-%d}  {key.fingerprint}")
    return 0


def _replace(use: str) -> int:
    from creditable.audit.clock import now
    from creditable.credit import issuer
    from creditable.credit.keys import Use

    new = issuer.replace_key(Use(use), at=now())
    print(f"From now on this key signs: {new.fingerprint}")
    print("The old one's secret is gone; what it signed can still be checked.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
