"""What people type into one line: cleaned, and refused where it cannot be meant."""

import unicodedata

from creditable.lib.refusal import Refused


def line(text: str, *, field: str, longest: int, label: str) -> str:
    """The text in its composed form with single spaces; empty stays empty. Refuses what cannot
    be seen and what is too long."""
    cleaned = " ".join(unicodedata.normalize("NFC", text).split())
    if len(cleaned) > longest:
        raise Refused(f"{label}: use at most {longest} characters.", field=field, code="too_long")
    if any(unicodedata.category(sign)[0] == "C" for sign in cleaned):
        raise Refused(f"{label}: remove the invisible character.", field=field, code="invisible")
    return cleaned
