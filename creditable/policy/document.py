"""The policy document: one declared version of what a provider promises, read strictly.

A version is a directory of YAML files that together hold one document, split by top-level key:

    policy       id, version, supersedes, effective, region, controller, authority
    categories   [name: what a person calls it], in the order of listing. Dots make a tree
    regions      name: the country, and the state where it matters
    recipients   name: {label, region, contract: required, matter: required}. A tree as well; the
                 parent is declared too. With `contract`, nothing leaves while none is in force;
                 with `matter`, nothing but what an approved legal matter names. `renter` and
                 whoever stands below it rents lists: no rule may name e-mail or phone for them
    stores       name: {label, region, keeps: [retention class]}. Where data is kept
    purposes     name: {label, basis}
    channels     name: label
    groups       name: label. Whose data: customer, visitor ...
    choices      name: {label, default: allow | deny, covers: {categories, recipient, purpose,
                 channel, group}, gpc: deny}. What a person can say, and what a "no" is about: a
                 side that is left out means anything. `deny` is asked first. With `gpc`, Global
                 Privacy Control says no
    rules        [{id, permit: {categories, recipient, purpose, channel, group}, unless: [choice]}]
    never        [{id, categories, recipient, purpose, channel, group}]; what is left out means any
    aggregates   name: {label, metrics, min_contributors, epsilon, per_year}
    retention    class: {label, clock, keep: duration | while_account, then, purpose, basis}
    minors       {child_under, purchase_age}
    measures     name: {label, value, promises}. What the program does besides releasing or not
    forms        name: {label, fields: {field: category}, purpose, notice, clause}
    clauses      [{section: {id, title}, clauses: [{id, text, binds, promises, table}]}]

In a text, `{categories of pay.paypal}` is answered by the document itself, so that the page cannot
say what the rules do not. A reference is the id of a rule, or a kind with an id: `never.sold`,
`retention.order`, `store.x`, `choice.x`, `measure.x`, `aggregate.x`, `form.x`, `category.x`,
`recipient.x`, `purpose.x`, `basis.x` (with the purposes that rest on it), `controller`,
`authority`, `policy`. A clause may carry one of the two tables, of stores and of recipients with
their regions. A sentence that promises (will, may, never, only, days ...) must be bound to what
keeps it, and whatever is declared must be bound by a clause.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from pathlib import Path

from creditable.policy import binding, duration
from creditable.policy.contents import (
    Aggregate,
    Authority,
    Choice,
    Clause,
    Controller,
    Form,
    Measure,
    Minors,
    Never,
    Policy,
    Purpose,
    Reach,
    Recipient,
    Retention,
    Rule,
    Scope,
    Section,
    Store,
    covers,
)
from creditable.policy.duration import Duration
from creditable.policy.source import Node, Problem, Reading, SourceError, canonical, from_plain

__all__ = ["PolicyError", "Problem", "load", "parse"]

BASES = (
    "consent",
    "contract",
    "legal_obligation",
    "vital_interests",
    "public_task",
    "legitimate_interest",
)
RENTER = "renter"
NEVER_RENTED = ("user.contact.email", "user.contact.phone_number")
_KINDS = (
    *binding.BINDABLE,
    "form",
    "category",
    "recipient",
    "purpose",
    "basis",
    "controller",
    "authority",
    "policy",
)
_NAME = re.compile(r"[a-z0-9][a-z0-9_\-]*(\.[a-z0-9][a-z0-9_\-]*)*")
_PROMISE = re.compile(r"[A-Z][0-9]+")
_SCOPE = ("categories", "recipient", "purpose", "channel", "group")


class PolicyError(SourceError):
    """A policy that cannot be published; `problems` names each fault with file, line and cure."""


def load(directory: Path) -> Policy:
    """Read a version from a directory of `*.yaml`. Raises PolicyError with every fault."""
    reading = _PolicyReading()
    entries: dict[str, Node] = {}
    files = sorted(directory.glob("*.yaml"))
    for file in files:
        root = reading.document(file)
        for key, node in reading.mapping(root, "the policy").items() if root else ():
            if key in entries:
                first = entries[key]
                reading.fault(
                    node,
                    f"'{key}' stands twice, first in {first.file}:{first.line}",
                    "Keep one of them.",
                )
            else:
                entries[key] = node
    if not files:
        missing = Problem(str(directory), 1, "no *.yaml file here", "Name the folder of a version.")
        raise PolicyError([missing])
    return reading.policy(Node(entries, str(directory), 1))


def parse(frozen: bytes) -> Policy:
    """Read a published version from its canonical bytes. Raises PolicyError if altered."""
    file = "published policy"
    try:
        node = from_plain(json.loads(frozen), file)
    except ValueError:
        raise PolicyError(
            [Problem(file, 0, "not JSON", "Restore the bytes that were published.")]
        ) from None
    if canonical(node) != frozen:
        raise PolicyError(
            [Problem(file, 0, "not canonical", "Restore the bytes that were published.")]
        )
    return _PolicyReading().policy(node)


class _PolicyReading(Reading):
    def policy(self, root: Node) -> Policy:
        top = self.fields(
            root,
            "the policy",
            required=(
                "policy",
                "categories",
                "regions",
                "recipients",
                "stores",
                "purposes",
                "channels",
                "groups",
                "rules",
                "retention",
                "forms",
                "clauses",
            ),
            optional=("choices", "never", "aggregates", "minors", "measures"),
        )
        self.stop()
        head = self.fields(
            top["policy"],
            "policy",
            required=("id", "version", "effective", "region", "controller", "authority"),
            optional=("supersedes",),
        )
        version = self.whole(head.get("version"), "version", least=1)
        supersedes = (
            self.whole(head["supersedes"], "supersedes", least=1) if "supersedes" in head else None
        )
        if supersedes is not None and supersedes >= version:
            self.fault(
                head["supersedes"],
                f"version {version} cannot supersede version {supersedes}",
                "Name an earlier version.",
            )
        self.categories = self.read_categories(top["categories"])
        self.regions = self.labels(top["regions"], "region")
        self.recipients = self.read_recipients(top["recipients"])
        self.orphans(top["recipients"])
        self.purposes = self.read_purposes(top["purposes"])
        self.channels = self.labels(top["channels"], "channel")
        self.groups = self.labels(top["groups"], "group")
        self.choices = self.read_choices(top.get("choices"))
        rules = tuple(self.rule(node) for node in self.items(top["rules"], "rules"))
        never = tuple(self.bar(node) for node in self.items(top.get("never"), "never"))
        retention = self.retention(top["retention"])
        policy = Policy(
            id=self.name(head.get("id"), "id"),
            version=version,
            supersedes=supersedes,
            effective=self.date(head.get("effective"), "effective"),
            region=self.word(head.get("region"), "region", self.regions),
            controller=self.controller(head.get("controller")),
            authority=self.authority(head.get("authority")),
            categories=self.categories,
            regions=self.regions,
            recipients=self.recipients,
            stores=self.stores(top["stores"], retention),
            purposes=self.purposes,
            channels=self.channels,
            groups=self.groups,
            choices=self.choices,
            rules=rules,
            never=never,
            aggregates=self.aggregates(top.get("aggregates")),
            retention=retention,
            minors=self.minors(top.get("minors")),
            measures=self.measures(top.get("measures")),
            forms=self.forms(top["forms"]),
            sections=tuple(self.section(node) for node in self.items(top["clauses"], "clauses")),
            canonical=canonical(root),
        )
        self.twice(self.items(top["rules"], "rules"), "rule")
        self.twice(self.items(top.get("never"), "never"), "never")
        self.stop()
        binding.Text(self, policy, top).check()
        self.stop()
        return policy

    def stop(self) -> None:
        if self.problems:
            raise PolicyError(self.problems)

    def name(self, node: Node | None, what: str) -> str:
        text = self.text(node, what)
        if node is not None and text and not _NAME.fullmatch(text):
            self.fault(
                node, f"'{text}' is no {what}", "Use small letters, digits, '_', '-' and dots."
            )
        return text

    def named(self, node: Node | None, what: str) -> list[tuple[str, Node]]:
        """The entries of a mapping by name, sorted, so that no reading depends on their order."""
        if node is None:
            return []
        entries = sorted(self.mapping(node, what).items())
        for name, entry in entries:
            if not _NAME.fullmatch(name):
                self.fault(
                    entry, f"'{name}' is no {what}", "Use small letters, digits, '_', '-' and dots."
                )
        return entries

    def labels(self, node: Node, what: str) -> dict[str, str]:
        return {
            name: self.text(entry, f"the label of {name}") for name, entry in self.named(node, what)
        }

    def read_categories(self, node: Node) -> dict[str, str]:
        categories: dict[str, str] = {}
        for item in self.items(node, "categories"):
            entries = self.named(item, "category")
            if len(entries) != 1:
                self.fault(item, "not one category", "Write `- name: what a person calls it`.")
            for name, entry in entries:
                if name in categories:
                    self.fault(entry, f"category '{name}' stands twice", "Keep one of them.")
                categories[name] = self.text(entry, f"the label of {name}")
        return categories

    def read_recipients(self, node: Node) -> dict[str, Recipient]:
        recipients = {}
        for name, entry in self.named(node, "recipient"):
            found = self.fields(
                entry,
                f"recipient '{name}'",
                required=("label", "region"),
                optional=("contract", "matter"),
            )
            recipients[name] = Recipient(
                self.text(found.get("label"), f"the label of {name}"),
                self.word(found.get("region"), "region", self.regions),
                bool(self.word(found.get("contract"), "word about a contract", ("required",))),
                bool(self.word(found.get("matter"), "word about a legal matter", ("required",))),
            )
        return recipients

    def stores(self, node: Node, retention: Collection[str]) -> dict[str, Store]:
        stores = {}
        for name, entry in self.named(node, "store"):
            found = self.fields(entry, f"store '{name}'", required=("label", "region", "keeps"))
            stores[name] = Store(
                self.text(found.get("label"), f"the label of {name}"),
                self.word(found.get("region"), "region", self.regions),
                self.words(found.get("keeps"), "retention class", retention),
            )
        return stores

    def orphans(self, node: Node) -> None:
        for name, entry in self.mapping(node, "recipients").items():
            parent = name.rpartition(".")[0]
            if parent and parent not in self.recipients:
                self.fault(
                    entry,
                    f"recipient '{name}' stands below no declared recipient",
                    f"Declare '{parent}' too: an objection to it covers all below.",
                )

    def twice(self, nodes: Iterable[Node], what: str) -> None:
        seen: dict[object, int] = {}
        for node in nodes:
            if isinstance(node.value, dict) and "id" in node.value:
                entry = node.value["id"]
                if entry.value in seen:
                    self.fault(
                        entry,
                        f"{what} '{entry.value}' stands twice, first in line {seen[entry.value]}",
                        "Give each its own id.",
                    )
                seen.setdefault(entry.value, entry.line)

    def words(self, node: Node | None, what: str, allowed: Collection[str]) -> tuple[str, ...]:
        return tuple(self.word(item, what, allowed) for item in self.one_or_more(node, what))

    def controller(self, node: Node | None) -> Controller:
        keys = ("name", "address", "email", "phone")
        found = self.fields(node, "controller", required=keys) if node else {}
        return Controller(*(self.text(found.get(key), key) for key in keys))

    def authority(self, node: Node | None) -> Authority:
        keys = ("name", "website")
        found = self.fields(node, "authority", required=keys) if node else {}
        return Authority(*(self.text(found.get(key), key) for key in keys))

    def read_purposes(self, node: Node) -> dict[str, Purpose]:
        purposes = {}
        for name, entry in self.named(node, "purpose"):
            found = self.fields(entry, f"purpose '{name}'", required=("label", "basis"))
            label = self.text(found.get("label"), "label")
            purposes[name] = Purpose(label, self.word(found.get("basis"), "legal basis", BASES))
        return purposes

    def read_choices(self, node: Node | None) -> dict[str, Choice]:
        choices = {}
        for name, entry in self.named(node, "choice"):
            found = self.fields(
                entry,
                f"choice '{name}'",
                required=("label", "default", "covers"),
                optional=("gpc",),
            )
            choices[name] = Choice(
                self.text(found.get("label"), "label"),
                self.word(found.get("default"), "default of a choice", ("allow", "deny")),
                self.reach(found.get("covers")),
                bool(self.word(found.get("gpc"), "answer of Global Privacy Control", ("deny",))),
            )
        return choices

    def reach(self, node: Node | None) -> Reach:
        if node is None:
            return Reach()
        found = self.fields(node, "covers", required=(), optional=_SCOPE)
        if not found:
            self.fault(node, "covers names nothing", f"Name one of: {', '.join(_SCOPE)}.")
        return Reach(
            self.words(found.get("categories"), "category", self.categories),
            self.words(found.get("recipient"), "recipient", self.recipients),
            self.words(found.get("purpose"), "purpose", self.purposes),
            self.words(found.get("channel"), "channel", self.channels),
            self.words(found.get("group"), "group", self.groups),
        )

    def rule(self, node: Node) -> Rule:
        found = self.fields(node, "a rule", required=("id", "permit"), optional=("unless",))
        name = self.name(found.get("id"), "id of a rule")
        if name.partition(".")[0] in _KINDS:
            self.fault(
                found["id"],
                f"rule '{name}' begins like a {name.partition('.')[0]}",
                f"Begin its id with another word than {', '.join(_KINDS)}.",
            )
        permit = Scope((), (), (), (), ())
        if "permit" in found:
            permit = self.scope(
                self.fields(found["permit"], f"permit of '{name}'", required=_SCOPE)
            )
            self.rental(name, permit, self.mapping(found["permit"], "permit"))
        unless = tuple(
            self.word(item, "choice", self.choices)
            for item in self.items(found.get("unless"), "unless")
        )
        for choice in filter(None, unless):
            if not self.choices[choice].covers.includes(permit):
                self.fault(
                    found["unless"],
                    f"rule '{name}' gives way to '{choice}', which does not cover all of it",
                    f"Widen the `covers` of '{choice}'.",
                )
        self.consent(node, name, permit, unless)
        return Rule(name, permit, unless)

    def rental(self, name: str, permit: Scope, found: Mapping[str, Node]) -> None:
        """Whoever rents lists can get no way to reach a person at once, whatever a `never` says."""
        if not any(who and covers(RENTER, who) for who in permit.recipients):
            return
        nodes = self.one_or_more(found["categories"], "categories")
        for node, category in zip(nodes, permit.categories, strict=True):
            if any(covers(category, kept) or covers(kept, category) for kept in NEVER_RENTED):
                self.fault(
                    node,
                    f"rule '{name}' would rent out '{category}'",
                    "Rent names and postal addresses; e-mail addresses and phone numbers never.",
                )

    def consent(self, node: Node, name: str, permit: Scope, unless: Collection[str]) -> None:
        """What rests on consent gives way to a choice that is asked first. (Writing to the person
        whose data it is hands nothing to anybody.)"""
        rests = [
            purpose
            for purpose in permit.purposes
            if purpose and self.purposes[purpose].basis == "consent"
        ]
        asked = any(choice and self.choices[choice].asked for choice in unless)
        if rests and permit.recipients != ("self",) and not asked:
            self.fault(
                node,
                f"rule '{name}' is for '{rests[0]}', which rests on consent, and nobody is asked",
                "Name a choice with `default: deny` in its `unless`.",
            )

    def bar(self, node: Node) -> Never:
        found = self.fields(
            node,
            "a never",
            required=("id", "categories", "recipient"),
            optional=("purpose", "channel", "group"),
        )
        return Never(self.name(found.get("id"), "id of a never"), self.scope(found))

    def scope(self, found: Mapping[str, Node]) -> Scope:
        def side(key: str, what: str, declared: Collection[str]) -> tuple[str, ...]:
            return self.words(found[key], what, declared) if key in found else tuple(declared)

        return Scope(
            side("categories", "category", self.categories),
            side("recipient", "recipient", self.recipients),
            side("purpose", "purpose", self.purposes),
            side("channel", "channel", self.channels),
            side("group", "group", self.groups),
        )

    def aggregates(self, node: Node | None) -> dict[str, Aggregate]:
        aggregates = {}
        for name, entry in self.named(node, "aggregate"):
            found = self.fields(
                entry,
                f"aggregate '{name}'",
                required=("label", "metrics", "min_contributors", "epsilon", "per_year"),
            )
            metrics = tuple(
                self.name(item, "metric")
                for item in self.one_or_more(found.get("metrics"), "metrics")
            )
            aggregates[name] = Aggregate(
                self.text(found.get("label"), "label"),
                metrics,
                self.whole(found.get("min_contributors"), "min_contributors", least=2),
                self.fraction(found.get("epsilon")),
                self.whole(found.get("per_year"), "per_year", least=1),
            )
        return aggregates

    def fraction(self, node: Node | None) -> Fraction:
        if node is None:
            return Fraction(1)
        try:
            value = Fraction(str(node.value))
        except (ValueError, ZeroDivisionError):
            value = Fraction(0)
        if value <= 0:
            self.fault(node, "epsilon is not a fraction above 0", "Write it as 1/4.")
        return value

    def retention(self, node: Node) -> dict[str, Retention]:
        classes = {}
        for name, entry in self.named(node, "retention class"):
            found = self.fields(
                entry,
                f"retention class '{name}'",
                required=("label", "clock", "keep", "then", "purpose", "basis"),
            )
            classes[name] = Retention(
                self.text(found.get("label"), "label"),
                self.text(found.get("clock"), "clock"),
                self.keep(found.get("keep")),
                self.word(found.get("then"), "end", ("erase", "blank", "drop_partition", "stay")),
                self.words(found.get("purpose"), "purpose", self.purposes),
                self.word(found.get("basis"), "legal basis", BASES),
            )
        return classes

    def keep(self, node: Node | None) -> Duration | None:
        text = self.text(node, "keep")
        if node is None or text in ("", "while_account"):
            return None
        return self.duration(node, text)

    def duration(self, node: Node, text: str) -> Duration | None:
        try:
            return duration.parse(text)
        except ValueError as error:
            self.fault(node, str(error), "Write it as P7Y, P30D or PT10M.")
            return None

    def minors(self, node: Node | None) -> Minors | None:
        if node is None:
            return None
        keys = ("child_under", "purchase_age")
        found = self.fields(node, "minors", required=keys)
        return Minors(*(self.whole(found.get(key), key, least=1) for key in keys))

    def measures(self, node: Node | None) -> dict[str, Measure]:
        measures = {}
        for name, entry in self.named(node, "measure"):
            found = self.fields(
                entry, f"measure '{name}'", required=("label", "promises"), optional=("value",)
            )
            measures[name] = Measure(
                self.text(found.get("label"), "label"),
                self.value(found.get("value")),
                self.promises(self.one_or_more(found.get("promises"), "promises")),
            )
        return measures

    def value(self, node: Node | None) -> Duration | int | None:
        if node is None:
            return None
        if isinstance(node.value, str):
            return self.duration(node, node.value)
        return self.whole(node, "value", least=0)

    def promises(self, nodes: Iterable[Node]) -> tuple[str, ...]:
        found = []
        for node in nodes:
            name = self.text(node, "a promise")
            if name and not _PROMISE.fullmatch(name):
                self.fault(node, f"'{name}' is no promise", "Use an id of docs/promises.csv.")
            found.append(name)
        return tuple(found)

    def forms(self, node: Node) -> dict[str, Form]:
        forms = {}
        for name, entry in self.named(node, "form"):
            found = self.fields(
                entry,
                f"form '{name}'",
                required=("label", "fields", "purpose", "notice", "clause"),
            )
            asked = self.mapping(found["fields"], "fields") if "fields" in found else {}
            forms[name] = Form(
                self.text(found.get("label"), "label"),
                {
                    field: self.word(value, "category", self.categories)
                    for field, value in sorted(asked.items())
                },
                self.words(found.get("purpose"), "purpose", self.purposes),
                self.text(found.get("notice"), "notice"),
                self.text(found.get("clause"), "clause"),
            )
        return forms

    def section(self, node: Node) -> Section:
        found = self.fields(node, "a part of the text", required=("section", "clauses"))
        head = (
            self.fields(found["section"], "section", required=("id", "title"))
            if "section" in found
            else {}
        )
        return Section(
            self.name(head.get("id"), "id of a section"),
            self.text(head.get("title"), "title"),
            tuple(
                self.clause(item) for item in self.one_or_more(found.get("clauses"), "the clauses")
            ),
        )

    def clause(self, node: Node) -> Clause:
        found = self.fields(
            node, "a clause", required=("id", "text"), optional=("binds", "promises", "table")
        )
        return Clause(
            self.name(found.get("id"), "id of a clause"),
            self.text(found.get("text"), "text"),
            tuple(self.text(item, "a binding") for item in self.items(found.get("binds"), "binds")),
            self.promises(self.items(found.get("promises"), "promises")),
            self.word(found.get("table"), "table", binding.TABLES),
        )
