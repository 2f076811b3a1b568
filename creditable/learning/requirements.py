"""What a course asks before it is complete, as a checklist that a person can read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from creditable.lib.words import say, say_many


@dataclass(frozen=True, slots=True)
class LessonFact:
    """A lesson, the seconds it asks for and the seconds counted."""

    title: str
    required_seconds: int
    counted_seconds: int

    @property
    def done(self) -> bool:
        return self.counted_seconds >= self.required_seconds


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that completion depends on. `best_percent` is the highest score of an attempt
    that was submitted, None before the first; `attested` whether the declaration was signed for
    the attempt that passed. `evaluated` says whether the learner answered the evaluation, None
    where the course does not ask for one."""

    lessons: tuple[LessonFact, ...]
    credit_seconds: int
    attested: bool
    best_percent: int | None
    pass_percent: int
    evaluated: bool | None = None

    @property
    def passed(self) -> bool:
        return self.best_percent is not None and self.best_percent >= self.pass_percent

    @property
    def counted_seconds(self) -> int:
        return sum(lesson.counted_seconds for lesson in self.lessons)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the checklist: what is asked, whether it is met, and where it stands."""

    name: str
    words: str
    met: bool
    status: str


@dataclass(frozen=True, slots=True)
class Checklist:
    items: tuple[Item, ...]

    @property
    def met(self) -> bool:
        return all(item.met for item in self.items)

    @property
    def missing(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if not item.met)


def studied(facts: Facts) -> Checklist:
    """What must be done before the exam opens: every lesson, and the time of the credit."""
    done = sum(lesson.done for lesson in facts.lessons)
    total = len(facts.lessons)
    return Checklist(
        (
            Item(
                "lessons",
                say_many(
                    "Spend the time of {number} lesson",
                    "Spend the time of all {number} lessons",
                    total,
                ),
                bool(total) and done == total,
                say("{done} of {total} done", done=done, total=total),
            ),
            Item(
                "time",
                say("{time} of seat time", time=_minutes(facts.credit_seconds)),
                facts.counted_seconds >= facts.credit_seconds,
                say("{time} counted", time=_minutes(facts.counted_seconds)),
            ),
        )
    )


def met(facts: Facts) -> Checklist:
    """The whole checklist: the studying, the declaration, the exam at the provider's pass mark,
    and the evaluation where the course asks for one."""
    score = (
        say("not taken yet")
        if facts.best_percent is None
        else say("best score {percent}%", percent=facts.best_percent)
    )
    asked = say("Pass the exam with {percent}% or more", percent=facts.pass_percent)
    return Checklist(
        (
            *studied(facts).items,
            Item(
                "attestation",
                say("Sign the declaration before the exam"),
                facts.attested,
                say("signed") if facts.attested else say("not signed yet"),
            ),
            Item("exam", asked, facts.passed, score),
            *_evaluation(facts),
        )
    )


def _evaluation(facts: Facts) -> tuple[Item, ...]:
    if facts.evaluated is None:
        return ()
    status = say("answered") if facts.evaluated else say("not answered yet")
    words = say("Say what you think of the course")
    return (Item("evaluation", words, facts.evaluated, status),)


def _minutes(seconds: int) -> str:
    hours, minutes = divmod(seconds // 60, 60)
    if not hours:
        return say("{minutes} min", minutes=minutes)
    if minutes:
        return say("{hours} h {minutes} min", hours=hours, minutes=minutes)
    return say("{hours} h", hours=hours)


@dataclass(frozen=True, slots=True)
class Allowance:
    """More time and more attempts that somebody was given: the time in hundredths of the usual,
    minutes on top, attempts on top."""

    time_percent: int = 100
    extra_minutes: int = 0
    extra_attempts: int = 0

    def minutes(self, usual: int) -> int:
        """How long an exam of `usual` minutes lasts: a part of a minute counts as a whole one."""
        return -(-usual * self.time_percent // 100) + self.extra_minutes


NONE = Allowance()


def together(allowances: Iterable[Allowance]) -> Allowance:
    """What somebody has who was given several: of each kind the most. One for a single course
    never takes away what holds for all."""
    given = [NONE, *allowances]
    return Allowance(
        time_percent=max(one.time_percent for one in given),
        extra_minutes=max(one.extra_minutes for one in given),
        extra_attempts=max(one.extra_attempts for one in given),
    )


Standing = Literal["complete", "open", "study", "passed", "used_up", "wait", "ready"]


@dataclass(frozen=True, slots=True)
class Tried:
    """An earlier attempt. `ended` is None while it is open."""

    deadline: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether an attempt may start now. `complete`: nothing more to do; `open`: one is running;
    `study`: time is missing; `passed`: the exam is done, something else is missing; `used_up`:
    no attempt is left; `wait`: not before `at`; `ready`."""

    standing: Standing
    left: int
    at: datetime | None = None


def admission(
    *,
    complete: bool,
    studied: bool,
    passed: bool,
    short: bool,
    tried: Sequence[Tried],
    attempts: int,
    delay: timedelta,
    now: datetime,
) -> Admission:
    """The rule of the course for starting an attempt: all its time first, `attempts` in all, each
    at least `delay` after the one before has ended. An attempt ends at its deadline at the
    latest. Who has `passed` needs no other, unless the score is `short` of what a license of
    theirs asks and an attempt is left."""
    left = max(0, attempts - len(tried))
    if complete:
        return Admission("complete", left)
    if any(one.ended is None and now < one.deadline for one in tried):
        return Admission("open", left)
    if passed and not (short and left):
        return Admission("passed", left)
    if not studied:
        return Admission("study", left)
    if not left:
        return Admission("used_up", left)
    opens = max((one.ended or one.deadline) + delay for one in tried) if tried else now
    return Admission("wait", left, opens) if now < opens else Admission("ready", left)
