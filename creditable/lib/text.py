"""Text from outside, as it may be quoted."""


def printable(text: str) -> str:
    """What can be read of the text, in one line: nothing invisible in it, and nothing that turns
    the sentence around in which it is quoted."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
