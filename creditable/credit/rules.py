"""What a course is worth for a license, on plain values: somebody can check each case on paper.

All amounts are whole minutes. One hour of an authority is `minutes_per_hour` minutes where that
is known; where it is not, an approval's hours count as stated and 60 only serves to write them
as minutes, so that no result depends on it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from creditable.credit.demands import NO_CARRY
from creditable.credit.pack import Pack, Rules
from creditable.lib.dates import months_before
from creditable.lib.words import say

Answer = Literal["yes", "partly", "no", "cannot_tell"]
Status = Literal["counted", "duplicate", "out_of_window", "unknown"]


@dataclass(frozen=True, slots=True)
class License:
    """A license as the rules see it: its type in the pack, the expiry date printed on it."""

    license_type: str
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """An authority's approval of a course: its number, whole minutes by topic, first and last
    day on which a completion counts."""

    number: str
    topic_minutes: Mapping[str, int]
    valid_from: date
    valid_to: date

    def covers(self, day: date) -> bool:
        return self.valid_from <= day <= self.valid_to


@dataclass(frozen=True, slots=True)
class Line:
    """A course that the holder has completed: its number with the authority, the day there, the
    minutes it was credited with."""

    course_number: str
    completed_on: date
    minutes: int


@dataclass(frozen=True, slots=True)
class Window:
    """The days whose completions count for one renewal, both ends included."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True, slots=True)
class Judged:
    """A line with what became of it."""

    line: Line
    status: Status


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a holder stands in one window. `minutes_needed` None means unknown."""

    verdict: Literal["met", "not_met", "cannot_tell"]
    minutes_counted: int
    minutes_needed: int | None
    lines: tuple[Judged, ...]

    @property
    def minutes_missing(self) -> int | None:
        if self.minutes_needed is None:
            return None
        return max(0, self.minutes_needed - self.minutes_counted)


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a holder still has to do for the renewal that comes next. `minutes_needed` and
    `window` are None where they are unknown; `fact_missing` then says what we would have to
    know, and `cure` what the holder can do about it."""

    verdict: Literal["met", "not_met", "cannot_tell"]
    minutes_counted: int = 0
    minutes_needed: int | None = None
    window: Window | None = None
    fact_missing: str = ""
    cure: str | None = None

    @property
    def minutes_missing(self) -> int | None:
        if self.minutes_needed is None:
            return None
        return max(0, self.minutes_needed - self.minutes_counted)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the answer is what it is: a code for programs, words for people."""

    code: str
    words: str

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True)
class PassMark:
    """The score from which an exam counts for a license, whole percent. `own` says that it is
    the provider's; `published` is the authority's, None where we know of none."""

    percent: int
    own: bool
    published: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Will this course count for this license? `minutes_counted` is what the course would add,
    `minutes_held` what counts already, `minutes_needed` what the renewal asks (None: unknown).
    `facts_missing` says what we would have to know, `cure` what to do next, `license_name` which
    license it is about."""

    authority: str
    answer: Answer
    headline: str
    minutes_counted: int = 0
    minutes_needed: int | None = None
    minutes_held: int = 0
    reasons: tuple[Reason, ...] = ()
    facts_missing: tuple[str, ...] = ()
    cure: str | None = None
    window: Window | None = None
    license_name: str = ""


def minutes_of(hours: Fraction, rules: Rules) -> int:
    """Hours of this authority as minutes; the pack's reader made sure that they are whole."""
    minutes = hours * (rules.minutes_per_hour.value or 60)
    assert minutes.denominator == 1
    return int(minutes)


def hours_text(minutes: int, rules: Rules) -> str:
    """Minutes as this authority's hours, without a trailing zero: "2", "2.5"."""
    hours = Fraction(minutes, rules.minutes_per_hour.value or 60)
    if hours.denominator == 1:
        return str(hours.numerator)
    return f"{hours.numerator / hours.denominator:.2f}".rstrip("0")


def hours_phrase(minutes: int, rules: Rules) -> str:
    text = hours_text(minutes, rules)
    return say("{hours} hour", hours=text) if text == "1" else say("{hours} hours", hours=text)


def own_hours(topic_minutes: Mapping[str, int], rules: Rules) -> str:
    """What a completion counts where the authority's hour is not ours: "2 hours of 50 minutes"
    for 120 minutes of which it takes whole hours; else empty."""
    each = rules.minutes_per_hour.value
    if each in (None, 60):
        return ""
    hours = hours_phrase(credited(rules, topic_minutes), rules)
    return say("{hours} of {each} minutes", hours=hours, each=each)


