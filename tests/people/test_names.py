"""A name is what can be printed on a certificate, in any script."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditable.lib.refusal import Refused
from creditable.people import names


@pytest.mark.parametrize(
    "name",
    [
        "Ana Díaz",
        "O’Brien, Seán",
        "Mary-Jane van der Berg Jr.",
        "王小明",
        "Ольга Ёлкина",
        "عبد الله",
        "Nguyễn Văn A",
        "John Smith 3rd",
        "ʻAlohilani Kāne",
    ],
)
def test_names_of_real_people_are_kept(name: str) -> None:
    assert names.cleaned(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "required"),
        (" \t\n ", "required"),
        ("x" * 121, "too_long"),
        ("Ana\u202e zaiD", "strange_character"),
        ("Ana\u200b", "strange_character"),
        ("Ana 😀", "strange_character"),
        ("<script>alert(1)</script>", "strange_character"),
        ("Ana\x07", "strange_character"),
        ("Z\u0334\u0321\u034e\u0336algo", "strange_character"),
        ("12345", "no_letters"),
        ("---", "no_letters"),
    ],
)
def test_what_is_no_name_is_refused_with_its_reason(typed: str, why: str) -> None:
    with pytest.raises(Refused) as refusal:
        names.cleaned(typed, field="name_as_printed")
    assert refusal.value.code == why
    assert refusal.value.field == "name_as_printed"
    assert refusal.value.message


@pytest.mark.parametrize(
    ("signs", "words"),
    [
        ("😀", "“😀”"),
        ("\u202b", "the invisible character U+202B"),
        ("<\u202e\u0334", "“<”, the invisible character U+202E and the mark U+0334"),
        ("abcdefgh", "“a”, “b”, “c”, “d”, “e” and 3 more"),
    ],
)
def test_characters_are_named_so_that_the_sentence_stays_readable(signs: str, words: str) -> None:
    assert names.shown(signs) == words


def test_every_strange_character_is_told_at_once() -> None:
    with pytest.raises(Refused, match="“<”, “>” and the invisible character U\\+202B"):
        names.cleaned("Ana\u202b <Diaz>")


@given(st.text(max_size=200))
def test_a_name_is_printable_composed_and_stays_itself(typed: str) -> None:
    try:
        name = names.cleaned(typed)
    except Refused:
        return
    assert name.isprintable()
    assert 0 < len(name) <= names.LONGEST
    assert unicodedata.is_normalized("NFC", name)
    assert names.cleaned(name) == name
