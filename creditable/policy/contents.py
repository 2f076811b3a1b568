"""What a policy document says, as values: its parts, and the answers to what its texts ask."""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from creditable.policy import wording
from creditable.policy.duration import Duration


@dataclass(frozen=True)
class Controller:
    """The provider who answers for the data."""

    name: str
    address: str
    email: str
    phone: str


@dataclass(frozen=True)
class Authority:
    """The supervisory authority to which a person may complain."""

    name: str
    website: str


@dataclass(frozen=True)
class Purpose:
    label: str
    basis: str


@dataclass(frozen=True)
class Recipient:
    """Somebody to whom data can go; `region` is where they have it then. Who needs a `contract`
    gets nothing while none is in force; who needs a `matter`, nothing but what a legal matter
    names."""

    label: str
    region: str
    contract: bool = False
    matter: bool = False


@dataclass(frozen=True)
class Store:
    """A place where data is kept; `keeps` names the retention classes that lie there."""

    label: str
    region: str
    keeps: tuple[str, ...]


@dataclass(frozen=True)
class Scope:
    """A block of cells, each side given by names that cover everything below them."""

    categories: tuple[str, ...]
    recipients: tuple[str, ...]
    purposes: tuple[str, ...]
    channels: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, order=True)
class Cell:
    """One question of release. Each side is a name with nothing below it in the policy's tree."""

    category: str
    recipient: str
    purpose: str
    channel: str
    group: str


@dataclass(frozen=True, order=True)
class Reach:
    """Cells in the widest reading: a side without names means anything, also what a later version
    declares; a name covers everything below it. What a "no" is about is kept as a reach and never
    as the ids of rules, so that renaming a rule or a purpose takes no "no" away."""

    categories: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def meets(self, cell: Cell) -> bool:
        return (
            _within(cell.category, self.categories)
            and _within(cell.recipient, self.recipients)
            and _within(cell.purpose, self.purposes)
            and _within(cell.channel, self.channels)
            and _within(cell.group, self.groups)
        )

    def includes(self, scope: Scope) -> bool:
        """Whether all that the scope names lies within the reach."""
        return (
            all(_within(name, self.categories) for name in scope.categories)
            and all(_within(name, self.recipients) for name in scope.recipients)
            and all(_within(name, self.purposes) for name in scope.purposes)
            and all(_within(name, self.channels) for name in scope.channels)
            and all(_within(name, self.groups) for name in scope.groups)
        )


@dataclass(frozen=True)
class Choice:
    """Something a person decides. `default` is what holds while the person says nothing: where it
    is `deny`, the person is asked first. `covers` is what a "no" is about. `gpc` tells that a
    browser which sends Global Privacy Control has said no to it."""

    label: str
    default: str
    covers: Reach
    gpc: bool = False

    @property
    def asked(self) -> bool:
        """Whether only a yes allows it."""
        return self.default == "deny"


@dataclass(frozen=True)
class Rule:
    """A permission. Any one of the choices in `unless`, when in force, takes it away."""

    id: str
    permit: Scope
    unless: tuple[str, ...]


@dataclass(frozen=True)
class Never:
    """A bar that no rule opens."""

    id: str
    scope: Scope


@dataclass(frozen=True)
class Aggregate:
    """Collective figures for one kind of recipient, with the bounds that keep persons out."""

    label: str
    metrics: tuple[str, ...]
    min_contributors: int
    epsilon: Fraction
    per_year: int


@dataclass(frozen=True)
class Retention:
    """How long a class of rows is kept after its clock, for which purposes, and what happens
    `then`.

    `keep` is None for as long as the account exists. `then: stay` means that the program does not
    remove the rows by itself.
    """

    label: str
    clock: str
    keep: Duration | None
    then: str
    purposes: tuple[str, ...]
    basis: str

    @property
    def time(self) -> str:
        """As a text says it."""
        return "as long as your account exists" if self.keep is None else str(self.keep)


@dataclass(frozen=True)
class Minors:
    """Ages in full years."""

    child_under: int
    purchase_age: int


@dataclass(frozen=True)
class Measure:
    """What the program does, besides releasing or not: a figure it obeys, a test that proves it."""

    label: str
    value: Duration | int | None
    promises: tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """A form that asks for personal data: its fields, and the notice that stands beside them."""

    label: str
    fields: Mapping[str, str]
    purposes: tuple[str, ...]
    notice: str
    clause: str


@dataclass(frozen=True)
class Clause:
    """A paragraph of the text; `binds` are references to what keeps it. `table` is what stands
    below it, written out from the rules: `stores`, `recipients` or nothing."""

    id: str
    text: str
    binds: tuple[str, ...]
    promises: tuple[str, ...]
    table: str


