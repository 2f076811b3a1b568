"""Two versions side by side: which sentences changed, what may leave more widely than before, and
whom of those who once said no that concerns.

What may leave is compared over columns, after the rules are joined with the data map: a column that
moved to another category is disclosed more widely although no rule was touched. A column that the
old version did not know is compared as its category was.

A cell is widened when there is a person, by what they have answered or left unanswered, for whom it
was closed and is open now; or when it stays open and what it rests on is weaker: its purpose moved
off consent, or the recipient has it in another region.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Literal

from creditable.policy import decide
from creditable.policy.contents import Cell, Policy, Reach, covers, leaves
from creditable.policy.decide import Decisions, Opening

Reason = Literal["new", "choice lost", "default", "basis", "region"]
UNDENIABLE = ("legal_obligation", "vital_interests")
"""What rests on these is released whatever the person said; the policy's text says so."""


@dataclass(frozen=True, eq=False)
class Edition:
    """A version with the data map that it was published with. `columns` gives each place of
    personal data (`table.column`, or `table.column.key` in JSON) its category."""

    policy: Policy
    columns: Mapping[str, str]

    @cached_property
    def decisions(self) -> Decisions:
        return decide.compile(self.policy)


@dataclass(frozen=True, slots=True)
class Widening:
    """A cell that lets out more than before. `was` is the old version's cell of the same data,
    whose category differs where columns moved; `columns` are those that moved, none where the
    category as a whole is concerned."""

    cell: Cell
    was: Cell
    reasons: tuple[Reason, ...]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A clause whose words changed, `""` where it stands in one version alone."""

    clause: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Loosening:
    """A bound besides releases that became weaker (`weaker`) or stronger: a retention time and
    what it rests on, an age, what collective figures hold, what a form asks for."""

    what: str
    old: str
    new: str
    weaker: bool


@dataclass(frozen=True)
class Objection:
    """What somebody said no to, in the widest reading, and all their answers to choices (True is
    a yes)."""

    reach: Reach
    answers: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, eq=False)
class Comparison:
    old: Edition
    new: Edition
    sentences: tuple[Sentence, ...]
    widened: tuple[Widening, ...]
    bounds: tuple[Loosening, ...]

    @cached_property
    def narrowed(self) -> tuple[Cell, ...]:
        """The old version's cells that let out less than before, or nothing."""
        return tuple(sorted({widening.was for widening in _widened(self.new, self.old)}))

    def concerned(self, objection: Objection) -> list[Widening]:
        """The widenings that let out for this person what they had objected to: held until they
        say yes. What cannot be refused is not held."""
        answers = dict(objection.answers)
        before = self.old.policy.refused(answers)
        after = self.new.policy.refused(answers)
        return [
            widening
            for widening in self.widened
            if (objection.reach.meets(widening.cell) or objection.reach.meets(widening.was))
            and self.new.policy.purposes[widening.cell.purpose].basis not in UNDENIABLE
            and self.new.decisions.decide(widening.cell, after).allowed
            and (
                not {"basis", "region"}.isdisjoint(widening.reasons)
                or not self.old.decisions.decide(widening.was, before).allowed
            )
        ]


def compare(old: Edition, new: Edition) -> Comparison:
    """What version `new` changes of version `old`, everything in a fixed order."""
    return Comparison(
        old,
        new,
        tuple(_sentences(old.policy, new.policy)),
        tuple(_widened(old, new)),
        tuple(_bounds(old.policy, new.policy)),
    )


def _sentences(old: Policy, new: Policy) -> Iterator[Sentence]:
    """In the order of the new text; what is gone comes last."""
    before = {clause.id: old.says(clause.text) for clause in old.clauses}
    after = {clause.id: new.says(clause.text) for clause in new.clauses}
    for clause in [*after, *(gone for gone in before if gone not in after)]:
        was, words = before.get(clause, ""), after.get(clause, "")
        if was != words:
            yield Sentence(clause, was, words)


def _widened(old: Edition, new: Edition) -> Iterator[Widening]:
    origins = _origins(old, new)
    known = leaves(old.policy.categories)
    for cell in sorted(new.decisions.openings):
        for origin, columns in origins.get(cell.category, {cell.category: ()}).items():
            was = replace(cell, category=_before(origin, known))
            if reasons := tuple(_reasons(old, new, was, cell)):
                yield Widening(cell, was, reasons, columns)


