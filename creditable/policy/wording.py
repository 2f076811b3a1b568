"""The language of clauses: questions in braces, sentences that promise, lists that read well."""

import re
from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher
from typing import Literal

_BRACES = re.compile(r"\{([^{}]*)\}")
_QUESTION = re.compile(r"([a-z_]+) of ([a-z0-9_.\-]+)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?]\s)\s*$")
_PROMISING = re.compile(
    r"\b(will|won't|may(?! [0-9])|never|always|only|unless|days?|weeks?|months?|years?)\b",
    re.IGNORECASE,
)


def questions(text: str) -> list[tuple[str, str]]:
    """What a text asks of the policy: `{categories of pay.paypal}` is (categories, pay.paypal).

    Raises ValueError for braces that ask nothing.
    """
    asked = []
    for inside in _BRACES.findall(text):
        found = _QUESTION.fullmatch(inside.strip())
        if found is None:
            raise ValueError(f"{{{inside}}} asks nothing")
        asked.append((found[1], found[2]))
    if "{" in (rest := _BRACES.sub("", text)) or "}" in rest:
        raise ValueError("a brace stands alone")
    return asked


def fill(text: str, answer: Callable[[str, str], str]) -> str:
    """The text with each question answered and its white space evened out. An answer that begins a
    sentence begins with a capital letter."""

    def answered(found: re.Match[str]) -> str:
        said = answer(*questions(found[0])[0])
        begins = _SENTENCE_BEGINS.search(text, 0, found.start())
        return said[:1].upper() + said[1:] if begins else said

    return " ".join(_BRACES.sub(answered, text).split())


def sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE_END.split(text.strip()) if sentence]


def promising(sentence: str) -> str | None:
    """The first word that makes a sentence a promise, or None."""
    found = _PROMISING.search(sentence)
    return found[0] if found else None


def listed(items: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b, and c`; with `last` as the word before the last item."""
    items = list(items)
    if len(items) < 3:
        return f" {last} ".join(items)
    return f"{', '.join(items[:-1])}, {last} {items[-1]}"


Fate = Literal["same", "gone", "new"]


def difference(old: str, new: str) -> Iterator[tuple[Fate, str]]:
    """Two texts word by word, as runs of words that stayed, went and came."""
    before, after = old.split(), new.split()
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield "same", " ".join(before[a:b])
            continue
        if a < b:
            yield "gone", " ".join(before[a:b])
        if c < d:
            yield "new", " ".join(after[c:d])