def needed(rules: Rules) -> int | None:
    """The minutes that one renewal asks, None when we do not know."""
    hours = rules.hours_needed.value
    return None if hours is None else minutes_of(hours, rules)


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


def credited(rules: Rules, topic_minutes: Mapping[str, int]) -> int:
    """The minutes that a completed course earns: its approved minutes in topics that the
    authority takes, rounded down to its step where it has one."""
    accepted = rules.topics.value
    minutes = sum(
        amount for topic, amount in topic_minutes.items() if accepted is None or topic in accepted
    )
    return _in_steps(rules, minutes)


def _in_steps(rules: Rules, minutes: int) -> int:
    step = rules.hour_step_minutes.value
    return minutes - minutes % step if step else minutes


def window(rules: Rules, *, expires: date, renewal: date) -> Window | None:
    """The window of a renewal on that day: the license's term when it is in time, the months
    before the day of renewal when it is late. None when the rules do not say."""
    if renewal <= expires:
        months = rules.term_months.value
        if months is None:
            return None
        return Window(months_before(expires, months) + timedelta(days=1), expires)
    months = rules.late_window_months.value
    return None if months is None else Window(months_before(renewal, months), renewal)


def standing(rules: Rules, within: Window, lines: Iterable[Line]) -> Standing:
    """Which of the lines count in the window, and whether they are enough."""
    judged: list[Judged] = []
    for line in sorted(lines, key=lambda line: line.completed_on):
        judged.append(Judged(line, _status(rules, within, line, judged)))
    counted = sum(row.line.minutes for row in judged if row.status == "counted")
    unsure = sum(row.line.minutes for row in judged if row.status == "unknown")
    asked = needed(rules)
    if asked is None or counted < asked <= counted + unsure:
        verdict: Literal["met", "not_met", "cannot_tell"] = "cannot_tell"
    else:
        verdict = "met" if counted >= asked else "not_met"
    return Standing(verdict, counted, asked, tuple(judged))


def renewal(pack: Pack, license: License, history: Iterable[Line], on: date) -> Renewal:
    """Where the holder of this license stands on that day, without any course in view."""
    rules = pack.rules_on(on)
    if rules is None:
        return _unjudged(_rules_of(pack, on))
    if pack.license_type(license.license_type) is None:
        return _unjudged(_asked_of_type(pack))
    within = _window_now(pack, rules, license, on)
    if isinstance(within, _Untold):
        return _unjudged(within.fact, needed(rules), within.cure)
    held = standing(rules, within, history)
    if held.minutes_needed is None:
        fact = _how_many(pack)
        return Renewal("cannot_tell", held.minutes_counted, None, within, fact)
    fact = _whether_twice(pack) if held.verdict == "cannot_tell" else ""
    return Renewal(held.verdict, held.minutes_counted, held.minutes_needed, within, fact)


def _unjudged(fact: str, asked: int | None = None, cure: str | None = None) -> Renewal:
    return Renewal("cannot_tell", minutes_needed=asked, fact_missing=fact, cure=cure)


def verdict(
    pack: Pack,
    license: License,
    approvals: Sequence[Approval],
    history: Iterable[Line],
    on: date,
) -> Verdict:
    """Will the course with these approvals of the authority count for this license, if it is
    completed on that day by a holder with this history?"""
    rules = pack.rules_on(on)
    if rules is None:
        return _unknown(pack, _rules_of(pack, on))
    kind = pack.license_type(license.license_type)
    if kind is None:
        return _unknown(pack, _asked_of_type(pack))
    history = tuple(history)
    approval = next((row for row in approvals if row.covers(on)), None)
    if approval is None:
        return _no(pack, _unapproved(pack, approvals, on))
    minutes = credited(rules, approval.topic_minutes)
    if not minutes:
        words = say("{board} takes none of this course's topics.", board=pack.short_name)
        return _no(pack, Reason("topic", words))
    taken = [line for line in history if line.course_number == approval.number]
    if taken and rules.repeat.value == "never":
        return _no(pack, _taken(pack, taken[-1], ever=True))
    within = _window_now(pack, rules, license, on)
    if isinstance(within, _Untold):
        return _unknown(pack, within.fact, minutes=minutes, asked=needed(rules), cure=within.cure)
    if any(line.completed_on in within for line in taken):
        if rules.repeat.value is None:
            return _unknown(pack, _whether_twice(pack))
        return _no(pack, _taken(pack, taken[-1], ever=False))
    notes = _notes(pack, rules, license, approval, kind.note, on)
    approved = _in_steps(rules, sum(approval.topic_minutes.values()))
    held = standing(rules, within, history)
    return _weigh(pack, rules, within, minutes, approved, held, notes)


