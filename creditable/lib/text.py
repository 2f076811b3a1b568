"""Text from outside, as it may be quoted."""


def printable(text: str) -> str:
    """What can be read of the text, in one line: nothing invisible in it, no sign that stands for
    one that was lost, and nothing that turns the sentence around in which it is quoted."""
    kept = (sign if sign.isprintable() and sign != "\ufffd" else " " for sign in text)
    return " ".join("".join(kept).split())
