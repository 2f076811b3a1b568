"""Credit reckoned as the published methods have it; the figures can be checked on paper."""

from fractions import Fraction

import pytest

from creditable.credit import calculation


@pytest.mark.parametrize(
    ("minutes", "per_hour", "step", "expected"),
    [
        (750, 60, None, Fraction(25, 2)),  # worked example X09
        (750, 50, None, 15),
        (170, 50, 1, 3),  # X05
        (95, 50, 1, 1),
        (80, 50, Fraction(1, 2), Fraction(3, 2)),  # X18
        (149, 50, Fraction(1, 2), Fraction(5, 2)),
        (0, 50, Fraction(1, 2), 0),
    ],
)
def test_hours_of_fifty_and_of_sixty_minutes(
    minutes: int, per_hour: int, step: Fraction | None, expected: Fraction
) -> None:
    assert calculation.hours(Fraction(minutes), per_hour, step and Fraction(step)) == expected


@pytest.mark.parametrize(
    ("words", "media", "questions", "minutes", "credits"),
    [
        (18_000, 0, 0, 100, 2),
        (9_000, 30, 20, 117, 2),  # 50 + 30 + 37
        (13_500, 0, 10, Fraction(187, 2), Fraction(3, 2)),  # 75 + 18.5 = 93.5
        (0, 49, 0, 49, Fraction(1, 2)),
        (0, 24, 0, 24, 0),
    ],
)
def test_nasba_s_word_count(
    words: int, media: int, questions: int, minutes: Fraction, credits: Fraction
) -> None:
    assert calculation.word_count_minutes(words, Fraction(media), questions) == minutes
    assert calculation.word_count_credits(words, Fraction(media), questions) == credits


def test_a_pilot_test_takes_the_average_of_all_who_tried() -> None:
    assert calculation.pilot_minutes([Fraction(90), Fraction(100), Fraction(125)]) == 105
    with pytest.raises(ValueError, match="somebody"):
        calculation.pilot_minutes([])


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(30, Fraction(1, 10)), (250, Fraction(4, 10)), (29, 0), (600, 1), (90, Fraction(2, 10))],
)
def test_ceu_as_iacet_rounds_them(minutes: int, expected: Fraction) -> None:
    """30, 250 and 29 minutes are worked example X21."""
    assert calculation.ceu(Fraction(minutes)) == expected
    assert calculation.hours_of_ceu(Fraction(15, 10)) == 15
