"""The data map: whose data each live column holds, and what export, erasure and release do to it.

Each app keeps a `data_map.yaml` beside its models. `load` reads them all, strictly. The format:

    defaults: {export: yes, corrected_by: nobody, disclosure: by rule}  # optional, for all tables

    people_license:                   # a table, by its name in the database
      subject: person_id.subject_id   # columns to follow to the subject id, each but the last a
                                      # foreign key; `{none: why}` where no such path exists
      defaults: {category: user.government_id.ce_license, erase: erase, retention: license}
      columns:
        id: {not_personal: random row id}
        number: {corrected_by: self}             # the rest from the defaults
        issued: user.government_id.ce_license    # a bare word is the category
        extra:                                   # a JSON column answers for each of its keys
          inner:
            name: {category: user.name}
            address: {inner: {city: user.contact.address.city}}   # lists are seen through
            "*": {not_personal: any other key is a count}         # keys nobody knows beforehand

    people_role:                      # a table without personal data: one reason, all columns
      not_personal: the page of roles; it names no person
      columns: [id, name]

    third_party:                      # tables of adopted packages, in the same shape
      django_content_type:
        not_personal: names of the program's own models
        columns: [id, app_label, model]

A personal column answers `category`, `export` (yes, no), `erase` (erase: the row goes; blank: the
value is overwritten; keep), `retention` (a class of the policy), `corrected_by` (self, staff,
supersede: a newer row replaces it; nobody) and `disclosure` (by rule; never). Its `reason` is
required where `export` is no or `erase` is keep. Erasing is for whole rows, so one table cannot mix
`erase` with the other two.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from creditable.policy.source import Node, Problem, Reading, SourceError

ERASURES = ("erase", "blank", "keep")
CORRECTORS = ("self", "staff", "supersede", "nobody")
DISCLOSURES = ("by rule", "never")
_ANSWERS = ("category", "export", "erase", "retention", "corrected_by", "disclosure", "reason")
_REQUIRED = _ANSWERS[:-1]

LiveKey = tuple[str, str, tuple[str, ...]]
"""A value in a row: table, JSON column, and the keys that lead to it (a key may hold a dot)."""


class DataMapError(SourceError):
    """Data maps that contradict themselves or leave a question open."""


@dataclass(frozen=True)
class ColumnAnswer:
    """The privacy answer for one column, or for one key of a JSON column.

    Without personal data only `reason` is filled, and `erase` is None. A JSON column answers by
    `inner`; it is personal when one of its keys is, and its own category is then None.
    """

    table: str
    column: str
    personal: bool
    category: str | None = None
    subject_path: str | None = None
    export: bool = False
    erase: str | None = None
    retention: str | None = None
    corrected_by: str | None = None
    disclosure: str = "never"
    reason: str = ""
    inner: Mapping[str, "ColumnAnswer"] = field(default_factory=dict)
    place: str = field(default="", compare=False)

    def leaves(self) -> Iterable["ColumnAnswer"]:
        """The answers that carry a category or a not-personal verdict: itself, or its keys'."""
        if not self.inner:
            yield self
        for answer in self.inner.values():
            yield from answer.leaves()

    def key(self, path: Sequence[str]) -> "ColumnAnswer | None":
        """The answer for a key of a JSON column by the keys that lead to it; None when nobody
        answered."""
        answer: ColumnAnswer | None = self
        for step in path:
            if answer is None or not answer.inner:
                return None
            answer = answer.inner.get(step) or answer.inner.get("*")
        return answer if answer is not None and not answer.inner else None