def _origins(old: Edition, new: Edition) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """For each category of the new version's columns, the categories that these had before, with
    the columns that came from another."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for column, category in sorted(new.columns.items()):
        origin = old.columns.get(column, category)
        columns = found.setdefault(category, {})
        columns.setdefault(origin, ())
        if origin != category:
            columns[origin] += (column,)
    return found


def _before(category: str, known: Iterable[str]) -> str:
    """The category under which the old version knew this data: its own, or the one above it that
    had nothing below."""
    return next((name for name in known if covers(name, category)), category)


def _reasons(old: Edition, new: Edition, was: Cell, cell: Cell) -> Iterator[Reason]:
    opened = old.decisions.openings.get(was, ())
    if not opened:
        yield "new"
        return
    openings = new.decisions.openings[cell]
    before, after = old.policy, new.policy
    flipped = frozenset(
        name
        for name, choice in before.choices.items()
        if choice.asked and name in after.choices and not after.choices[name].asked
    )
    if _lets_through(opened, openings, frozenset()):
        yield "choice lost"
    elif _lets_through(opened, openings, flipped):
        yield "default"
    rested_on, rests_on = before.purposes[was.purpose].basis, after.purposes[cell.purpose].basis
    if rested_on == "consent" and rests_on != "consent":
        yield "basis"
    if _region(before, was.recipient) != _region(after, cell.recipient):
        yield "region"


def _lets_through(
    opened: Iterable[Opening], openings: Iterable[Opening], flipped: frozenset[str]
) -> bool:
    """Whether somebody was stopped and is not stopped now. The hardest case for a rule of the new
    version: a person who refuses all choices but those that take the rule away. For them the old
    version let nothing through unless one of its rules gave way to no more than these. A choice in
    `flipped` is one that they have not answered: it stopped, and stops no more."""
    return any(
        not any(before.unless <= opening.unless - flipped for before in opened)
        for opening in openings
    )


def _region(policy: Policy, recipient: str) -> str:
    return policy.regions[policy.recipients[recipient].region]


def _conditions(old: Policy, new: Policy) -> Iterator[Loosening]:
    for name in sorted(old.recipients.keys() & new.recipients.keys()):
        for what, before, after in (
            ("contract", old.needs_contract(name), new.needs_contract(name)),
            ("matter", old.needs_matter(name), new.needs_matter(name)),
        ):
            if before != after:
                words = ("not needed", "required")
                yield Loosening(f"recipient.{name}.{what}", words[before], words[after], before)


def _bounds(old: Policy, new: Policy) -> Iterator[Loosening]:
    yield from _conditions(old, new)
    yield from _kept(old, new)
    if old.minors and new.minors and old.minors != new.minors:
        for key in ("child_under", "purchase_age"):
            before, after = getattr(old.minors, key), getattr(new.minors, key)
            if before != after:
                yield Loosening(f"minors.{key}", str(before), str(after), after < before)
    yield from _figures(old, new)
    yield from _asked(old, new)
    yield from _answerable(old, new)


def _answerable(old: Policy, new: Policy) -> Iterator[Loosening]:
    """Where we and everybody else are, and what a no reaches."""
    here, there = old.regions[old.region], new.regions[new.region]
    if here != there:
        yield Loosening("policy.region", here, there, weaker=True)
    for name in sorted(old.recipients.keys() & new.recipients.keys()):
        if _region(old, name) != _region(new, name):
            before, after = _region(old, name), _region(new, name)
            yield Loosening(f"recipient.{name}.region", before, after, weaker=True)
    for name, choice in new.choices.items():
        known = old.choices.get(name)
        for side, names in asdict(choice.covers).items():
            reached = getattr(known.covers, side) if known else names
            if set(reached) != set(names):
                weaker = bool(names) and not set(reached or ["all"]) <= set(names)
                what = f"choice.{name}.covers.{side}"
                yield Loosening(what, _all_or(reached), _all_or(names), weaker)


def _all_or(names: Sequence[str]) -> str:
    return ", ".join(names) or "all"


def _kept(old: Policy, new: Policy) -> Iterator[Loosening]:
    """Another event, ground or end is told as weaker: which of two is better no rule can say."""
    for name, kept in new.retention.items():
        if (was := old.retention.get(name)) is None:
            continue
        if was.time != kept.time:
            longer = kept.keep is None or (
                was.keep is not None and kept.keep.seconds_about > was.keep.seconds_about
            )
            yield Loosening(f"retention.{name}", was.time, kept.time, longer)
        for key in ("clock", "basis", "then"):
            if getattr(was, key) != getattr(kept, key):
                what = f"retention.{name}.{key}"
                yield Loosening(what, getattr(was, key), getattr(kept, key), weaker=True)
        yield from _purposes(f"retention.{name}", was.purposes, kept.purposes)


def _figures(old: Policy, new: Policy) -> Iterator[Loosening]:
    for name, figures in new.aggregates.items():
        if (known := old.aggregates.get(name)) is None:
            yield Loosening(f"aggregate.{name}", "", figures.label, weaker=True)
            continue
        for key, weaker in (
            ("min_contributors", figures.min_contributors < known.min_contributors),
            ("epsilon", figures.epsilon > known.epsilon),
            ("per_year", figures.per_year > known.per_year),
            ("metrics", not set(figures.metrics) <= set(known.metrics)),
        ):
            if getattr(known, key) != getattr(figures, key):
                yield Loosening(
                    f"aggregate.{name}.{key}",
                    str(getattr(known, key)),
                    str(getattr(figures, key)),
                    weaker,
                )


def _asked(old: Policy, new: Policy) -> Iterator[Loosening]:
    """What forms ask for: a field that is new, or gone, or said to be other data than before."""
    for name, form in new.forms.items():
        if (was := old.forms.get(name)) is None:
            yield Loosening(f"form.{name}", "", form.label, weaker=True)
            continue
        for field in sorted({*was.fields, *form.fields}):
            before, after = was.fields.get(field, ""), form.fields.get(field, "")
            if before != after:
                yield Loosening(f"form.{name}.{field}", before, after, weaker=bool(after))
        yield from _purposes(f"form.{name}", was.purposes, form.purposes)
        if was.clause != form.clause:
            yield Loosening(f"form.{name}.clause", was.clause, form.clause, weaker=True)
    for name in old.forms.keys() - new.forms.keys():
        yield Loosening(f"form.{name}", old.forms[name].label, "", weaker=False)


def _purposes(what: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Loosening]:
    if set(old) != set(new):
        weaker = not set(new) <= set(old)
        yield Loosening(f"{what}.purposes", ", ".join(old), ", ".join(new), weaker)
