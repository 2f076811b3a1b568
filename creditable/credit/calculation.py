"""How much credit to ask for a course: the ways in which authorities let a provider reckon it.

Everything is exact; what a method rounds it rounds as its source says. What an authority makes of
the minutes is conversion.credited, by its pack.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

HOURS_PER_CEU = 10
LEAST_CEU_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Method:
    """A way to reckon, and where it is published."""

    name: str
    source: str


WORD_COUNT = Method("word count", "NASBA/AICPA Statement on Standards for CPE, self-study")
PILOT_TEST = Method("pilot test", "61G15-22.012, Florida Administrative Code (average completion)")
CEU = Method("CEU", "ANSI/IACET 1-2018: 1 CEU is 10 contact hours of 60 minutes")


def hours(minutes: Fraction, minutes_per_hour: int, step: Fraction | None = None) -> Fraction:
    """Contact hours of so many minutes (60, or 50 as most engineers' boards have it); with a step,
    rounded down to a multiple of it."""
    exact = minutes / minutes_per_hour
    return exact if step is None else exact // step * step


def word_count_minutes(words: int, media_minutes: Fraction, questions: int) -> Fraction:
    """Reading at 180 words a minute, media as long as they run, 1.85 minutes a question. Words of
    what nobody must read (front matter, glossaries, appendices) are left out by who counts them."""
    return Fraction(words, 180) + media_minutes + Fraction(185, 100) * questions


def word_count_credits(words: int, media_minutes: Fraction, questions: int) -> Fraction:
    """NASBA's credits by word count: hours of 50 minutes, rounded down to a half."""
    return hours(word_count_minutes(words, media_minutes, questions), 50, Fraction(1, 2))


def pilot_minutes(completions: Sequence[Fraction]) -> Fraction:
    """The average time of those who tried the course. Nobody who tried is left out."""
    if not completions:
        raise ValueError("a pilot test needs somebody who took it")
    return sum(completions, start=Fraction(0)) / len(completions)


def ceu(minutes: Fraction) -> Fraction:
    """CEU of so many minutes, to the nearest tenth; none for less than half an hour, which is no
    event of its own. The half of a tenth is rounded up: 30 minutes are 0.1."""
    if minutes < LEAST_CEU_MINUTES:
        return Fraction(0)
    tenths = minutes / 60
    return Fraction(int(tenths + Fraction(1, 2)), 10)


def hours_of_ceu(ceu: Fraction) -> Fraction:
    """Contact hours (PDH) of so many CEU."""
    return ceu * HOURS_PER_CEU