@dataclass(frozen=True)
class DataMap:
    """Every answer, by table and column."""

    answers: Mapping[tuple[str, str], ColumnAnswer]

    def missing(self, live: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Live columns without an answer."""
        return sorted(set(live) - set(self.answers))

    def stale(self, live: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Answers for columns that do not live any more."""
        return sorted(set(self.answers) - set(live))

    def missing_keys(self, live: Iterable[LiveKey]) -> list[LiveKey]:
        """Live keys without an answer.

        A JSON column that is not personal as a whole needs no inner answers.
        """
        return sorted(
            (table, column, path)
            for table, column, path in set(live)
            if (answer := self.answers.get((table, column))) is None
            or ((answer.personal or answer.inner) and answer.key(path) is None)
        )

    def leaves(self) -> Iterable[ColumnAnswer]:
        """All answers with the keys of JSON columns in the place of the columns."""
        for answer in self.answers.values():
            yield from answer.leaves()

    def categories(self) -> Mapping[str, str]:
        """The category of each place of personal data: `table.column`, or `table.column.key` for a
        key of a JSON column."""
        return {
            f"{answer.table}.{answer.column}": answer.category
            for answer in self.leaves()
            if answer.category is not None
        }

    def unknown(self, *, categories: Iterable[str], retention: Iterable[str]) -> list[Problem]:
        """Answers that name a category or a retention class which the policy does not declare."""
        known = {"category": frozenset(categories), "retention class": frozenset(retention)}
        problems = []
        for answer in self.leaves():
            named = {"category": answer.category, "retention class": answer.retention}
            for what, word in named.items():
                if word is not None and word not in known[what]:
                    file, _, line = answer.place.rpartition(":")
                    message = f"{answer.table}.{answer.column}: '{word}' is no {what}"
                    cure = f"Use one of: {', '.join(sorted(known[what]))}."
                    problems.append(Problem(file, int(line), message, cure))
        return problems


def load(files: Iterable[Path]) -> DataMap:
    """Read the data maps of all apps as one. Raises DataMapError with every fault found."""
    reading = _MapReading()
    for file in files:
        root = reading.document(file)
        if root is not None:
            reading.file(root)
    if reading.problems:
        raise DataMapError(reading.problems)
    return DataMap(MappingProxyType(reading.answers))


class _MapReading(Reading):
    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[tuple[str, str], ColumnAnswer] = {}
        self.tables: dict[str, Node] = {}

    def file(self, root: Node) -> None:
        tables = dict(self.mapping(root, "the data map"))
        defaults = self.defaults(tables.pop("defaults", None), {})
        third_party = tables.pop("third_party", None)
        if third_party is not None:
            for name, node in self.mapping(third_party, "third_party").items():
                self.table(name, node, defaults)
        for name, node in tables.items():
            self.table(name, node, defaults)

    def defaults(self, node: Node | None, outer: Mapping[str, Node]) -> Mapping[str, Node]:
        if node is None:
            return outer
        return {**outer, **self.fields(node, "defaults", required=(), optional=_ANSWERS)}

    def table(self, name: str, node: Node, defaults: Mapping[str, Node]) -> None:
        if name in self.tables:
            first = self.tables[name]
            self.fault(
                node,
                f"table '{name}' is answered twice, first in {first.file}:{first.line}",
                "Keep one of them.",
            )
            return
        self.tables[name] = node
        if "not_personal" in self.mapping(node, f"table '{name}'"):
            self.impersonal_table(name, node)
            return
        fields = self.fields(
            node, f"table '{name}'", required=("columns",), optional=("subject", "defaults")
        )
        if "columns" not in fields:
            return
        subject, unlinked = self.subject(fields.get("subject"))
        defaults = self.defaults(fields.get("defaults"), defaults)
        columns = self.mapping(fields["columns"], "columns")
        if not columns:
            self.fault(fields["columns"], f"table '{name}' lists no column", "List each by name.")
        answers = {
            column: self.answer(name, column, value, defaults, subject)
            for column, value in columns.items()
        }
        leaves = [leaf for answer in answers.values() for leaf in answer.leaves() if leaf.personal]
        if leaves and subject is None and not unlinked:
            self.fault(
                node,
                f"table '{name}' holds personal data but names no subject",
                "Add `subject: column.column`, or `subject: {none: why}`.",
            )
        if len(erasures := {leaf.erase for leaf in leaves}) > 1 and "erase" in erasures:
            self.fault(
                node,
                f"table '{name}' both erases its rows and keeps values of them",
                "Use erase for all its personal columns, or blank and keep.",
            )
        self.answers.update({(name, column): answer for column, answer in answers.items()})

    def impersonal_table(self, name: str, node: Node) -> None:
        fields = self.fields(node, f"table '{name}'", required=("not_personal", "columns"))
        reason = self.text(fields["not_personal"], "the reason")
        for item in self.items(fields.get("columns"), "columns"):
            column = self.text(item, "a column")
            if (name, column) in self.answers:
                self.fault(item, f"'{column}' stands twice", "Keep one of them.")
            self.answers[name, column] = ColumnAnswer(
                name, column, personal=False, reason=reason, place=f"{item.file}:{item.line}"
            )

    def subject(self, node: Node | None) -> tuple[str | None, bool]:
        """The path to the subject id, and whether the map says that there is none."""
        if node is None:
            return None, False
        if isinstance(node.value, dict):
            fields = self.fields(node, "subject", required=("none",))
            self.text(fields.get("none"), "the reason why no subject can be found")
            return None, True
        path = self.text(node, "subject")
        if path and not all(step.isidentifier() for step in path.split(".")):
            self.fault(node, f"'{path}' is no path of columns", "Write column.column.column.")
        return path or None, False

    def answer(
        self, table: str, column: str, node: Node, defaults: Mapping[str, Node], subject: str | None
    ) -> ColumnAnswer:
        place = f"{node.file}:{node.line}"
        if isinstance(node.value, dict):
            if "not_personal" in node.value:
                fields = self.fields(node, f"'{column}'", required=("not_personal",))
                reason = self.text(fields["not_personal"], "the reason")
                return ColumnAnswer(table, column, personal=False, reason=reason, place=place)
            if "inner" in node.value:
                return self.opaque(table, column, node, defaults, subject)
            given = self.fields(node, f"'{column}'", required=(), optional=_ANSWERS)
        else:
            given = {"category": node}
        found = {**defaults, **given}
        for question in _REQUIRED:
            if question not in found:
                self.fault(
                    node,
                    f"'{table}.{column}' does not answer '{question}'",
                    f"Add '{question}' here or to the defaults of the table.",
                )
        category = self.text(found.get("category"), "category")
        export = self.truth(found.get("export"), "export")
        erase = self.word(found.get("erase"), "way to erase", ERASURES)
        retention = self.text(found.get("retention"), "retention")
        corrected_by = self.word(found.get("corrected_by"), "corrector", CORRECTORS)
        disclosure = self.word(found.get("disclosure"), "disclosure", DISCLOSURES)
        reason = self.text(found.get("reason"), "reason")
        if not reason and (erase == "keep" or ("export" in found and not export)):
            self.fault(
                node,
                f"'{table}.{column}' is kept or left out of the export without a reason",
                "Add `reason: ...`.",
            )
        return ColumnAnswer(
            table,
            column,
            personal=True,
            category=category,
            subject_path=subject,
            export=export,
            erase=erase,
            retention=retention,
            corrected_by=corrected_by,
            disclosure=disclosure,
            reason=reason,
            place=place,
        )

    def opaque(
        self, table: str, column: str, node: Node, defaults: Mapping[str, Node], subject: str | None
    ) -> ColumnAnswer:
        fields = self.fields(node, f"'{column}'", required=("inner",), optional=_ANSWERS)
        defaults = {**defaults, **{key: fields[key] for key in _ANSWERS if key in fields}}
        inner = {
            key: self.answer(table, f"{column}.{key}", value, defaults, subject)
            for key, value in self.mapping(fields["inner"], "inner").items()
        }
        if not inner:
            self.fault(node, f"'{column}' has an empty inner map", "Answer for each of its keys.")
        return ColumnAnswer(
            table,
            column,
            personal=any(answer.personal for answer in inner.values()),
            subject_path=subject,
            inner=MappingProxyType(inner),
            place=f"{node.file}:{node.line}",
        )


def main(arguments: list[str]) -> int:
    """Check data maps by hand: `python -m creditable.policy.datamap FILE ...`."""
    try:
        found = load(Path(argument) for argument in arguments)
    except DataMapError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    tables = {table for table, _ in found.answers}
    sys.stdout.write(f"{len(found.answers)} columns of {len(tables)} tables are answered.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
