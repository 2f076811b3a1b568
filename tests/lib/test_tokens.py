"""A token says what the server said, or nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditable.lib import tokens

KEY = b"k" * 32


def test_a_token_is_read_back() -> None:
    token = tokens.sign({"e": "a", "s": 3}, key=KEY, purpose="beat")
    assert tokens.read(token, key=KEY, purpose="beat") == {"e": "a", "s": 3}


@pytest.mark.parametrize(("key", "purpose"), [(b"x" * 32, "beat"), (KEY, "exam")])
def test_another_key_or_purpose_does_not_open_it(key: bytes, purpose: str) -> None:
    token = tokens.sign({"s": 3}, key=KEY, purpose="beat")
    with pytest.raises(tokens.BadToken):
        tokens.read(token, key=key, purpose=purpose)


@settings(deadline=None)
@given(position=st.integers(0, 60), letter=st.characters(codec="ascii"))
def test_one_changed_letter_spoils_it(position: int, letter: str) -> None:
    token = tokens.sign({"s": 3}, key=KEY, purpose="beat")
    position %= len(token) - 1  # the last letter carries spare bits of base 64
    altered = token[:position] + letter + token[position + 1 :]
    if altered != token:
        with pytest.raises(tokens.BadToken):
            tokens.read(altered, key=KEY, purpose="beat")


@settings(deadline=None)
@given(st.text(max_size=200))
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(tokens.BadToken):
        tokens.read(text, key=KEY, purpose="beat")
