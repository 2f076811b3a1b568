"""What people ask of their licenses: where do I stand, and will this course count? Answered
before anybody pays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet

from creditable.audit import prepared
from creditable.audit.clock import Now
from creditable.catalog.models import Approval, Course
from creditable.credit import atlas, history, lapses, lookups, packs, prospects, verdicts
from creditable.credit.case import Case
from creditable.credit.history import Line
from creditable.credit.lookups import Said
from creditable.credit.pack import Pack
from creditable.credit.phrases import amount_in_words, modes_in_words, need_in_words
from creditable.credit.prospects import (
    Prospect,
    Prospects,
    Reason,
    check_the_date,
    cure_of,
    too_far,
)
from creditable.credit.trial import Missing
from creditable.credit.verdicts import Judgment
from creditable.disclosure import choices
from creditable.lib.dates import local_date
from creditable.lib.words import say
from creditable.people.models import License

SOON_DAYS = 60
SUITED = "offers.suited"
"""The choice of the policy whether courses on offer are arranged by somebody's licenses."""
NOTHING = Fraction(0)


@dataclass(frozen=True)
class Held:
    """A license that somebody holds, with its pack (None when it is not installed) and the day
    that it is there."""

    row: License
    pack: Pack | None
    today: date

    @property
    def authority(self) -> str:
        """Who issued it; the id of a pack that is not installed any more."""
        return self.pack.name if self.pack else self.row.authority

    @property
    def listed(self) -> Said | None:
        """What the authority's public list says of it (the license with its look-up)."""
        return lookups.says(self.row, getattr(self.row, "lookup", None))

    @property
    def name(self) -> str:
        """What kind of license it is, in words."""
        kind = self.pack.license_type(self.row.license_type) if self.pack else None
        return kind.name if kind else self.row.license_type


@dataclass(frozen=True)
class Standing:
    """Where a license stands for its next renewal. `judgment` None: we have no rules for it."""

    held: Held
    judgment: Judgment | None
    cure: str | None = None

    @property
    def verdict(self) -> Literal["met", "not met", "cannot tell"]:
        """Hours are missing by some day; of a license without one, or with one that cannot be
        right, nobody can tell."""
        if self.judgment is None:
            return "cannot tell"
        if self.judgment.verdict == "not met" and (self.end is None or self.is_too_far):
            return "cannot tell"
        return self.judgment.verdict

    @property
    def is_too_far(self) -> bool:
        """Whether the license expires later than one of its kind can."""
        start = self.judgment.start if self.judgment else None
        return start is not None and self.held.today < start

    @property
    def end(self) -> date | None:
        """The last day on which a completion counts; None when that is unknown."""
        return self.judgment.end if self.judgment else None

    @property
    def days_left(self) -> int | None:
        """Days until that one, less than none when the license has expired."""
        ends = [day for day in (self.end, self.held.row.expires) if day]
        return (min(ends) - self.held.today).days if self.end else None

    @property
    def urgency(self) -> Literal["met", "soon", "open"]:
        """Whether nothing is missing, or time is running out."""
        if self.verdict == "met":
            return "met"
        days = self.days_left
        return "soon" if days is not None and days <= SOON_DAYS else "open"

    @property
    def asks(self) -> bool:
        """Whether the rules ask the holder for more than hours."""
        pack = self.held.pack
        return pack is not None and bool(pack.roles or atlas.questions(pack))

    @property
    def needed(self) -> Fraction | None:
        """The units that the renewal asks; None when that is unknown."""
        if self.judgment is None or self.judgment.required is None:
            return None
        return Fraction(self.judgment.required, self.judgment.parts)

    @property
    def filled(self) -> Fraction:
        """How much of that is there: hours beyond a limit or in another topic fill nothing."""
        if self.judgment is None or self.needed is None:
            return NOTHING
        return max(NOTHING, self.needed - Fraction(self.judgment.lacking, self.judgment.parts))

    @property
    def needed_text(self) -> str:
        """What the renewal asks, in the authority's hours; empty when that is unknown."""
        return "" if self.needed is None else self.hours(self.needed)

    @property
    def filled_text(self) -> str:
        """How much of that is there, as a bare number."""
        return self.hours(self.filled).partition(" ")[0]

    @property
    def missing_text(self) -> str:
        """What is missing, in the authority's hours and by topic; empty when that is unknown."""
        if self.judgment is None or self.verdict == "cannot tell":
            return ""
        lone = self._lone
        if lone and lone.amount:
            return self.hours(Fraction(lone.amount, self.judgment.parts))
        return ", ".join(self.judgment.cure)

    @property
    def modes_text(self) -> str:
        """In which ways some of what `missing_text` names must be taken; empty where any will do or
        where that text says so."""
        lone = self._lone
        if self.judgment is None or lone is None or not lone.in_modes or lone.takes_any_mode:
            return ""
        modes = modes_in_words(lone.modes)
        if lone.in_modes == lone.amount:
            return say("All of it {modes}.", modes=modes)
        part = self.hours(Fraction(lone.in_modes, self.judgment.parts))
        return say("At least {part} of it {modes}.", part=part, modes=modes)

    @property
    def _lone(self) -> Missing | None:
        """What is missing when it is hours in any topic and nothing else."""
        missing = self.judgment.missing if self.judgment else ()
        return missing[0] if len(missing) == 1 and missing[0].what == "any" else None

    @property
    def needs_text(self) -> str:
        """What we would have to know."""
        if self.judgment is None:
            return _unknown_rules()
        if self.is_too_far:
            return too_far(self.held.row.expires)
        needs = self.judgment.needs or ("license.expires or renewal_date",)
        return "; ".join(dict.fromkeys(need_in_words(need) for need in needs))

    def hours(self, units: Fraction) -> str:
        """Units of this authority in words: "2 hours"; empty when its rules are unknown."""
        return amount_in_words(units, self.judgment.unit) if self.judgment else ""


