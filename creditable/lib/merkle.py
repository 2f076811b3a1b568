"""A Merkle tree (RFC 6962): what was appended can be proved, and what was changed shows.

A tree over `size` leaves is known by its edge: the roots of the complete subtrees of which it
consists, largest first (one for each 1 in `size`). Appending needs the edge alone. A complete
subtree is named (level, index): it spans the leaves from `index << level` on, `1 << level` of them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

EMPTY = sha256().digest()

Complete = Callable[[int, int], bytes]
"""Gives the root of the complete subtree (level, index)."""


def leaf(content: bytes) -> bytes:
    return sha256(b"\x00" + content).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass
class Tree:
    """A tree that grows at its right edge."""

    size: int = 0
    edge: list[bytes] = field(default_factory=list)

    def append(self, hash: bytes) -> list[tuple[int, int, bytes]]:
        """Adds a leaf by its hash; gives the complete subtrees above it that this has closed."""
        closed = []
        level, index = 0, self.size
        while index & 1:
            hash = node(self.edge.pop(), hash)
            level, index = level + 1, index >> 1
            closed.append((level, index, hash))
        self.edge.append(hash)
        self.size += 1
        return closed

    def extend(self, hashes: Sequence[bytes]) -> list[tuple[int, int, Sequence[bytes]]]:
        """Adds leaves as `append` does, level by level: a third of the time. Gives the complete
        subtrees that this has closed, for each level the first one's index and all their hashes."""
        closed: list[tuple[int, int, Sequence[bytes]]] = []
        left = []
        level, first = 0, self.size
        self.size += len(hashes)
        while hashes:
            if first & 1:
                hashes = [self.edge.pop(), *hashes]
            if len(hashes) & 1:
                left.append(hashes[-1])
            pairs = zip(hashes[::2], hashes[1::2], strict=False)
            hashes = [sha256(b"\x01" + one + other).digest() for one, other in pairs]
            level, first = level + 1, first >> 1
            closed.append((level, first, hashes))
        self.edge += reversed(left)
        return closed

    @property
    def root(self) -> bytes:
        if not self.edge:
            return EMPTY
        *left, root = self.edge
        for hash in reversed(left):
            root = node(hash, root)
        return root


def inclusion(index: int, size: int, complete: Complete) -> list[bytes]:
    """The path from a leaf to the root of the tree of `size` leaves."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    return [_range(start, end, complete) for start, end in _siblings(index, size)]


def consistency(old: int, size: int, complete: Complete) -> list[bytes]:
    """The proof that the tree of `old` leaves is the beginning of the tree of `size` leaves."""
    if not 0 < old <= size:
        raise ValueError(f"a tree of {old} is not the beginning of one of {size}")
    return [_range(start, end, complete) for start, end in _parts(old, 0, size, whole=True)]


def root_of(hash: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which the path leads from a leaf; None when no such path can be."""
    if not 0 <= index < size:
        return None
    place, last = index, size - 1
    for sibling in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            hash = node(sibling, hash)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            hash = node(hash, sibling)
        place, last = place >> 1, last >> 1
    return hash if last == 0 else None


def extends(old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path proves that the second tree begins with the first."""
    if old == size:
        return old_root == root and not path
    if not 0 < old < size:
        return False
    hashes = iter(path)
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = next(hashes, b"") if place else old_root
    for hash in hashes:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node(hash, first), node(hash, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node(second, hash)
        place, last = place >> 1, last >> 1
    return (first, second, last) == (old_root, root, 0)


def spans(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees of which a part of a tree consists, from left to right. The part begins
    where a subtree of its size does."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _range(start: int, end: int, complete: Complete) -> bytes:
    return Tree(end - start, [complete(*span) for span in spans(start, end)]).root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _siblings(index: int, size: int) -> list[tuple[int, int]]:
    """What lies beside the path, from the leaf up."""
    beside, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            beside.append((middle, end))
            end = middle
        else:
            beside.append((start, middle))
            start = middle
    return beside[::-1]


def _parts(old: int, start: int, end: int, *, whole: bool) -> list[tuple[int, int]]:
    """RFC 6962, 2.1.2: SUBPROOF(old, D[start:end], whole)."""
    if old == end - start:
        return [] if whole else [(start, end)]
    middle = start + _split(end - start)
    if old <= middle - start:
        return [*_parts(old, start, middle, whole=whole), (middle, end)]
    return [*_parts(old - (middle - start), middle, end, whole=False), (start, middle)]
