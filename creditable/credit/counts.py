"""What people ask of their licenses: where do I stand, and will this course count? Answered
before anybody pays."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from creditable.audit.clock import Now
from creditable.catalog.models import Approval, Course
from creditable.credit import history, packs, rules
from creditable.credit.pack import Pack, Rules
from creditable.credit.rules import Line, Reason, Renewal, Verdict
from creditable.lib.dates import local_date
from creditable.lib.words import say
from creditable.people.models import License

SOON_DAYS = 60


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
    def name(self) -> str:
        """What kind of license it is, in words."""
        kind = self.pack.license_type(self.row.license_type) if self.pack else None
        return kind.name if kind else self.row.license_type


@dataclass(frozen=True)
class Standing:
    """Where a license stands for its next renewal."""

    held: Held
    renewal: Renewal

    @property
    def days_left(self) -> int | None:
        """Days until the last one on which a completion counts; None when that is unknown."""
        window = self.renewal.window
        return (window.end - self.held.today).days if window else None

    @property
    def urgency(self) -> Literal["met", "soon", "open"]:
        """Whether nothing is missing, or time is running out."""
        if self.renewal.verdict == "met":
            return "met"
        days = self.days_left
        return "soon" if days is not None and days <= SOON_DAYS else "open"

    @property
    def needed_text(self) -> str:
        """What the renewal asks, in the authority's hours; empty when that is unknown."""
        return self._hours(rules.hours_phrase, self.renewal.minutes_needed)

    @property
    def counted_text(self) -> str:
        """What counts so far, as a bare number of hours."""
        return self._hours(rules.hours_text, self.renewal.minutes_counted)

    @property
    def missing_text(self) -> str:
        """What is missing, in the authority's hours; empty when that is unknown."""
        return self._hours(rules.hours_phrase, self.renewal.minutes_missing)

    def hours(self, minutes: int) -> str:
        """Minutes of this authority in words: "2 hours"; empty when its rules are unknown."""
        return self._hours(rules.hours_phrase, minutes)

    def _hours(self, phrase: Callable[[int, Rules], str], minutes: int | None) -> str:
        in_force = self.held.pack.rules_on(self.held.today) if self.held.pack else None
        return "" if in_force is None or minutes is None else phrase(minutes, in_force)


@dataclass(frozen=True)
class Holder:
    """Somebody's licenses, in the order in which they were added, and the courses completed so
    far for each authority."""

    licenses: Sequence[Held]
    lines: Mapping[str, Sequence[Line]]

    def verdicts(self, course: Course) -> list[Verdict]:
        """One for each license, as if the course were completed today (the course's approvals,
        which may be prefetched)."""
        approvals = list(course.approvals.all()) if self.licenses else []
        return [self._verdict(held, approvals) for held in self.licenses]

    def standings(self) -> list[Standing]:
        """One for each license (no query)."""
        return [Standing(held, self._renewal(held)) for held in self.licenses]

    def _verdict(self, held: Held, approvals: Sequence[Approval]) -> Verdict:
        if held.pack is None:
            return _unknown_authority(held.row)
        verdict = rules.verdict(
            held.pack,
            history.license(held.row),
            [history.approval(row) for row in approvals if row.authority == held.pack.id],
            self.lines.get(held.pack.id, ()),
            held.today,
        )
        return replace(verdict, license_name=f"{held.name} {held.row.number}")

    def _renewal(self, held: Held) -> Renewal:
        if held.pack is None:
            return Renewal("cannot_tell", fact_missing=_unknown_rules())
        lines = self.lines.get(held.pack.id, ())
        return rules.renewal(held.pack, history.license(held.row), lines, held.today)


def holder(subject_id: UUID) -> Holder:
    """The person as a holder of licenses (two queries; one for somebody without a license)."""
    rows = (
        License.objects.filter(subject_id=subject_id)
        .annotate(now=Now())
        .order_by("created_at", "id")
    )
    licenses = []
    for row in rows:
        pack = packs.find(row.authority)
        today = local_date(row.now, pack.time_zone) if pack else row.now.date()
        licenses.append(Held(row, pack, today))
    return Holder(licenses, history.lines(subject_id) if licenses else {})


def _unknown_rules() -> str:
    return say("the rules of the authority that issued this license")


def _unknown_authority(license: License) -> Verdict:
    fact = _unknown_rules()
    return Verdict(
        authority=license.authority,
        answer="cannot_tell",
        headline=say("We cannot tell"),
        reasons=(Reason("missing", say("We do not know {fact}.", fact=fact)),),
        facts_missing=(fact,),
        license_name=license.number,
    )
