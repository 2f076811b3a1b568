"""What people type into one line: cleaned, and refused where it cannot be meant."""

import unicodedata

from django.utils.translation import gettext as _

from creditable.lib.refusal import Refused


def line(text: str, *, field: str, longest: int, label: str) -> str:
    """The text in its composed form with single spaces; empty stays empty. Refuses what cannot
    be seen and what is too long."""
    cleaned = " ".join(unicodedata.normalize("NFC", text).split())
    if len(cleaned) > longest:
        raise Refused(
            _("{label}: use at most {longest} characters.").format(label=label, longest=longest),
            field=field,
            code="too_long",
        )
    if any(unicodedata.category(sign)[0] == "C" for sign in cleaned):
        raise Refused(
            _("{label}: remove the invisible character.").format(label=label),
            field=field,
            code="invisible",
        )
    return cleaned