@dataclass(frozen=True)
class Holder:
    """Somebody's licenses, in the order in which they were added, and the courses completed so
    far for each authority."""

    licenses: Sequence[Held]
    lines: Mapping[str, Sequence[Line]]

    def prospects(self, course: Course, delivery: str) -> list[Prospect]:
        """One for each license, as if the course were completed today, delivered in that way (the
        course's approvals, which may be prefetched)."""
        approvals = list(course.approvals.all()) if self.licenses else []
        mode = history.MODES.get(delivery, "")
        return [self._prospect(held, weighing, approvals, mode) for held, weighing in self._weighed]

    def lapses(self, course: Course, access_days: int) -> list[str]:
        """What ends before the access does that the holder would buy today (the course's approvals,
        which may be prefetched)."""
        approvals = list(course.approvals.all()) if self.licenses else []
        found = [
            words
            for held in self.licenses
            if held.pack
            for words in lapses.warnings(
                held.pack,
                _of(held.pack, approvals),
                on=held.today,
                until=held.today + timedelta(days=access_days),
                expires=held.row.expires,
            )
        ]
        return list(dict.fromkeys(found))

    def standings(self) -> list[Standing]:
        """One for each license (no query)."""
        return [self._standing(held) for held in self.licenses]

    def case(self, held: Held, pack: Pack) -> Case:
        """One of the licenses with what was completed so far, as its pack judges it."""
        return history.case(pack, held.row, self.lines.get(pack.id, ()), held.today)

    @cached_property
    def _weighed(self) -> list[tuple[Held, Prospects | None]]:
        """The licenses as they are before any course, worked out once for all courses."""
        return [
            (
                held,
                Prospects(held.pack, self.case(held, held.pack), held.today) if held.pack else None,
            )
            for held in self.licenses
        ]

    def _prospect(
        self, held: Held, weighing: Prospects | None, approvals: Sequence[Approval], mode: str
    ) -> Prospect:
        if weighing is None:
            return _unknown_authority(held.row)
        found = weighing.of(_of(weighing.pack, approvals), mode)
        return replace(found, license_name=f"{held.name} {held.row.number}")

    def _standing(self, held: Held) -> Standing:
        if held.pack is None:
            return Standing(held, None)
        stated = self.case(held, held.pack)
        standing = Standing(held, verdicts.judge(held.pack, stated), cure_of(stated))
        return replace(standing, cure=check_the_date()) if standing.is_too_far else standing


def holder(subject_id: UUID) -> Holder:
    """The person as a holder of licenses (two queries; one for somebody without a license)."""
    licenses = []
    for row in _licenses(subject_id):
        pack = packs.find(row.authority)
        today = local_date(row.now, pack.time_zone) if pack else row.now.date()
        licenses.append(Held(row, pack, today))
    return Holder(licenses, history.lines(subject_id) if licenses else {})


def to_suit(subject_id: UUID) -> Holder | None:
    """The holder by whose licenses courses may be arranged; None for whoever holds none or does not
    want that (one query more than `holder`)."""
    found = holder(subject_id)
    return found if wants_suited(subject_id, found) else None


def wants_suited(subject_id: UUID, holder: Holder) -> bool:
    """Whether courses may be arranged by what this holder's licenses need (one query; none for
    somebody without a license)."""
    return bool(holder.licenses) and choices.agrees(subject_id, SUITED)


@prepared.query
def _licenses(subject_id: UUID) -> QuerySet[Any]:
    held = License.objects.filter(subject_id=subject_id).order_by("created_at", "id")
    return held.select_related("lookup").annotate(now=Now())


def lapses_for_anybody(course: Course, access_days: int, at: datetime) -> list[str]:
    """What ends before the access does that somebody without a license here would buy now: the
    approvals of whichever authority (which may be prefetched)."""
    approvals = list(course.approvals.all())
    found: list[str] = []
    for authority in dict.fromkeys(row.authority for row in approvals):
        pack = packs.find(authority)
        if pack:
            on = local_date(at, pack.time_zone)
            until = on + timedelta(days=access_days)
            found += lapses.warnings(pack, _of(pack, approvals), on=on, until=until)
    return found


def _of(pack: Pack, approvals: Iterable[Approval]) -> list[prospects.Approval]:
    """The approvals of that authority as the rules see them."""
    return [history.approval(row) for row in approvals if row.authority == pack.id]


def _unknown_rules() -> str:
    return say("the rules of the authority that issued this license")


def _unknown_authority(license: License) -> Prospect:
    fact = _unknown_rules()
    return Prospect(
        authority=license.authority,
        answer="cannot_tell",
        headline=say("We cannot tell"),
        reasons=(Reason("missing", say("We do not know {fact}.", fact=fact)),),
        facts_missing=(fact,),
        license_name=license.number,
    )
