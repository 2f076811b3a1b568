"""Text from outside, as it may be quoted, and as a spreadsheet may open it."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What text begins with that a spreadsheet would run."""


def inert(text: str) -> str:
    """Never a formula, whatever somebody typed as their name: an apostrophe before it, by which
    spreadsheets know text."""
    return f"'{text}" if text.startswith(FORMULA) else text


def printable(text: str) -> str:
    """What can be read of the text, in one line: nothing invisible in it, no sign that stands for
    one that was lost, and nothing that turns the sentence around in which it is quoted."""
    kept = (sign if sign.isprintable() and sign != "\ufffd" else " " for sign in text)
    return " ".join("".join(kept).split())
