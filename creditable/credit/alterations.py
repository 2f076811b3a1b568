"""What differs between a certificate as we issued it and a file that says it is that one.

The file is compared as people would: what its words say, what lies upon the page, what it is made
of; last its bytes, so that no change goes without a name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it needs pypdf, which a web worker loads with the first file to be read
    from creditable.credit.inspection import Contents


@dataclass(frozen=True, slots=True)
class Alteration:
    """One difference. `label` names the entry of the certificate or the property of the file;
    `theirs` is what the file says, `ours` what was issued (both empty where it is no text).
    `count` is a number of bytes or pages.

    Kinds: text, text_added, text_removed, no_text; pages, links, notes, attachments, active;
    drawing, parts, property, described, untagged; unsigned, signed_by_other, seal_broken;
    damaged, bytes_added, bytes_missing, bytes_changed, rewritten."""

    kind: str
    label: str = ""
    theirs: str = ""
    ours: str = ""
    count: int = 0


def between(
    ours: "Contents", theirs: "Contents", *, said: Mapping[str, str], issued: bytes, handed: bytes
) -> tuple[Alteration, ...]:
    """Every difference, in the order in which it matters. `said` is what the certificate says by
    the label of the entry; `issued` and `handed` are the bytes of the two files."""
    words = list(_words(ours.lines, theirs.lines, said))
    return (
        *words,
        *_upon_the_page(ours, theirs),
        *_made_of(ours, theirs, words_differ=bool(words)),
        *_seal(ours, theirs),
        *in_bytes(issued, handed),
    )


def in_bytes(issued: bytes, handed: bytes) -> tuple[Alteration, ...]:
    """How the bytes differ; nothing for the same bytes."""
    if issued == handed:
        return ()
    if handed.startswith(issued):
        return (Alteration("bytes_added", count=len(handed) - len(issued)),)
    if issued.startswith(handed):
        return (Alteration("bytes_missing", count=len(issued) - len(handed)),)
    if len(issued) == len(handed):
        changed = sum(one != other for one, other in zip(issued, handed, strict=True))
        return (Alteration("bytes_changed", count=changed),)
    return (Alteration("rewritten"),)


def _words(
    ours: Sequence[str], theirs: Sequence[str], said: Mapping[str, str]
) -> Iterator[Alteration]:
    if ours and not theirs:
        yield Alteration("no_text")
        return
    for what, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        before, after = ours[a:b], theirs[c:d]
        if len(before) == len(after):
            for line, other in zip(before, after, strict=True):
                yield Alteration("text", _label(line, said), other, line)
        elif before and after:
            yield from _reworded(before, after, said)
        elif before:
            for line in before:
                yield Alteration("text_removed", _label(line, said), "", line)
        else:
            yield Alteration("text_added", "", " ".join(after))


def _reworded(
    before: Sequence[str], after: Sequence[str], said: Mapping[str, str]
) -> Iterator[Alteration]:
    """Lines in the place of another number of lines. Where they only run together, nothing differs
    in the words."""
    gone, more = _apart(before, after)
    labels = ", ".join(dict.fromkeys(filter(None, (_label(line, said) for line in gone))))
    if gone and more:
        theirs = more if len(gone) < len(before) else " ".join(after)
        yield Alteration("text", labels, theirs, " ".join(gone))
    elif gone:
        yield Alteration("text_removed", labels, "", " ".join(gone))
    elif more:
        yield Alteration("text_added", "", more)


def _apart(before: Sequence[str], after: Sequence[str]) -> tuple[list[str], str]:
    """Which of the lines are not said any more where lines run together, and what is said beside
    them. Signs that nobody can read (U+FFFD) say nothing."""
    rest = "".join("".join(after).split()).replace("\ufffd", "")
    gone = []
    for line in sorted(before, key=len, reverse=True):
        words = "".join(line.split())
        if words in rest:
            rest = rest.replace(words, "", 1)
        else:
            gone.append(line)
    return [line for line in before if line in gone], rest


def _label(line: str, said: Mapping[str, str]) -> str:
    """The entry that a printed line belongs to; a long one stands on several lines."""
    for label, value in said.items():
        if line == value or (len(line) > 3 and line in value) or (len(value) > 3 and value in line):
            return label
    return ""


def _upon_the_page(ours: "Contents", theirs: "Contents") -> Iterator[Alteration]:
    if ours.pages != theirs.pages:
        yield Alteration("pages", count=theirs.pages)
    if ours.links != theirs.links:
        strange = [link for link in theirs.links if link not in ours.links]
        yield Alteration("links", "", ", ".join(strange))
    for note in theirs.notes:
        if note not in ours.notes:
            yield Alteration("notes", "", note)
    if theirs.attachments > ours.attachments:
        yield Alteration("attachments", count=theirs.attachments - ours.attachments)
    if theirs.active and not ours.active:
        yield Alteration("active")


def _made_of(ours: "Contents", theirs: "Contents", *, words_differ: bool) -> Iterator[Alteration]:
    if ours.drawings[:1] != theirs.drawings[:1] and not words_differ:
        yield Alteration("drawing")
    if ours.parts != theirs.parts:
        yield Alteration("parts")
    for name in sorted({*ours.properties, *theirs.properties}):
        before, after = ours.properties.get(name, ""), theirs.properties.get(name, "")
        if before != after:
            yield Alteration("property", name, after, before)
    if ours.described != theirs.described:
        yield Alteration("described")
    if ours.tagged and not theirs.tagged:
        yield Alteration("untagged")


def _seal(ours: "Contents", theirs: "Contents") -> Iterator[Alteration]:
    if not theirs.signatures:
        yield Alteration("unsigned")
    elif set(ours.signatures) & set(theirs.signatures):
        yield Alteration("seal_broken")
    else:
        yield Alteration("signed_by_other")
