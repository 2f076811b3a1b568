"""Will a course count for a license? What finishing it would change in the verdict, in words.

The case is judged without the course and with it, each with every doubt settled against the holder
and with every doubt settled in the holder's favor. Where both come to the same, that is the answer;
otherwise it is "cannot tell", with the doubts that matter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from creditable.credit.case import Case, Completion
from creditable.credit.conversion import credited, in_units, number
from creditable.credit.demands import NO_CARRY
from creditable.credit.holder import Doubts, Holder
from creditable.credit.pack import LicenseType, Pack, Rules
from creditable.credit.phrases import amount_in_words, day_in_words, need_in_words
from creditable.credit.trial import Trial
from creditable.lib.words import say

Answer = Literal["yes", "partly", "no", "cannot_tell"]
Change = Literal["not needed", "nothing", "completes", "helps", "idle"]

NOTHING = Fraction(0)


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
class Reason:
    """Why the answer is what it is: a code for programs, words for people."""

    code: str
    words: str

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True)
class Prospect:
    """Will this course count for this license? `brings` is what it would take off what is missing,
    `held` what of the `needed` (None: unknown) is there already, all in the authority's units;
    `adds` says in words what it would count. `facts_missing` says what we would have to know,
    `cure` what to do next, `license_name` which license it is about."""

    authority: str
    answer: Answer
    headline: str
    brings: Fraction = NOTHING
    held: Fraction = NOTHING
    needed: Fraction | None = None
    adds: str = ""
    reasons: tuple[Reason, ...] = ()
    facts_missing: tuple[str, ...] = ()
    cure: str | None = None
    license_name: str = ""


def too_far(expires: date | None) -> str:
    """What is not known of a license that expires later than one of its kind can."""
    return say(
        "the date on which your current license expires: {day} is more than a full term away",
        day=day_in_words(expires) if expires else "",
    )


def check_the_date() -> str:
    return say("Check the expiry date that you gave us against your license.")


class Prospects:
    """What courses would count for one license, whose case this is, if they were completed on that
    day. The case is judged once without a course, for all of them."""

    def __init__(self, pack: Pack, case: Case, on: date) -> None:
        self.pack, self.case, self.on = pack, case, on
        self.board = pack.short_name
        self.kind = pack.license_type(case.license.type)
        self.holder = Holder(pack, case)
        self._before: dict[tuple[bool, frozenset[str]], Trial] = {}

    def of(self, approvals: Sequence[Approval], mode: str) -> Prospect:
        """Of the course with these approvals of the authority, taken in that mode."""
        rules = self.pack.rules_on(self.on, self.case.license.type)
        if self.kind is None:
            return self._unknown(_type_unknown(self.pack))
        if rules is None:
            day = day_in_words(self.on)
            fact = say("the rules of {board} in force on {day}", board=self.board, day=day)
            return self._unknown(fact)
        approval = next((row for row in approvals if row.covers(self.on)), None)
        if approval is None:
            return self._no(_unapproved(self.pack, approvals, self.on))
        course = completion(rules, approval, self.on, mode)
        return _Weighing(self, self.kind, rules, approval, course).prospect()

    def before(self, way: Doubts) -> Trial:
        """The case without a course, with every doubt settled that way."""
        if way.key not in self._before:
            self._before[way.key] = Trial(self.holder, way.anew())
        trial = self._before[way.key]
        way.seen.update(trial.doubts.seen)
        return trial

    def _no(self, reason: Reason, headline: str = "") -> Prospect:
        return Prospect(self.pack.id, "no", headline or say("No"), reasons=(reason,))

    def _unknown(self, *facts: str, cure: str | None = None) -> Prospect:
        words = say("We do not know {fact}.", fact="; ".join(facts))
        return Prospect(
            authority=self.pack.id,
            answer="cannot_tell",
            headline=say("We cannot tell"),
            reasons=(Reason("missing", words),),
            facts_missing=facts,
            cure=cure,
        )


@dataclass(frozen=True, slots=True)
class _Pair:
    """The case without the course and with it, with every doubt settled one way."""

    before: Trial
    after: Trial
    place: int

    @property
    def counted(self) -> Fraction:
        return self.after.counted(self.place)

    @property
    def change(self) -> Change:
        """What the course does to the verdict."""
        if not self.counted:
            return "nothing"
        if self.before.met:
            return "not needed"
        if self.after.met:
            return "completes"
        return "helps" if self.after.asked is None or self.brings else "idle"

    @property
    def brings(self) -> Fraction:
        return max(NOTHING, self.before.lacking - self.after.lacking)


class _Weighing:
    """One course weighed for one license."""

    def __init__(
        self,
        prospects: Prospects,
        kind: LicenseType,
        rules: Rules,
        approval: Approval,
        course: Completion,
    ) -> None:
        self.prospects, self.kind, self.rules = prospects, kind, rules
        self.approval, self.course = approval, course
        self.pack, self.board, self.on = prospects.pack, prospects.board, prospects.on
        self.holder = prospects.holder.followed_by(course)
        self.place = len(prospects.case.completions)
        self.against, self.favorable = Doubts(favorable=False), Doubts(favorable=True)
        self.worst = self._pair(self.against)
        self.best = self._pair(self.favorable) if self.against.seen else self.worst

    def _pair(self, doubts: Doubts) -> _Pair:
        before = self.prospects.before(doubts)
        return _Pair(before, Trial(self.holder, doubts, before=before), self.place)

    def prospect(self) -> Prospect:
        worst, best = self.worst, self.best
        period = best.after.period
        if period and self.on < period.start:
            return self._too_early()
        match {worst.change, best.change}:
            case changes if changes <= {"helps", "completes"}:
                return self._counts()
            case changes if changes == {"not needed"}:
                return self._not_needed()
            case changes if changes == {"nothing"}:
                return self.prospects._no(self._worthless())
            case changes if changes == {"idle"}:
                return self._idle()
        return self._doubtful()

    # The answers

    def _counts(self) -> Prospect:
        worst, best = self.worst, self.best
        completes = worst.change == "completes"
        asked = best.after.asked if best.after.asked == worst.after.asked else None
        carry = [Reason("carry", _carry(self.rules, self.board))]
        over = completes and worst.counted > worst.brings
        unsure = [] if worst.change == best.change else [self._whether_enough()]
        return Prospect(
            authority=self.pack.id,
            answer="yes" if completes else "partly",
            headline=self._headline(asked, completes=completes),
            brings=worst.brings,
            held=self._held(worst.before),
            needed=asked,
            adds=self._words(worst.brings or worst.counted),
            reasons=(self._credit(asked), *self._notes(), *(carry if over else ()), *unsure),
            cure=None if completes else self._cure(),
        )

    def _headline(self, asked: Fraction | None, *, completes: bool) -> str:
        """ "Partly" is said of the course alone: of one whose hours do not all count."""
        counted, whole = self.worst.counted, self._whole()
        values = {"hours": self._words(counted), "whole": self._words(whole)}
        if asked is None:
            return say("Yes: it counts {hours}", **values)
        values["asked"] = self._words(asked)
        if completes:
            return say("Yes: completes your {asked}", **values)
        if counted < whole:
            return say("Partly: {hours} of its {whole} count toward your {asked}", **values)
        if counted == 1:
            return say("Yes: {hours} counts toward your {asked}", **values)
        return say("Yes: {hours} count toward your {asked}", **values)

    def _not_needed(self) -> Prospect:
        before = self.worst.before
        asked = self._words(before.asked or NOTHING)
        if not before.asked:
            words = before.why or say("{board} asks for no hours now.", board=self.board)
            return self.prospects._no(Reason("enough", words), say("Not needed"))
        words = say(
            "You already hold the {asked} that {board} asks for {span}.",
            asked=asked,
            board=self.board,
            span=self._span(before),
        )
        headline = say("Not needed: you hold {asked}", asked=asked)
        found = self.prospects._no(
            Reason("enough", f"{words} {_carry(self.rules, self.board)}"), headline
        )
        return replace(found, held=before.asked, needed=before.asked)

    def _worthless(self) -> Reason:
        taken = [
            row
            for row in self.prospects.case.completions
            if row.identity == self.course.identity and row.finished
        ]
        repeat = self.rules.repeat.value
        if taken and repeat:
            return _taken(self.board, max(row.finished for row in taken if row.finished), repeat)
        why = self.best.after.finding().lines.get(self.place, (0, ""))[1]
        words = say("{board} counts nothing of it: {why}.", board=self.board, why=why)
        return Reason("nothing", words)

    def _idle(self) -> Prospect:
        missing = ", ".join(row.words for row in self.best.before.finding().missing)
        words = say(
            "It counts {hours} with {board}, but nothing toward what is still missing: {missing}.",
            hours=self._words(self.worst.counted),
            board=self.board,
            missing=missing,
        )
        return self.prospects._no(Reason("idle", words), say("No: not what is missing"))

    def _too_early(self) -> Prospect:
        expires = self.prospects.case.license.expires
        return self.prospects._unknown(too_far(expires), cure=check_the_date())

    def _doubtful(self) -> Prospect:
        doubts = {**self.favorable.seen, **self.against.seen}
        matter = [key for key in doubts if self._matters(key)] or list(doubts)
        facts = tuple(dict.fromkeys(need_in_words(doubts[key]) for key in matter))
        found = self.prospects._unknown(*facts, cure=cure_of(self.prospects.case))
        if not self.worst.counted:
            return found
        return replace(found, reasons=(*found.reasons, self._credit(None), *self._notes()))

    def _matters(self, key: str) -> bool:
        alone = self._pair(Doubts(favorable=True, but=frozenset({key})))
        return alone.change != self.best.change

    # The reasons

    def _credit(self, asked: Fraction | None) -> Reason:
        hours, before = self._words(self.worst.counted), self.worst.before
        if asked is None:
            words = say("It counts {hours} with {board}.", hours=hours, board=self.board)
            return Reason("counted", words)
        return Reason(
            "counted",
            say(
                "It counts {hours} with {board}; you hold {held} of {asked} for {span}.",
                hours=hours,
                board=self.board,
                held=number(self._held(before)),
                asked=self._words(asked),
                span=self._span(before),
            ),
        )

    def _whether_enough(self) -> Reason:
        doubts = {**self.favorable.seen, **self.against.seen}
        facts = "; ".join(need_in_words(need) for need in dict.fromkeys(doubts.values()) if need)
        return Reason(
            "unsure",
            say("Whether that is enough we cannot tell: we do not know {facts}.", facts=facts),
        )

    def _notes(self) -> Iterable[Reason]:
        yield Reason("approved", _approved(self.pack, self.approval))
        expires, period = self.prospects.case.license.expires, self.best.after.period
        if expires and period and period.late:
            words = say(
                "Your license expired on {day}; hours from {start} on count for a {kind}.",
                day=day_in_words(expires),
                start=day_in_words(period.start),
                kind=period.late,
            )
            yield Reason("late", words)
        if self.rules.minutes_per_hour.value is None:
            words = say(
                "How many minutes make an hour with {board} is not public; the hours of its "
                "approval count.",
                board=self.board,
            )
            yield Reason("hour", words)
        if self.best.after.why:
            yield Reason("other", self.best.after.why)
        if self.kind.note:
            yield Reason("license_type", self.kind.note)

    def _cure(self) -> str | None:
        after = self.best.after
        missing = ", ".join(row.words for row in after.finding().cure)
        if not missing or after.period is None:
            return None
        values = {"missing": missing, "day": day_in_words(after.period.end)}
        if self.worst.after.lacking != after.lacking:
            return say("Then at least {missing} by {day}.", **values)
        return say("Then {missing} by {day}.", **values)

    # Amounts

    def _whole(self) -> Fraction:
        """All the hours of the course, in whatever topics, as the authority rounds them."""
        minutes = sum(self.approval.topic_minutes.values())
        if self.rules.minutes_per_hour.value is None:
            return in_units(self.rules, minutes)
        return credited(self.rules, Fraction(minutes))

    def _held(self, trial: Trial) -> Fraction:
        """What is there already of what is needed."""
        return max(NOTHING, (trial.asked or NOTHING) - trial.lacking)

    def _words(self, units: Fraction) -> str:
        return amount_in_words(units, self.pack.unit)

    def _span(self, trial: Trial) -> str:
        period = trial.period
        if period is None or period.start == date.min:
            return say("this license period")
        start, end = day_in_words(period.start), day_in_words(period.end)
        return say("{start} to {end}", start=start, end=end)


def completion(rules: Rules | None, approval: Approval, day: date, mode: str) -> Completion:
    """A course under this approval, finished on that day, as a case states it."""
    return Completion(
        approval=approval.number,
        approved=True,
        finished=day,
        units=in_units(rules, sum(approval.topic_minutes.values())),
        topics={word: in_units(rules, each) for word, each in approval.topic_minutes.items()},
        mode=mode,
    )


def cure_of(case: Case) -> str | None:
    """What the holder can do so that we can tell."""
    if case.license.expires is None:
        return say("Add the expiry date printed on your license.")
    return None


def _type_unknown(pack: Pack) -> str:
    return say("what {board} asks of this type of license", board=pack.short_name)


def _approved(pack: Pack, approval: Approval) -> str:
    if pack.approves_courses:
        return say(
            "Approved as {number} for completions through {day}.",
            number=approval.number,
            day=day_in_words(approval.valid_to),
        )
    return say(
        "{board} approves no courses: you choose yours and answer for the choice.",
        board=pack.short_name,
    )


def _carry(rules: Rules, board: str) -> str:
    if rules.carry_over.value == NO_CARRY:
        return say("More hours do not carry over to the next license period.")
    return rules.carry_over.note or say(
        "Whether {board} lets more hours carry over is not known to us.", board=board
    )


def _unapproved(pack: Pack, approvals: Sequence[Approval], on: date) -> Reason:
    coming = min((row for row in approvals if row.valid_from > on), default=None, key=_first_day)
    if coming is not None:
        words = say(
            "{board}'s approval {number} starts on {day}.",
            board=pack.short_name,
            number=coming.number,
            day=day_in_words(coming.valid_from),
        )
        return Reason("not_yet_approved", words)
    if approvals:
        last = max(approvals, key=lambda row: row.valid_to)
        words = say(
            "{board}'s approval {number} ended on {day}.",
            board=pack.short_name,
            number=last.number,
            day=day_in_words(last.valid_to),
        )
        return Reason("approval_ended", words)
    if not pack.approves_courses:
        words = say("We do not offer this course for {board}.", board=pack.short_name)
    else:
        words = say("{board} has not approved this course.", board=pack.name)
    return Reason("unapproved", words)


def _taken(board: str, last: date, repeat: str) -> Reason:
    day = day_in_words(last)
    match repeat:
        case "never":
            words = say(
                "You completed it on {day}; {board} never counts the same course twice.",
                day=day,
                board=board,
            )
        case "term":
            words = say(
                "You completed it on {day}; {board} counts a course once in a license period.",
                day=day,
                board=board,
            )
        case _:
            words = say(
                "You completed it on {day}; {board} counts a course once in a calendar year.",
                day=day,
                board=board,
            )
    return Reason("duplicate", words)


def _first_day(approval: Approval) -> date:
    return approval.valid_from
