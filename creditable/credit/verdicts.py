"""May this license be renewed? A case judged by a pack: met, not met, or cannot tell.

What nobody told and no text says is a doubt. The case is judged with every doubt settled against
the holder and, if there is any, with every doubt settled in the holder's favor: where both agree,
the doubts do not matter and the verdict stands; otherwise it is "cannot tell", with the doubts that
matter as what is needed. All amounts are exact fractions of the authority's unit.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from creditable.credit.case import Case
from creditable.credit.conversion import number
from creditable.credit.holder import Doubts, Holder
from creditable.credit.pack import Pack
from creditable.credit.trial import Line, Missing, Outcome, Trial
from creditable.lib.words import say

Answer = Literal["met", "not met", "cannot tell"]

NOTHING = Fraction(0)
PLACING = frozenset({"period", "finished", "term"})  # doubts about when, not about how much


@dataclass(frozen=True, slots=True)
class Judgment:
    """The verdict for one renewal. None stands for what is not known."""

    verdict: Answer
    unit: str
    required: Fraction | None
    counted: Fraction
    missing: tuple[Missing, ...]
    lines: tuple[Line, ...]
    carry_in: Fraction
    carry_out: Fraction | None
    needs: tuple[str, ...]
    notes: tuple[str, ...]
    start: date | None
    end: date | None

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "verdict": self.verdict,
            "required": _number(self.required),
            "counted": number(self.counted),
            "missing": [
                {
                    "what": row.what,
                    "name": row.name,
                    "amount": _number(row.amount),
                    "minutes": _number(row.minutes),
                    "modes": list(row.modes),
                    "in_modes": _number(row.in_modes),
                    "words": row.words,
                }
                for row in self.missing
            ],
            "lines": [
                {
                    "completion": row.name if row.completion is None else row.completion,
                    "course": row.name,
                    "counted": number(row.counted),
                    "why": row.why,
                }
                for row in self.lines
            ],
            "carry_in": number(self.carry_in),
            "carry_out": _number(self.carry_out),
            "needs": list(self.needs),
            "notes": list(self.notes),
            "unit": self.unit,
            "window": {"from": _iso(self.start), "to": _iso(self.end)},
        }


def judge(pack: Pack, case: Case) -> Judgment:
    """The verdict on the case. CaseRefused where a fact in it cannot be."""
    holder = Holder(pack, case)
    against, for_it = Doubts(favorable=False), Doubts(favorable=True)
    worst = Trial(holder, against).outcome()
    best = Trial(holder, for_it).outcome() if against.seen else worst
    doubts = against.seen | for_it.seen
    required = worst.required if worst.required == best.required else None
    if worst.met or not best.met:
        return _judgment(holder, worst if worst.met else best, required)
    matter = [key for key in doubts if not _without(holder, key).met] or list(doubts)
    placing = Doubts(favorable=False, but=PLACING & doubts.keys())
    shown = Trial(holder, placing).outcome() if PLACING & doubts.keys() else worst
    return _judgment(holder, shown, required, tuple(doubts[key] for key in matter))


def _without(holder: Holder, key: str) -> Outcome:
    """What comes out with this doubt alone against the holder."""
    return Trial(holder, Doubts(favorable=True, but=frozenset({key}))).outcome()


def _judgment(
    holder: Holder, shown: Outcome, required: Fraction | None, needs: tuple[str, ...] = ()
) -> Judgment:
    rows = holder.case.completions
    untold = (NOTHING, say("not within the period (out of window)"))
    lines = [
        Line(index, row.course or row.approval, *shown.lines.get(index, untold))
        for index, row in enumerate(rows)
    ]
    period = shown.period
    return Judgment(
        verdict="cannot tell" if needs else "met" if shown.met else "not met",
        unit=holder.pack.unit,
        required=required,
        counted=shown.counted,
        missing=() if shown.met else tuple(shown.missing),
        lines=(*lines, *shown.given),
        carry_in=shown.carry_in,
        carry_out=None if needs else shown.carry_out,
        needs=needs,
        notes=tuple(dict.fromkeys([*shown.notes, *holder.notes])),
        start=period.start if period and period.start > date.min else None,
        end=period.end if period else None,
    )


def _number(amount: Fraction | None) -> int | float | None:
    return None if amount is None else number(amount)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