def repeats(
    rules: Rules, license: License, course_number: str, history: Iterable[Line], on: date
) -> bool:
    """Whether a completion on that day is one that the authority does not credit again. Where
    the rules or the license do not tell, it is credited and the authority decides."""
    taken = [line for line in history if line.course_number == course_number]
    if rules.repeat.value == "never":
        return bool(taken)
    if rules.repeat.value is None or license.expires is None:
        return False
    within = window(rules, expires=license.expires, renewal=on)
    return within is not None and any(line.completed_on in within for line in taken)


@dataclass(frozen=True, slots=True)
class _Untold:
    """What nobody told us, and what the holder can do about it."""

    fact: str
    cure: str | None = None


def _window_now(pack: Pack, rules: Rules, license: License, on: date) -> Window | _Untold:
    """The window that a completion on that day falls into, or why nobody can tell."""
    if license.expires is None:
        return _Untold(
            say("the expiry date of your license"),
            say("Add the expiry date printed on your license."),
        )
    within = window(rules, expires=license.expires, renewal=on)
    if within is None:
        late = on > license.expires
        return _Untold(
            say("how {board} counts hours after a license has expired", board=pack.short_name)
            if late
            else say("how {board} counts hours over a license's term", board=pack.short_name)
        )
    if on < within.start:
        return _Untold(
            say(
                "the date on which your current license expires: {day} is more than a full term "
                "of {months} months away",
                day=_day(license.expires),
                months=rules.term_months.value,
            ),
            say("Check the expiry date that you gave us against your license."),
        )
    return within


def _weigh(
    pack: Pack,
    rules: Rules,
    within: Window,
    minutes: int,
    approved: int,
    held: Standing,
    notes: tuple[Reason, ...],
) -> Verdict:
    asked = held.minutes_needed
    if asked is None or held.verdict == "cannot_tell":
        return _unknown(pack, _how_many(pack), minutes=minutes)
    span = say("{start} to {end}", start=_day(within.start), end=_day(within.end))
    counts = Reason(
        "counted",
        say(
            "It counts {hours} with {board}; you hold {held} of {asked} for {span}.",
            hours=hours_phrase(minutes, rules),
            board=pack.short_name,
            held=hours_text(held.minutes_counted, rules),
            asked=hours_phrase(asked, rules),
            span=span,
        ),
    )
    total = held.minutes_counted + minutes
    answer: Answer
    if held.minutes_counted >= asked:
        answer, cure = "no", None
        headline = say(
            "Not needed: you hold {held} of {asked}",
            held=hours_text(asked, rules),
            asked=hours_phrase(asked, rules),
        )
        counts = Reason(
            "enough",
            say(
                "You already hold the {asked} that {board} asks for {span}.",
                asked=hours_phrase(asked, rules),
                board=pack.short_name,
                span=span,
            )
            + " "
            + _carry(pack, rules),
        )
        minutes = 0
    elif total >= asked:
        answer, cure = "yes", None
        headline = say("Yes: completes your {asked}", asked=hours_phrase(asked, rules))
        if total > asked:
            notes = (*notes, Reason("carry", _carry(pack, rules)))
    else:
        answer = "partly"
        headline = _toward(rules, minutes, approved, asked)
        cure = say(
            "{hours} more of approved courses by {day}.",
            hours=hours_phrase(asked - total, rules).capitalize(),
            day=_day(within.end),
        )
    return Verdict(
        authority=pack.id,
        answer=answer,
        headline=headline,
        minutes_counted=minutes,
        minutes_needed=asked,
        minutes_held=held.minutes_counted,
        reasons=(counts, *notes),
        cure=cure,
        window=within,
    )


def _toward(rules: Rules, minutes: int, approved: int, asked: int) -> str:
    """The headline of a course that counts and leaves more to be done. "Partly" is said of the
    course alone: of one whose hours do not all count."""
    values = {
        "hours": hours_phrase(minutes, rules),
        "whole": hours_text(approved, rules),
        "asked": hours_phrase(asked, rules),
    }
    if minutes < approved:
        return say("Partly: {hours} of its {whole} count toward your {asked}", **values)
    if hours_text(minutes, rules) == "1":
        return say("Yes: {hours} counts toward your {asked}", **values)
    return say("Yes: {hours} count toward your {asked}", **values)


