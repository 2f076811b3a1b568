"""From minutes to an authority's units, and what an examination must be. Exact: no float."""

from dataclasses import dataclass
from fractions import Fraction

from creditable.credit.pack import Rules
from creditable.lib.words import say


def rounded(rules: Rules, stated: int, unit: int, *, minutes: Fraction | None) -> int:
    """What a course of that length is worth before a least length is asked: rounded as the
    authority rounds. Lengths are whole parts of a unit, of which it has `unit`."""
    step_minutes, per_unit = rules.hour_step_minutes.value, rules.minutes_per_hour.value
    if not step_minutes or not per_unit:
        return stated
    step = unit * step_minutes // per_unit
    nearest = rules.rounding.value == "nearest"
    worth = (2 * stated + step) // (2 * step) * step if nearest else stated // step * step
    first = rules.first_hour_minutes.value
    reaches_first = first is not None and minutes is not None and minutes >= first
    return max(worth, unit) if reaches_first else worth


def credited(rules: Rules, minutes: Fraction) -> Fraction:
    """The units that a course of so many minutes earns; 0 when it is too short to earn any. The
    authority's hour must be known."""
    per_unit, least = rules.minutes_per_hour.value, rules.least_hours.value
    assert per_unit is not None
    unit = per_unit * minutes.denominator
    stated = int(minutes * unit / per_unit)
    worth = rounded(rules, stated, unit, minutes=minutes)
    too_short = least is not None and length_of(rules, stated, worth) < least.low * unit
    return Fraction(0) if too_short else Fraction(worth, unit)


def length_of(rules: Rules, stated: int, worth: int) -> int:
    """What is held against the least length of a course: what rounding leaves of it, but not what
    rounding adds."""
    return stated if rules.rounding.value == "nearest" else worth


def in_units(rules: Rules | None, minutes: int) -> Fraction:
    """The minutes of an approval or of a credit in our books as the authority's hours. Where nobody
    knows how many minutes its hour has, its hours stand there as minutes of hours of 60."""
    return Fraction(minutes, (rules and rules.minutes_per_hour.value) or 60)


def in_minutes(rules: Rules | None, units: Fraction) -> int:
    """The authority's hours as the minutes of our books; what is over a whole one is cut."""
    return int(units * ((rules and rules.minutes_per_hour.value) or 60))


@dataclass(frozen=True, slots=True)
class PassMark:
    """The score from which an exam counts for a license, whole percent. `own` says that it is
    the provider's; `published` is the authority's, None where we know of none."""

    percent: int
    own: bool
    published: int | None


def pass_mark(rules: Rules, own: int) -> PassMark:
    """The mark for a license of this authority, of an exam whose provider asks for `own`.

    A course is completed once, at the provider's mark. An authority's credit takes the
    authority's mark where it is higher: it tells what proves learning to it, and a report below
    it would be false. Where it is lower, or not known, the provider's stands: an authority
    says the least that it accepts and does not forbid asking for more. The strictest mark of all
    licenses is not asked of everything, since one authority's rule is none of another's."""
    published = rules.pass_percent.value
    if published is None or published < own:
        return PassMark(own, own=True, published=published)
    return PassMark(published, own=False, published=published)


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
