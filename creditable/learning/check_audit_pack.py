#!/usr/bin/env python3
"""Checks an audit pack, without the site it came from.

    python3 check_audit_pack.py audit-pack.zip

Every file must be there with the hash that the manifest says, and none beside them; every line of
the roster must have its certificate, where the manifest does not say that it stayed behind. The
hash of the manifest is printed: compare it with the one that you were told. Needs Python 3.8 or
newer and nothing else.
"""

import csv
import io
import json
import sys
import zipfile
from hashlib import sha256
from typing import List

MANIFEST = "manifest.json"


def faults(path: str) -> List[str]:
    """What is wrong with the pack; nothing when all is well."""
    try:
        with zipfile.ZipFile(path) as pack:
            names = pack.namelist()
            found = {name: pack.read(name) for name in names}
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError) as error:
        return [f"{path} cannot be read: {error}"]
    if MANIFEST not in found:
        return ["There is no manifest."]
    try:
        manifest = json.loads(found[MANIFEST])
        listed = dict(manifest["files"])
        stayed = [set(line.get("stayed_behind", ())) for line in manifest["lines"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ["The manifest cannot be read."]
    wrong = ["A file is there twice."] if len(set(names)) < len(names) else []
    wrong += [
        f"{name} is not in the manifest." for name in found if name not in {*listed, MANIFEST}
    ]
    wrong += [f"{name} is missing." for name in listed if name not in found]
    wrong += [
        f"{name} was altered."
        for name, digest in listed.items()
        if name in found and sha256(found[name]).hexdigest() != digest
    ]
    if "roster.csv" in found and not wrong:
        rows = list(csv.DictReader(io.StringIO(found["roster.csv"].decode("utf-8"), newline="")))
        if len(rows) != len(stayed):
            wrong.append("Roster and manifest have different numbers of lines.")
        for number, (row, kept) in enumerate(zip(rows, stayed), start=1):
            serial = row["Certificate"]
            name = f"lines/{number:04}/certificate-{serial}.pdf"
            if serial and "certificate" not in kept and name not in found:
                wrong.append(f"Line {number} has no certificate {serial}.")
    return wrong


def main(words: List[str]) -> int:
    if len(words) != 1:
        print(__doc__)
        return 2
    wrong = faults(words[0])
    for fault in wrong:
        print(f"WRONG: {fault}")
    if wrong:
        return 1
    with zipfile.ZipFile(words[0]) as pack:
        print(f"All is well. SHA-256 of the manifest: {sha256(pack.read(MANIFEST)).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
