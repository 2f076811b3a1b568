"""What somebody would have to take to renew every license, for the least money or in the least
time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from creditable.catalog.models import CourseVersion
from creditable.credit import counts, history, planner, prospects, verdicts
from creditable.credit.case import Completion
from creditable.credit.counts import Held, Holder, Standing
from creditable.credit.planner import Choice, Goal
from creditable.credit.verdicts import Judgment
from creditable.lib.money import Money
from creditable.store import offers


@dataclass(frozen=True)
class Aim:
    """A license whose authority we have rules of, and where it stands. `lacking` are the hours
    missing, None where nobody can tell."""

    standing: Standing
    goal: Goal
    lacking: Fraction | None

    @property
    def held(self) -> Held:
        return self.standing.held

    @property
    def now(self) -> Judgment:
        judgment = self.standing.judgment
        assert judgment is not None
        return judgment

    @property
    def to_do(self) -> list[str]:
        """What must be done besides hours."""
        return [row.words for row in self.now.missing if row.amount is None]

    @property
    def to_learn(self) -> list[str]:
        """The hours that are missing when that is done."""
        return [words for words in self.now.cure if words not in self.to_do]

    def words(self, amount: Fraction) -> str:
        return self.standing.hours(amount)


@dataclass(frozen=True)
class Offered:
    """A course that could be taken. `price` None: the person has it already."""

    version: CourseVersion
    price: Money | None
    choice: Choice

    @property
    def cents(self) -> int:
        return self.price.cents if self.price else 0


@dataclass(frozen=True)
class Step:
    """A course of a plan, and what it counts for each license that it serves."""

    course: Offered
    counts: Sequence[tuple[Aim, str]]


@dataclass(frozen=True)
class Plan:
    """Courses that bring the licenses as far as courses can. `left` is what is still missing then,
    for each license that lacks something; `is_least`: nothing else does as much for less."""

    steps: Sequence[Step]
    left: Sequence[tuple[Aim, str]]
    is_least: bool

    @property
    def price(self) -> Money:
        return Money.total(step.course.price for step in self.steps if step.course.price)

    @property
    def minutes(self) -> int:
        return sum(step.course.version.credit_minutes for step in self.steps)

    def is_same(self, other: "Plan") -> bool:
        return [step.course for step in self.steps] == [step.course for step in other.steps]


@dataclass(frozen=True)
class Outlook:
    """The licenses in the order in which they were added, and the plans for all of them at once."""

    aims: Sequence[Aim]
    unruled: Sequence[Held]
    cheapest: Plan
    quickest: Plan

    @property
    def can_tell(self) -> bool:
        """Whether anybody knows of any license how many hours are missing."""
        return any(aim.lacking is not None for aim in self.aims)


def outlook(subject_id: UUID, *, taking: Collection[UUID] = ()) -> Outlook:
    """Where the person's licenses stand and what there is to do (four queries). `taking` are the
    courses that the person has and has not completed, by their ids: those cost nothing more."""
    holder = counts.holder(subject_id)
    standings = holder.standings()
    aims = [_aim(each, holder) for each in standings if each.held.pack]
    offered = _offered(aims, taking) if aims else []
    minutes = 1 + sum(each.version.credit_minutes for each in offered)
    cents = 1 + sum(each.cents for each in offered)
    return Outlook(
        aims=aims,
        unruled=[each.held for each in standings if not each.held.pack],
        cheapest=_plan(
            aims, offered, [each.cents * minutes + each.version.credit_minutes for each in offered]
        ),
        quickest=_plan(
            aims, offered, [each.version.credit_minutes * cents + each.cents for each in offered]
        ),
    )


def _aim(standing: Standing, holder: Holder) -> Aim:
    held = standing.held
    assert held.pack is not None
    goal = Goal(held.pack, holder.case(held, held.pack))
    return Aim(standing, goal, goal.lacks())


def _offered(aims: Sequence[Aim], taking: Collection[UUID]) -> list[Offered]:
    """The courses that any of the authorities has approved, those first whose approval ends first
    (two queries)."""
    found = []
    for version, price in offers.listing():
        if price is None and version.course_id not in taking:
            continue
        approved = _approved(version, aims)
        if approved:
            found.append((version, None if version.course_id in taking else price, approved))
    found.sort(key=lambda each: min(last for _, last in each[2].values()))
    return [
        Offered(
            version,
            price,
            Choice(
                name=str(version.pk),
                cost=1,
                completions={
                    authority: replace(stated, finished=min(_later(stated.finished, place), last))
                    for authority, (stated, last) in approved.items()
                },
            ),
        )
        for place, (version, price, approved) in enumerate(found)
    ]


def _approved(version: CourseVersion, aims: Sequence[Aim]) -> dict[str, tuple[Completion, date]]:
    """By authority, the course as if it were completed today, and the last day on which it would
    count as well."""
    found = {}
    for aim in aims:
        pack, today = aim.goal.pack, aim.held.today
        in_force = pack.rules_on(today, aim.held.row.license_type)
        ends = [other.held.row.expires for other in aims if other.goal.pack is pack]
        for row in version.course.approvals.all():
            approval = history.approval(row)
            if in_force and row.authority == pack.id and approval.covers(today):
                last = min([approval.valid_to, *(day for day in ends if day)])
                mode = history.MODES.get(version.delivery, "")
                stated = prospects.completion(in_force, approval, today, mode)
                found[pack.id] = (stated, max(today, last))
    return found


def _later(day: date | None, days: int) -> date:
    """One course a day: some authorities count only so many hours of one."""
    assert day is not None
    return day + timedelta(days=days)


def _plan(aims: Sequence[Aim], offered: Sequence[Offered], costs: Sequence[int]) -> Plan:
    choices = [replace(each.choice, cost=cost) for each, cost in zip(offered, costs, strict=True)]
    found = planner.plan([aim.goal for aim in aims], choices)
    taken = {choice.name for choice in found.choices}
    courses = [each for each in offered if each.choice.name in taken]
    return Plan(
        steps=_steps(courses, aims),
        left=[
            (aim, aim.words(lacking))
            for aim, lacking in zip(aims, found.lacking, strict=True)
            if lacking
        ],
        is_least=found.is_least,
    )


def _steps(courses: Sequence[Offered], aims: Sequence[Aim]) -> list[Step]:
    counts: dict[str, list[tuple[Aim, str]]] = {course.choice.name: [] for course in courses}
    for aim in aims:
        pack, case = aim.goal.pack, aim.goal.case
        serving = [course for course in courses if pack.id in course.choice.completions]
        added = [course.choice.completions[pack.id] for course in serving]
        judgment = verdicts.judge(pack, replace(case, completions=(*case.completions, *added)))
        lines = judgment.lines[len(case.completions) :]
        for course, line in zip(serving, lines, strict=False):  # other lines may follow
            if aim.lacking and line.counted:
                words = aim.words(Fraction(line.counted, judgment.parts))
                counts[course.choice.name].append((aim, words))
    return [Step(course, counts[course.choice.name]) for course in courses]
