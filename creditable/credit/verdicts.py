"""May this license be renewed? A case judged by a pack: met, not met, or cannot tell.

What nobody told and no text says is a doubt. The case is judged with every doubt settled against
the holder and, if there is any, with every doubt settled in the holder's favor: where both agree,
the doubts do not matter and the verdict stands; otherwise it is "cannot tell", with the doubts that
matter as what is needed. All amounts are exact fractions of the authority's unit.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from creditable.credit.case import Case
from creditable.credit.conversion import number
from creditable.credit.holder import Doubts, Holder
from creditable.credit.pack import LicenseType, Pack
from creditable.credit.trial import Line, Missing, Trial
from creditable.lib.words import say

Answer = Literal["met", "not met", "cannot tell"]

RANK: dict[Answer, int] = {"not met": 0, "cannot tell": 1, "met": 2}
PLACING = frozenset({"period", "finished", "term"})  # doubts about when, not about how much


@dataclass(frozen=True, slots=True)
class Judgment:
    """The verdict for one renewal. Amounts are in parts of a unit, which has `parts` of them; None
    stands for what is not known."""

    verdict: Answer
    unit: str
    parts: int
    required: int | None
    counted: int
    missing: tuple[Missing, ...]
    cure: tuple[str, ...]
    lines: tuple[Line, ...]
    carry_in: int
    carry_out: int | None
    needs: tuple[str, ...]
    notes: tuple[str, ...]
    start: date | None
    end: date | None

    @property
    def lacking(self) -> int:
        """The hours that would cure what is missing."""
        return sum(row.amount or 0 for row in self.missing)

    def number(self, amount: int | None) -> int | float | None:
        """An amount in units; cut after four digits where it has more."""
        return None if amount is None else number(Fraction(amount, self.parts))

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "verdict": self.verdict,
            "required": self.number(self.required),
            "counted": self.number(self.counted),
            "missing": [
                {
                    "what": row.what,
                    "name": row.name,
                    "amount": self.number(row.amount),
                    "minutes": None if row.minutes is None else number(row.minutes),
                    "modes": list(row.modes),
                    "in_modes": self.number(row.in_modes),
                    "words": row.words,
                }
                for row in self.missing
            ],
            "cure": list(self.cure),
            "lines": [
                {
                    "completion": row.name if row.completion is None else row.completion,
                    "course": row.name,
                    "counted": self.number(row.counted),
                    "why": row.why,
                }
                for row in self.lines
            ],
            "carry_in": self.number(self.carry_in),
            "carry_out": self.number(self.carry_out),
            "needs": list(self.needs),
            "notes": list(self.notes),
            "unit": self.unit,
            "window": {"from": _iso(self.start), "to": _iso(self.end)},
        }


def judge(pack: Pack, case: Case) -> Judgment:
    """The verdict on the case. CaseRefused where a fact in it cannot be."""
    holder = Holder(pack, case)
    kinds: dict[tuple[int, ...], list[LicenseType]] = defaultdict(list)
    for kind in holder.kinds:
        kinds[pack.versions_for(kind.id)].append(kind)
    if len(kinds) < 2:
        return _judged(holder)
    return _of_any([_of_kinds(pack, case, alike) for alike in kinds.values()], holder)


def _of_kinds(pack: Pack, case: Case, alike: list[LicenseType]) -> tuple[str, Judgment]:
    """The verdict on a license of one of these types, whose rules are the same; and their names."""
    license = replace(case.license, type=alike[0].id)
    names = ", ".join(kind.name for kind in alike)
    return names, _judged(Holder(pack, replace(case, license=license)))


def _of_any(named: list[tuple[str, Judgment]], holder: Holder) -> Judgment:
    """The verdict on a license that is of one of several types, which have rules of their own.
    Of those with the worst verdict the one that lacks least is told, and for which types: no part
    of what it lacks would be enough for any of them."""
    names, shown = min(named, key=lambda row: (RANK[row[1].verdict], row[1].lacking))
    found = [judgment for _, judgment in named]
    if len({each.missing for each in found}) > 1:
        note = say(
            "What is missing is told for: {types}. It is other for other types.", types=names
        )
        shown = replace(shown, notes=(*shown.notes, note))
    if len({each.required for each in found}) > 1:
        shown = replace(shown, required=None)
    if len({each.carry_out for each in found}) > 1:
        shown = replace(shown, carry_out=None)
    if len({each.verdict for each in found}) == 1 and shown.verdict != "cannot tell":
        return shown
    types = ", ".join(kind.id for kind in holder.kinds)
    kind = say("license.type, one of {types}", types=types)
    needs = dict.fromkeys([kind, *(need for each in found for need in each.needs)])
    return replace(shown, verdict="cannot tell", carry_out=None, needs=tuple(needs))


def _judged(holder: Holder) -> Judgment:
    against, for_it = Doubts(favorable=False), Doubts(favorable=True)
    worst = Trial(holder, against)
    best = Trial(holder, for_it) if against.seen else worst
    doubts = against.seen | for_it.seen
    required = worst.required if worst.required == best.required else None
    if worst.met or not best.met:
        return _judgment(holder, worst if worst.met else best, required)
    alone = {key: Doubts(favorable=True, but=frozenset({key})) for key in doubts}
    matter = [key for key in doubts if not Trial(holder, alone[key]).met] or list(doubts)
    shown = worst
    if placing := PLACING & doubts.keys():
        shown = Trial(holder, Doubts(favorable=False, but=placing))
    return _judgment(holder, shown, required, tuple(doubts[key] for key in matter))


def _judgment(
    holder: Holder, shown: Trial, required: int | None, needs: tuple[str, ...] = ()
) -> Judgment:
    found, rows = shown.finding(), holder.case.completions
    untold = (0, say("not within the period (out of window)"))
    lines = [
        Line(index, row.course or row.approval, *found.lines.get(index, untold))
        for index, row in enumerate(rows)
    ]
    period = found.period
    return Judgment(
        verdict="cannot tell" if needs else "met" if found.met else "not met",
        unit=holder.pack.unit,
        parts=holder.unit,
        required=required,
        counted=found.counted,
        missing=() if found.met else tuple(found.missing),
        cure=() if found.met else tuple(row.words for row in found.cure),
        lines=(*lines, *found.given),
        carry_in=found.carry_in,
        carry_out=None if needs else found.carry_out,
        needs=needs,
        notes=tuple(dict.fromkeys([*found.notes, *holder.notes])),
        start=period.start if period and period.start > date.min else None,
        end=period.end if period else None,
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
