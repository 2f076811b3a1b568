"""What a name may look like: letters of any script and what stands between them."""

import re
import unicodedata
from collections.abc import Sequence

from django.utils.translation import gettext as _

from creditable.lib.refusal import Refused

LONGEST = 120
_PILED = re.compile("M{4}")
_BETWEEN = frozenset("'’ʼ`-‐‑–.,()/&·")


def cleaned(text: str, *, field: str = "name") -> str:
    """The name in its composed form with single spaces. Refuses what is no name: nothing but
    punctuation, signs that no document can print, invisible or reordering characters."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise Refused(_("Enter your full name."), field=field, code="required")
    if len(name) > LONGEST:
        raise Refused(
            _("Use at most {longest} characters.").format(longest=LONGEST),
            field=field,
            code="too_long",
        )
    strange = sorted({sign for sign in name if not _allowed(sign)})
    if strange:
        raise Refused(
            _("A name cannot hold {shown}. Write it as on your documents.").format(
                shown=shown(strange)
            ),
            field=field,
            code="strange_character",
        )
    if _PILED.search("".join(unicodedata.category(sign)[0] for sign in name)):
        raise Refused(
            _("A name cannot pile that many marks on one letter."),
            field=field,
            code="strange_character",
        )
    if not any(unicodedata.category(sign)[0] == "L" for sign in name):
        raise Refused(_("A name needs letters."), field=field, code="no_letters")
    return name


def _allowed(sign: str) -> bool:
    return sign == " " or sign in _BETWEEN or unicodedata.category(sign)[0] in "LMN"


def shown(signs: Sequence[str]) -> str:
    """Characters as a sentence can name them: what would be invisible, turn the sentence around
    or pile on its neighbor stands as its number, U+202B. At most five, then how many more."""
    named = [_named(sign) for sign in signs[:5]]
    if len(signs) > 5:
        named.append(f"{len(signs) - 5} more")
    return " and ".join([", ".join(named[:-1]), named[-1]] if named[1:] else named)


def _named(sign: str) -> str:
    if not sign.isprintable():
        return f"the invisible character U+{ord(sign):04X}"
    if unicodedata.combining(sign):
        return f"the mark U+{ord(sign):04X}"
    return f"“{sign}”"