def _status(rules: Rules, within: Window, line: Line, before: Sequence[Judged]) -> Status:
    if line.completed_on not in within:
        return "out_of_window"
    same = [row.line for row in before if row.line.course_number == line.course_number]
    if rules.repeat.value == "term":
        same = [earlier for earlier in same if earlier.completed_on in within]
    if not same:
        return "counted"
    return "unknown" if rules.repeat.value is None else "duplicate"


def _notes(
    pack: Pack, rules: Rules, license: License, approval: Approval, kind_note: str, on: date
) -> tuple[Reason, ...]:
    notes = [Reason("approved", _approved(pack, approval))]
    if license.expires is not None and on > license.expires:
        notes.append(
            Reason(
                "late",
                say(
                    "Your license expired on {day}, so hours of the {months} months before the "
                    "day you renew count.",
                    day=_day(license.expires),
                    months=rules.late_window_months.value,
                ),
            )
        )
    if rules.minutes_per_hour.value is None:
        notes.append(
            Reason(
                "hour",
                say(
                    "How many minutes make an hour with {board} is not public; the hours of its "
                    "approval count.",
                    board=pack.short_name,
                ),
            )
        )
    if kind_note:
        notes.append(Reason("license_type", kind_note))
    return tuple(notes)


def _approved(pack: Pack, approval: Approval) -> str:
    if pack.approves_courses:
        return say(
            "Approved as {number} for completions through {day}.",
            number=approval.number,
            day=_day(approval.valid_to),
        )
    return say(
        "{board} approves no courses: you choose yours and answer for the choice.",
        board=pack.short_name,
    )


def _carry(pack: Pack, rules: Rules) -> str:
    if rules.carry_over.value == NO_CARRY:
        return say("More hours do not carry over to the next license period.")
    return rules.carry_over.note or say(
        "Whether {board} lets more hours carry over is not known to us.", board=pack.short_name
    )


def _unapproved(pack: Pack, approvals: Sequence[Approval], on: date) -> Reason:
    coming = min((row for row in approvals if row.valid_from > on), default=None, key=_first_day)
    if coming is not None:
        words = say(
            "{board}'s approval {number} starts on {day}.",
            board=pack.short_name,
            number=coming.number,
            day=_day(coming.valid_from),
        )
        return Reason("not_yet_approved", words)
    if approvals:
        last = max(approvals, key=lambda row: row.valid_to)
        words = say(
            "{board}'s approval {number} ended on {day}.",
            board=pack.short_name,
            number=last.number,
            day=_day(last.valid_to),
        )
        return Reason("approval_ended", words)
    if not pack.approves_courses:
        words = say("We do not offer this course for {board}.", board=pack.short_name)
    else:
        words = say("{board} has not approved this course.", board=pack.name)
    return Reason("unapproved", words)


def _taken(pack: Pack, line: Line, *, ever: bool) -> Reason:
    day, board = _day(line.completed_on), pack.short_name
    return Reason(
        "duplicate",
        say(
            "You completed it on {day}; {board} never counts the same course twice.",
            day=day,
            board=board,
        )
        if ever
        else say(
            "You completed it on {day}; {board} counts a course once in a license period.",
            day=day,
            board=board,
        ),
    )


def _no(pack: Pack, reason: Reason) -> Verdict:
    return Verdict(authority=pack.id, answer="no", headline=say("No"), reasons=(reason,))


def _rules_of(pack: Pack, on: date) -> str:
    return say("the rules of {board} in force on {day}", board=pack.short_name, day=_day(on))


def _asked_of_type(pack: Pack) -> str:
    return say("what {board} asks of this type of license", board=pack.short_name)


def _how_many(pack: Pack) -> str:
    return say("how many hours {board} asks for", board=pack.short_name)


def _whether_twice(pack: Pack) -> str:
    return say("whether {board} counts a course twice", board=pack.short_name)


def _unknown(
    pack: Pack,
    fact: str,
    *,
    minutes: int = 0,
    asked: int | None = None,
    cure: str | None = None,
) -> Verdict:
    return Verdict(
        authority=pack.id,
        answer="cannot_tell",
        headline=say("We cannot tell"),
        minutes_counted=minutes,
        minutes_needed=asked,
        reasons=(Reason("missing", say("We do not know {fact}.", fact=fact)),),
        facts_missing=(fact,),
        cure=cure,
    )


def _first_day(approval: Approval) -> date:
    return approval.valid_from


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