@dataclass(frozen=True)
class Section:
    id: str
    title: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Policy:
    """One version of a provider's policy. Two are equal when their canonical bytes are."""

    id: str
    version: int
    supersedes: int | None
    effective: dt.date
    region: str
    controller: Controller
    authority: Authority
    categories: Mapping[str, str]
    regions: Mapping[str, str]
    recipients: Mapping[str, Recipient]
    stores: Mapping[str, Store]
    purposes: Mapping[str, Purpose]
    channels: Mapping[str, str]
    groups: Mapping[str, str]
    choices: Mapping[str, Choice]
    rules: tuple[Rule, ...]
    never: tuple[Never, ...]
    aggregates: Mapping[str, Aggregate]
    retention: Mapping[str, Retention]
    minors: Minors | None
    measures: Mapping[str, Measure]
    forms: Mapping[str, Form]
    sections: tuple[Section, ...]
    canonical: bytes

    def __repr__(self) -> str:
        return f"<Policy {self.id} version {self.version} {self.sha256[:12]}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Policy) and self.canonical == other.canonical

    def __hash__(self) -> int:
        return hash(self.canonical)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical).hexdigest()

    def refused(self, answers: Mapping[str, bool]) -> frozenset[str]:
        """The choices in force against releases for a person who has given these answers (True is
        a yes): each "no", and each that is asked first and has no answer."""
        return frozenset(
            name for name, choice in self.choices.items() if not answers.get(name, not choice.asked)
        )

    def needs_contract(self, recipient: str) -> bool:
        """Whether the recipient, or anything it belongs to, gets something under a contract
        alone."""
        return any(
            named.contract for name, named in self.recipients.items() if covers(name, recipient)
        )

    def needs_matter(self, recipient: str) -> bool:
        """Whether the recipient, or anything it belongs to, gets something under a legal matter
        alone."""
        return any(
            named.matter for name, named in self.recipients.items() if covers(name, recipient)
        )

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        return tuple(clause for section in self.sections for clause in section.clauses)

    @cached_property
    def clause_of(self) -> Mapping[str, Clause]:
        """The first clause that binds a reference: the sentence under which a thing is done."""
        found: dict[str, Clause] = {}
        for clause in self.clauses:
            for reference in clause.binds:
                found.setdefault(reference, clause)
        return found

    def says(self, text: str) -> str:
        """A text of this policy with its questions answered."""
        return wording.fill(text, lambda what, of: self.answers[what, of])

    @cached_property
    def answers(self) -> Mapping[tuple[str, str], str]:
        """The answer to every question that a text of this policy can ask."""
        answers: dict[tuple[str, str], str] = {
            ("version", "policy"): str(self.version),
            ("date", "policy"): f"{self.effective:%B} {self.effective.day}, {self.effective.year}",
            ("region", "policy"): self.regions[self.region],
        }
        for of, party in (("controller", self.controller), ("authority", self.authority)):
            answers |= {(what, of): said for what, said in vars(party).items()}
        purposes = {name: purpose.label for name, purpose in self.purposes.items()}
        recipients = {name: recipient.label for name, recipient in self.recipients.items()}
        labels = {
            "category": self.categories,
            "recipient": recipients,
            "store": {name: store.label for name, store in self.stores.items()},
            "purpose": purposes,
            "choice": {name: choice.label for name, choice in self.choices.items()},
            "measure": {name: measure.label for name, measure in self.measures.items()},
            "form": {name: form.label for name, form in self.forms.items()},
            "retention": {name: kept.label for name, kept in self.retention.items()},
            "aggregate": {name: figures.label for name, figures in self.aggregates.items()},
        }
        for kind, named in labels.items():
            answers |= {("label", f"{kind}.{name}"): label for name, label in named.items()}
        scopes = {rule.id: rule.permit for rule in self.rules}
        scopes |= {f"never.{bar.id}": bar.scope for bar in self.never}
        for of, scope in scopes.items():
            for what, names, words in (
                ("categories", scope.categories, self.categories),
                ("recipients", scope.recipients, recipients),
                ("purposes", scope.purposes, purposes),
                ("channels", scope.channels, self.channels),
                ("groups", scope.groups, self.groups),
            ):
                last = "or" if of.startswith("never.") else "and"
                answers[what, of] = wording.listed((words[name] for name in names), last)
        answers |= self._resting()
        answers |= {
            ("keep", f"retention.{name}"): kept.time for name, kept in self.retention.items()
        }
        for kind, places in (("recipient", self.recipients), ("store", self.stores)):
            answers |= {
                ("region", f"{kind}.{name}"): self.regions[place.region]
                for name, place in places.items()
            }
        for name, measure in self.measures.items():
            if measure.value is not None:
                answers["value", f"measure.{name}"] = str(measure.value)
        for name, figures in self.aggregates.items():
            answers["metrics", f"aggregate.{name}"] = wording.listed(figures.metrics)
            answers["min_contributors", f"aggregate.{name}"] = str(figures.min_contributors)
            answers["per_year", f"aggregate.{name}"] = str(figures.per_year)
        for name, form in self.forms.items():
            answers["categories", f"form.{name}"] = wording.listed(
                self.categories[category] for category in self._gathered(form.fields.values())
            )
            answers["purposes", f"form.{name}"] = wording.listed(
                purposes[purpose] for purpose in form.purposes
            )
        return answers

    def _resting(self) -> Mapping[tuple[str, str], str]:
        """The purposes that rest on each legal basis."""
        bases: dict[str, list[str]] = {}
        for purpose in self.purposes.values():
            bases.setdefault(purpose.basis, []).append(purpose.label)
        return {
            ("purposes", f"basis.{basis}"): wording.listed(labels)
            for basis, labels in bases.items()
        }

    def _gathered(self, categories: Iterable[str]) -> list[str]:
        """Categories in the order of listing; all that lie below one name become that name."""
        asked = set(categories)
        for name in sorted(self.categories, reverse=True):
            below = {other for other in self.categories if other.rpartition(".")[0] == name}
            if below and below <= asked:
                asked = (asked - below) | {name}
        return [name for name in self.categories if name in asked]


def _within(name: str, names: tuple[str, ...]) -> bool:
    """Whether one of the names covers it; no names at all cover everything."""
    return not names or any(covers(above, name) for above in names)


def covers(name: str, other: str) -> bool:
    """Whether a name of a tree is the other or stands above it."""
    return other == name or other.startswith(f"{name}.")


def leaves(names: Collection[str]) -> tuple[str, ...]:
    """The names of a tree with nothing below them: what can really be sent, or sent to."""
    return tuple(
        name
        for name in sorted(names)
        if not any(other != name and covers(name, other) for other in names)
    )


def anchor_of(name: str) -> str:
    """The id of a clause or section in the page, the same in every version."""
    return name.replace(".", "-")
