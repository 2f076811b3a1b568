"""What a name may look like: letters of any script and what stands between them."""

import re
import unicodedata

from creditable.lib.refusal import Refused

LONGEST = 120
_PILED = re.compile("M{4}")
_BETWEEN = frozenset("'’ʼ`-‐‑–.,()/&·")


def cleaned(text: str, *, field: str = "name") -> str:
    """The name in its composed form with single spaces. Refuses what is no name: nothing but
    punctuation, signs that no document can print, invisible or reordering characters."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise Refused("Enter your full name.", field=field, code="required")
    if len(name) > LONGEST:
        raise Refused(f"Use at most {LONGEST} characters.", field=field, code="too_long")
    strange = sorted({sign for sign in name if not _allowed(sign)})
    if strange:
        raise Refused(
            f"A name cannot hold {_shown(strange[0])}. Write it as on your documents.",
            field=field,
            code="strange_character",
        )
    if _PILED.search("".join(unicodedata.category(sign)[0] for sign in name)):
        raise Refused(
            "A name cannot pile that many marks on one letter.",
            field=field,
            code="strange_character",
        )
    if not any(unicodedata.category(sign)[0] == "L" for sign in name):
        raise Refused("A name needs letters.", field=field, code="no_letters")
    return name


def _allowed(sign: str) -> bool:
    return sign == " " or sign in _BETWEEN or unicodedata.category(sign)[0] in "LMN"


def _shown(sign: str) -> str:
    return f"“{sign}”" if sign.isprintable() else f"the invisible character U+{ord(sign):04X}"
