"""How texts ask, list and promise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditable.policy import duration, wording
from creditable.policy.duration import Duration


@pytest.mark.parametrize(
    ("items", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b, and c")],
)
def test_a_list_reads_like_a_sentence(items: list[str], text: str) -> None:
    assert wording.listed(items) == text


def test_an_answer_that_begins_a_sentence_begins_with_a_capital_letter() -> None:
    text = "{a of b} may. {a of b} will, says 3.{a of b}\n  to {a of b}?\n {a of b}."
    said = wording.fill(text, lambda _what, _of: "our host")
    assert said == "Our host may. Our host will, says 3.our host to our host? Our host."


def test_a_text_is_filled_and_evened_out() -> None:
    said = wording.fill("We send {a of b}\n  to {c of d.e}.", lambda what, of: f"<{what} {of}>")
    assert said == "We send <a b> to <c d.e>."


@pytest.mark.parametrize("text", ["{a}", "{a of }", "{a of b", "a of b}", "{{a of b}}", "{}"])
def test_braces_that_ask_nothing_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"brace|asks nothing"):
        wording.questions(text)


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("It will rain.", "will"),
        ("You May ask.", "May"),
        ("30 days.", "days"),
        ("Goodwill and yearbooks, onlyness.", None),
        ("In force since May 5, 2027.", None),
    ],
)
def test_a_promise_is_known_by_its_words(sentence: str, word: str | None) -> None:
    assert wording.promising(sentence) == word


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("P7Y", "7 years"),
        ("P1Y6M", "1 year and 6 months"),
        ("P1Y2M3D", "1 year, 2 months and 3 days"),
        ("P2W", "2 weeks"),
        ("PT10M", "10 minutes"),
        ("P1DT1H1S", "1 day, 1 hour and 1 second"),
    ],
)
def test_a_duration_is_shown_in_words(written: str, words: str) -> None:
    assert str(duration.parse(written)) == words


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1", "7Y", "P0Y", "P1YT", "p7y", "P-1Y", "P1.5Y", "P1M1Y", "P١Y", "P1Y "],
)
def test_other_spellings_of_a_duration_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|no time"):
        duration.parse(text)


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_months_and_minutes_are_never_confused(months: int, days: int, minutes: int) -> None:
    if months or days or minutes:
        written = f"P{months}M{days}D" + (f"T{minutes}M" if minutes else "")
        assert duration.parse(written) == Duration(months=months, days=days, minutes=minutes)


def test_the_difference_of_two_texts_is_read_word_by_word() -> None:
    runs = list(wording.difference("We may rent names.", "We never rent names. Ask us."))
    assert runs == [
        ("same", "We"),
        ("gone", "may"),
        ("new", "never"),
        ("same", "rent names."),
        ("new", "Ask us."),
    ]
    assert list(wording.difference("", "New.")) == [("new", "New.")]
