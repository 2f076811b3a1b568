#!/usr/bin/env python3
"""Checks the proof of one's own lines in the ledger of releases, without the site it came from.

    python3 verify_ledger.py ledger-proof.json [ledger.txt] [public key]

Every row is hashed and followed along its path to the root (RFC 6962, a Merkle tree of SHA-256).
The root must be the one that was published: give a copy of ledger.txt, kept elsewhere, or compare
the root that is printed with the page /privacy/ledger/. Needs Python 3.8 or newer and nothing else;
the signature is checked, too, where the package `cryptography` is there.
"""

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any, Optional, Sequence

FORMS = {  # what stands in a row, in the order in which it is sealed
    "event": "kind id at batch status",
    "release": "kind id at visible_from subject_id batch key recipient purpose channel template"
    " fields rule clause policy_version policy_sha256 digest choices contract_id matter_id"
    " actor_kind actor_id actor_name",
}


def canonical(row: Any) -> bytes:
    """The bytes of a row as they were sealed."""
    if " ".join(row) != FORMS[row["kind"]]:
        sys.exit(f"WRONG: {row['kind']} {row['id']} has other columns than such a row has.")
    return "\t".join(row.values()).encode()


def root_of(row: Any, index: int, size: int, path: Sequence[str]) -> Optional[str]:
    """Where the path leads from the row; nowhere when no such path can be."""
    place, last, found = index, size - 1, sha256(b"\x00" + canonical(row)).digest()
    if not 0 <= index < size:
        return None
    for sibling in map(bytes.fromhex, path):
        if last == 0:
            return None
        if place & 1 or place == last:
            found = sha256(b"\x01" + sibling + found).digest()
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = sha256(b"\x01" + found + sibling).digest()
        place, last = place >> 1, last >> 1
    return found.hex() if last == 0 else None


def signature(line: str, key: str) -> str:
    """What can be said of the signature."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return "not checked (install `cryptography` to check it)"
    text, _, signed = line.rpartition(" ")
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(signed), text.encode())
    except (InvalidSignature, ValueError):
        return "WRONG"
    return "right"


def main(proof: str, published: str = "", key: str = "") -> Optional[str]:
    content = json.loads(Path(proof).read_text(encoding="utf-8"))
    seal = content["seal"]
    if seal is None:
        return "Nothing is sealed yet: come back in some minutes."
    _, size, root, _ = seal["line"].split(" ")
    proved = waiting = 0
    for line in content["lines"]:
        row = line["row"]
        if line["path"] is None:
            waiting += 1
        elif root_of(row, line["index"], int(size), line["path"]) != root:
            return f"WRONG: {row['kind']} {row['id']} of {row['at']} does not lead to the root."
        else:
            proved += 1
    print(f"{proved} rows lead to the root; {waiting} wait for their seal.")
    print(f"root      {root} ({size} rows)")
    said = signature(seal["line"], key or seal["public_key"])
    print(f"signature {said}, by the key {key or seal['public_key']}")
    if said == "WRONG":
        return "WRONG: the seal is not signed by this key."
    if published and seal["line"] not in Path(published).read_text(encoding="utf-8").splitlines():
        return f"WRONG: this seal is not in {published}."
    if not published:
        print("Compare root and key with those at /privacy/ledger/ or in a copy of ledger.txt.")
    return None if proved else "Nothing was proved: no row is sealed."


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
