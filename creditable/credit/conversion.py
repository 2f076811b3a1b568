"""From minutes to an authority's units, and what an examination must be. Exact: no float."""

from dataclasses import dataclass
from fractions import Fraction

from creditable.credit.pack import Rules
from creditable.lib.words import say

CONTACT_HOUR = 60
CEU_MINUTES = 10 * CONTACT_HOUR


def units_of(
    rules: Rules, *, minutes: Fraction | None, units: Fraction | None, per_unit: Fraction
) -> Fraction:
    """What a course of so many minutes, or stated units, is worth before a least length is asked:
    rounded as the authority rounds."""
    raw = units if minutes is None else minutes / per_unit
    assert raw is not None
    step_minutes = rules.hour_step_minutes.value
    if step_minutes is None:
        return raw
    step = Fraction(step_minutes, rules.minutes_per_hour.value or CONTACT_HOUR)
    half = Fraction(1, 2) if rules.rounding.value == "nearest" else Fraction(0)
    rounded = (raw / step + half) // 1 * step
    first = rules.first_hour_minutes.value
    if first is not None and minutes is not None and minutes >= first:
        return max(rounded, Fraction(1))
    return rounded


def credited(rules: Rules, minutes: Fraction) -> Fraction:
    """The units that a course of so many minutes earns; 0 when it is too short to earn any. The
    authority's hour and least length must be known."""
    assert rules.minutes_per_hour.value is not None
    per_unit = Fraction(rules.minutes_per_hour.value)
    units = units_of(rules, minutes=minutes, units=None, per_unit=per_unit)
    least = rules.least_hours.value
    too_short = least is not None and length_of(rules, minutes / per_unit, units) < least.low
    return Fraction(0) if too_short else units


def length_of(rules: Rules, stated: Fraction, rounded: Fraction) -> Fraction:
    """What is held against the least length of a course: what rounding leaves of it, but not what
    rounding adds."""
    return stated if rules.rounding.value == "nearest" else rounded


@dataclass(frozen=True, slots=True)
class Exam:
    """An examination and how somebody did: `score` right of `questions`, drawn from a bank, with
    so many true-or-false questions among them."""

    questions: int
    bank: int
    true_false: int
    score: int


def exam_result(rules: Rules, exam: Exam) -> str:
    """What the authority says to it: an examination that is none, passed, or failed."""
    limits, mark = rules.exam.value, rules.pass_percent.value
    if limits and limits.bank_times and exam.bank < limits.bank_times * exam.questions:
        return say(
            "invalid exam: bank {bank} < {least}",
            bank=exam.bank,
            least=limits.bank_times * exam.questions,
        )
    share = percent(exam.true_false, exam.questions)
    if limits and limits.true_false_percent is not None and share > limits.true_false_percent:
        return say("invalid exam: {percent}% true/false", percent=number(share))
    if mark is None:
        return say("cannot tell: the pass mark is not known")
    reached = percent(exam.score, exam.questions)
    if reached >= mark:
        return say("pass ({percent}%)", percent=number(reached))
    return say("fail ({percent}%)", percent=number(reached))


def percent(part: int, whole: int) -> Fraction:
    return Fraction(100 * part, whole)


def number(value: Fraction) -> int | float:
    """A number for people and programs: whole where it is, otherwise cut after four digits,
    never rounded up."""
    if value.denominator == 1:
        return value.numerator
    return float(f"{int(value)}.{int(value % 1 * 10_000):04}")
