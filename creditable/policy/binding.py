"""The text of a policy held against its rules: what promises is bound to what keeps it, and what is
declared is told."""

from collections.abc import Iterable, Mapping

from creditable.policy import wording
from creditable.policy.contents import Clause, Form, Policy, anchor_of
from creditable.policy.source import Node, Reading

BINDABLE = ("never", "retention", "store", "choice", "measure", "aggregate")
TABLES = ("stores", "recipients")


class Text:
    """Holds the text against the rules: both must say the same, and nothing may stand alone."""

    def __init__(self, reading: Reading, policy: Policy, top: Mapping[str, Node]) -> None:
        self.reading = reading
        self.policy = policy
        self.top = top
        self.bindable = self.declared()

    def declared(self) -> dict[str, Node]:
        """Every reference that a clause can bind, with the place of what it refers to."""
        bindable = {}
        for key, prefix in (("rules", ""), ("never", "never.")):
            for node in self.reading.items(self.top.get(key), key):
                if isinstance(node.value, dict):
                    bindable[f"{prefix}{node.value['id'].value}"] = node
        for key, kind in (
            ("retention", "retention"),
            ("stores", "store"),
            ("choices", "choice"),
            ("measures", "measure"),
            ("aggregates", "aggregate"),
        ):
            if key in self.top:
                for name, node in self.reading.mapping(self.top[key], key).items():
                    bindable[f"{kind}.{name}"] = node
        return bindable

    def check(self) -> None:
        clauses = {}
        anchors: dict[str, Node] = {}
        for part, section in zip(
            self.reading.items(self.top["clauses"], "clauses"), self.policy.sections, strict=True
        ):
            entries = self.reading.mapping(part, "a part of the text")
            self.anchor(anchors, entries["section"], section.id)
            nodes = self.reading.one_or_more(entries["clauses"], "the clauses")
            for node, clause in zip(nodes, section.clauses, strict=True):
                self.anchor(anchors, node, clause.id)
                clauses[clause.id] = clause
                self.clause(node, clause)
        for name, form in self.policy.forms.items():
            self.form(self.reading.mapping(self.top["forms"], "forms")[name], form, clauses)
        self.places()
        self.tables(clauses.values())
        bound = {reference for clause in clauses.values() for reference in clause.binds}
        for reference, node in self.bindable.items():
            if reference not in bound:
                self.reading.fault(
                    node,
                    f"no clause binds '{reference}'",
                    "Write the sentence that tells people, or remove it.",
                )

    def places(self) -> None:
        """Everything that is kept lies somewhere, and every region holds something."""
        policy = self.policy
        lies = {name for store in policy.stores.values() for name in store.keeps}
        for name, node in self.reading.mapping(self.top["retention"], "retention").items():
            if name not in lies:
                self.reading.fault(
                    node, f"no store keeps '{name}'", "Add it to the `keeps` of where it lies."
                )
        named = {policy.region}
        named |= {recipient.region for recipient in policy.recipients.values()}
        named |= {store.region for store in policy.stores.values()}
        for name, node in self.reading.mapping(self.top["regions"], "regions").items():
            if name not in named:
                self.reading.fault(node, f"nothing is in region '{name}'", "Remove it.")

    def tables(self, clauses: Iterable[Clause]) -> None:
        """People see each table once."""
        shown = [clause.table for clause in clauses if clause.table]
        for table in TABLES:
            if shown.count(table) != 1:
                self.reading.fault(
                    self.top["clauses"],
                    f"the table of {table} stands {shown.count(table)} times in the text",
                    f"Write `table: {table}` in the one clause that it belongs to.",
                )

    def anchor(self, anchors: dict[str, Node], node: Node, name: str) -> None:
        anchor = anchor_of(name)
        if anchor in anchors:
            first = anchors[anchor].line
            self.reading.fault(
                node, f"'{name}' stands twice, first in line {first}", "Give each its own id."
            )
        anchors.setdefault(anchor, node)

    def clause(self, node: Node, clause: Clause) -> None:
        entries = self.reading.mapping(node, "a clause")
        bindings = self.reading.items(entries.get("binds"), "binds")
        for binding, reference in zip(bindings, clause.binds, strict=True):
            if reference not in self.bindable:
                self.reading.fault(
                    binding,
                    f"clause '{clause.id}' binds '{reference}', which is not declared",
                    f"Name a rule, or {'.x, '.join(BINDABLE)}.x.",
                )
        for _, of in self.read(entries["text"], clause.text, bound=bool(clause.binds)):
            if of in self.bindable and of not in clause.binds:
                self.reading.fault(
                    entries["text"],
                    f"clause '{clause.id}' shows '{of}' without binding it",
                    f"Add '{of}' to its binds.",
                )

    def form(self, node: Node, form: Form, clauses: Mapping[str, Clause]) -> None:
        entries = self.reading.mapping(node, "a form")
        if form.clause not in clauses:
            self.reading.fault(
                entries["clause"],
                f"'{form.clause}' is no clause",
                "Name the clause that the notice of this form leads to.",
            )
            return
        self.read(entries["notice"], form.notice, bound=bool(clauses[form.clause].binds))

    def read(self, node: Node, text: str, *, bound: bool) -> list[tuple[str, str]]:
        """Check one text; what it asks of the policy."""
        try:
            asked = wording.questions(text)
        except ValueError as error:
            self.reading.fault(node, str(error), "Write {categories of pay.paypal}.")
            return []
        unanswered = [question for question in asked if question not in self.policy.answers]
        for question in unanswered:
            self.reading.fault(
                node,
                f"the policy cannot answer {{{' of '.join(question)}}}",
                "Ask for something that is declared.",
            )
        if not bound and not unanswered:
            for sentence in wording.sentences(self.policy.says(text)):
                if word := wording.promising(sentence):
                    self.reading.fault(
                        node,
                        f"'{sentence}' promises something ('{word}') and nothing is bound to it",
                        "Add `binds`, or say it without a promise.",
                    )
        return asked
