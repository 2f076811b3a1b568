"""The decisions of a policy: may this leave, to them, for that, this way?

Denied unless a rule permits it. A `never` beats every rule. A rule is taken away by any one of its
choices that is in force; a cell closes when every rule that opens it has been taken away, so an
objection holds for a cell only if each rule that opens the cell gives way to what was said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from creditable.policy.contents import Cell, Policy, Scope, covers, leaves


@dataclass(frozen=True)
class Verdict:
    """The answer, the rule (or `never.x`) and the clause behind it, and the reason in words."""

    allowed: bool
    rule: str | None
    clause: str | None
    reason: str


@dataclass(frozen=True)
class Opening:
    """A rule that opens a cell, and the choices that take it away."""

    rule: str
    unless: frozenset[str]


@dataclass(frozen=True, eq=False)
class Decisions:
    """A compiled policy. `openings` holds each cell that can be allowed; all others are denied."""

    policy: Policy
    openings: Mapping[Cell, tuple[Opening, ...]]
    barred: Mapping[Cell, str]

    def decide(self, cell: Cell, said: frozenset[str] = frozenset()) -> Verdict:
        """Decide one cell for a person; `said` holds the ids of the choices in force for them."""
        for opening in (openings := self.openings.get(cell, ())):
            if not opening.unless & said:
                return self._verdict(opening.rule, f"permitted: {self._words(cell)}", allowed=True)
        if openings:
            refused = self.policy.choices[min(openings[0].unless & said)]
            did = "has not agreed to" if refused.asked else "said no to"
            return self._verdict(
                openings[0].rule, f"the person {did} {refused.label}: {self._words(cell)}"
            )
        if cell in self.barred:
            return self._verdict(self.barred[cell], f"never: {self._words(cell)}")
        return Verdict(
            allowed=False, rule=None, clause=None, reason=f"no rule permits {self._words(cell)}"
        )

    def _verdict(self, rule: str, reason: str, *, allowed: bool = False) -> Verdict:
        clause = self.policy.clause_of.get(rule)
        return Verdict(allowed, rule, clause.id if clause else None, reason)

    def _words(self, cell: Cell) -> str:
        policy = self.policy
        purpose = policy.purposes.get(cell.purpose)
        recipient = policy.recipients.get(cell.recipient)
        return (
            f"{policy.categories.get(cell.category, cell.category)}"
            f" to {recipient.label if recipient else cell.recipient}"
            f" for {purpose.label if purpose else cell.purpose}"
            f" by {policy.channels.get(cell.channel, cell.channel)}"
            f" ({policy.groups.get(cell.group, cell.group)})"
        )


def compile(policy: Policy) -> Decisions:
    """Work out every cell that a rule opens, and which of them a `never` shuts again."""
    sides = (
        leaves(policy.categories),
        leaves(policy.recipients),
        leaves(policy.purposes),
        leaves(policy.channels),
        leaves(policy.groups),
    )

    def cells(scope: Scope) -> set[Cell]:
        named = (scope.categories, scope.recipients, scope.purposes, scope.channels, scope.groups)
        covered = (
            [leaf for leaf in side if any(covers(name, leaf) for name in names)]
            for side, names in zip(sides, named, strict=True)
        )
        return {Cell(*point) for point in product(*covered)}

    barred: dict[Cell, str] = {}
    for never in policy.never:
        for cell in cells(never.scope):
            barred.setdefault(cell, f"never.{never.id}")
    openings: dict[Cell, tuple[Opening, ...]] = {}
    for rule in policy.rules:
        opening = Opening(rule.id, frozenset(rule.unless))
        for cell in cells(rule.permit) - barred.keys():
            openings[cell] = (*openings.get(cell, ()), opening)
    return Decisions(policy, openings, barred)
