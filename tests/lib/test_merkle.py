"""The tree of RFC 6962: against the vectors published with Certificate Transparency, and against
the definition written down as it stands there."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditable.lib import merkle

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CONSISTENCY = {
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def head(leaves: list[bytes]) -> bytes:
    """MTH(D[n]) as RFC 6962, 2.1 defines it."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01" + head(leaves[:half]) + head(leaves[half:])).digest()


def grown(leaves: list[bytes]) -> merkle.Tree:
    tree = merkle.Tree()
    for content in leaves:
        tree.append(merkle.leaf(content))
    return tree


def subtrees(leaves: list[bytes]) -> merkle.Complete:
    return lambda level, index: head(leaves[index << level : (index + 1) << level])


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots(size: int) -> None:
    assert grown(LEAVES[:size]).root.hex() == ROOTS[size]


@pytest.mark.parametrize(("old", "size"), CONSISTENCY)
def test_the_published_proofs_of_consistency(old: int, size: int) -> None:
    proof = merkle.consistency(old, size, subtrees(LEAVES))
    assert [hash.hex() for hash in proof] == CONSISTENCY[old, size]


def test_the_published_proof_of_inclusion() -> None:
    proof = merkle.inclusion(5, 8, subtrees(LEAVES))
    assert [hash.hex() for hash in proof] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


leaves = st.lists(st.binary(max_size=4), min_size=1, max_size=70, unique=True)


@given(leaves)
def test_a_tree_grown_leaf_by_leaf_is_the_tree_of_the_definition(content: list[bytes]) -> None:
    tree = merkle.Tree()
    for number, one in enumerate(content, start=1):
        for level, index, hash in tree.append(merkle.leaf(one)):
            assert hash == subtrees(content)(level, index)
        assert tree.root == head(content[:number])
        assert len(tree.edge) == number.bit_count()


@given(st.lists(st.lists(st.binary(max_size=4), max_size=20), max_size=8))
def test_leaves_added_together_make_the_tree_of_those_added_one_by_one(
    portions: list[list[bytes]],
) -> None:
    together, alone = merkle.Tree(), merkle.Tree()
    for portion in portions:
        hashes = [merkle.leaf(one) for one in portion]
        closed = [
            (level, index, hash)
            for level, first, row in together.extend(hashes)
            for index, hash in enumerate(row, start=first)
        ]
        assert sorted(closed) == sorted(one for hash in hashes for one in alone.append(hash))
        assert together == alone


@given(leaves, st.data())
def test_a_path_leads_from_its_leaf_to_the_root_and_from_nothing_else(
    content: list[bytes], data: st.DataObject
) -> None:
    size = len(content)
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion(index, size, subtrees(content))
    root, hash = head(content), merkle.leaf(content[index])
    assert merkle.root_of(hash, index, size, path) == root
    assert merkle.root_of(merkle.leaf(content[index] + b"x"), index, size, path) != root
    assert merkle.root_of(hash, index, size, [*path, root]) is None
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        assert merkle.root_of(hash, index, size, path[:place] + path[place + 1 :]) != root
        bent = [*path]
        bent[place] = sha256(bent[place]).digest()
        assert merkle.root_of(hash, index, size, bent) != root
    for other in {size - 1 - index, index + 1} - {index}:
        assert merkle.root_of(hash, other, size, path) != root


@given(leaves, st.data())
def test_a_tree_extends_its_beginnings_and_no_other(
    content: list[bytes], data: st.DataObject
) -> None:
    size = len(content)
    old = data.draw(st.integers(1, size))
    proof = merkle.consistency(old, size, subtrees(content))
    before, now = head(content[:old]), head(content)
    assert merkle.extends(old, before, size, now, proof)
    forked = head([*content[: old - 1], content[old - 1] + b"x"])
    assert not merkle.extends(old, forked, size, now, proof)
    assert not merkle.extends(old, before, size, sha256(now).digest(), proof)
    if proof:
        assert not merkle.extends(old, before, size, now, proof[:-1])


def test_nothing_is_proved_of_what_is_not_there() -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion(8, 8, subtrees(LEAVES))
    with pytest.raises(ValueError, match="beginning"):
        merkle.consistency(9, 8, subtrees(LEAVES))
    assert merkle.root_of(b"", 8, 8, []) is None
    assert not merkle.extends(9, b"", 8, b"", [])
