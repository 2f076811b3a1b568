"""`./do policy`: a version of a privacy policy checked, shown, and held against another one.

A version is the folder of its YAML files (creditable/policy/document.py tells what stands there).
docs/policies.md tells the shape of what `diff --json` prints.
"""

import argparse
import json
import os
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from signal import SIG_DFL, SIGPIPE, signal

import yaml

from creditable.ops.processes import ROOT
from creditable.policy import compare, datamap, document, dpv, fideslang, notice, wording
from creditable.policy.compare import Comparison, Edition, Sentence, Widening
from creditable.policy.contents import Cell, Policy
from creditable.policy.datamap import DataMap
from creditable.policy.source import SourceError

WIDTH = 88
_MARKS: Mapping[str, str] = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}


def main(words: Sequence[str]) -> int:
    """0 when it could be done; 1 when a policy or a data map has faults, which are printed."""
    parser = argparse.ArgumentParser(prog="./do policy", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (("check", "every fault, with its line"), ("show", "the text")):
        commands.add_parser(name, help=what).add_argument("folder", type=Path)
    commands.choices["show"].add_argument(
        "--rules", action="store_true", help="what keeps each clause, below it"
    )
    commands.choices["show"].add_argument(
        "--as", dest="form", choices=("fideslang", "dpv"), help="what other programs read"
    )
    diff = commands.add_parser("diff", help="what the new version changes, and what it widens")
    for which in ("old", "new"):
        diff.add_argument(which, help="a folder, or with --data the number of a published version")
    diff.add_argument(
        "--data", type=Path, help="folder of a running demo or installation: whom it concerns there"
    )
    diff.add_argument("--json", action="store_true", help="for machines (docs/policies.md)")
    chosen = parser.parse_args(words)
    try:
        match chosen.command:
            case "check":
                print(check(chosen.folder))
            case "show":
                print(show(document.load(chosen.folder), chosen.form, rules=chosen.rules))
            case "diff":
                if chosen.data:
                    _enter(chosen.data.absolute())
                found = compare.compare(
                    *(_version(which, chosen.data) for which in (chosen.old, chosen.new))
                )
                contacts = to_contact(found) if chosen.data else None
                plain = json.dumps(as_json(found, contacts), indent=1, ensure_ascii=False)
                print(plain if chosen.json else "\n".join(report(found, contacts)))
    except (SourceError, Closed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


class Closed(Exception):
    """The installation that is asked about cannot be asked."""


@dataclass(frozen=True)
class Contacts:
    """Whom a version concerns in an installation. `per_cell` counts people who said no to what
    the cell now lets out; `people` are those with an account, by name and e-mail address, and
    `nameless` how many have none."""

    per_cell: Mapping[Cell, int]
    people: Sequence[tuple[str, str]]
    nameless: int


def to_contact(found: Comparison) -> Contacts:
    """Everybody who would be held, and written to, if the version were published now."""
    from creditable.disclosure import objections
    from creditable.people.models import Person

    kinds = objections.concerned(found)
    subjects = objections.people(kinds) if kinds else []
    people = Person.objects.filter(pk__in=subjects).order_by("name", "email")
    named = list(people.values_list("name", "email"))
    return Contacts(objections.per_cell(kinds), named, len(subjects) - len(named))


def _enter(data: Path) -> None:
    """Connects this process to the database of the installation, with the application's login."""
    import django
    from django.db import OperationalError, connection

    from creditable.ops.postgres import DURABLE, Cluster

    try:
        urls = Cluster(data, DURABLE).urls
    except OSError as problem:
        raise Closed(f"{data} holds no installation: {problem.strerror}.") from problem
    os.environ |= {**urls, "CREDITABLE_DATA": str(data), "CREDITABLE_DATABASE_LOGIN": "app"}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditable.settings")
    django.setup()
    try:
        connection.ensure_connection()
    except OperationalError as problem:
        raise Closed(f"The database of {data} does not answer: start it first.") from problem


def data_map() -> DataMap:
    """What this program keeps, by the data maps of all its packages."""
    return datamap.load(sorted((ROOT / "creditable").rglob("data_map.yaml")))


def edition(folder: Path) -> Edition:
    """A version that is not published yet, with the data map of this program."""
    return Edition(document.load(folder), data_map().categories())


def _version(which: str, data: Path | None) -> Edition:
    """The version in a folder; by a bare number, the one that an installation has published."""
    if not which.isdecimal() or Path(which).is_dir():
        return edition(Path(which))
    if data is None:
        raise Closed(f"Version {which} of which installation? Name its folder with --data.")
    from creditable.disclosure import policies
    from creditable.disclosure.models import PolicyVersion

    try:
        return policies.edition(int(which))
    except PolicyVersion.DoesNotExist:
        published = ", ".join(map(str, PolicyVersion.objects.values_list("version", flat=True)))
        raise Closed(
            f"Version {which} is not published there ({published or 'none'} is)."
        ) from None


def check(folder: Path) -> str:
    """What a sound version holds. Raises SourceError with every fault of its files; or, when
    these are sound, with every word of the data maps that the version does not know."""
    policy = document.load(folder)
    answers = data_map()
    unknown = answers.unknown(categories=policy.categories, retention=policy.retention)
    if unknown:
        raise SourceError(unknown)
    return (
        f"{policy.id} version {policy.version} is sound: {len(policy.clauses)} clauses,"
        f" {len(policy.rules)} rules, {len(policy.never)} bars, {len(policy.choices)} choices,"
        f" {len(policy.measures)} measures; {len(answers.categories())} places of personal data"
        f" use its words.\nsha256 {policy.sha256}"
    )


def show(policy: Policy, form: str | None, *, rules: bool) -> str:
    """The policy as text, or in the form that is asked for."""
    match form:
        case "fideslang":
            manifest = fideslang.export(policy, data_map())
            return yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=100)
        case "dpv":
            return json.dumps(dpv.export(policy), indent=1, ensure_ascii=False)
    return "\n".join(text(policy, rules=rules))


def text(policy: Policy, *, rules: bool) -> Iterator[str]:
    """The page as plain text, line by line; with `rules` what each clause binds, below it."""
    yield f"Privacy policy of {policy.controller.name}, version {policy.version}"
    for section in notice.sections(policy):
        yield from ("", section.title, "=" * len(section.title))
        for paragraph in section.paragraphs:
            yield ""
            yield from textwrap.wrap(paragraph.text, WIDTH)
            if paragraph.table:
                for row in paragraph.table.rows:
                    named = zip(paragraph.table.columns, row, strict=True)
                    (_, first), *rest = named
                    yield from _item(first)
                    yield from _item("; ".join(f"{name}: {cell}" for name, cell in rest), "    ")
            if rules:
                yield f"    [{paragraph.id}] {' '.join(paragraph.promises)}".rstrip()
                for reference in paragraph.binds:
                    said = notice.binding(policy, reference)
                    yield from _item(f"{reference}: {said}", "    ")


def report(found: Comparison, contacts: Contacts | None = None) -> Iterator[str]:
    """What a new version changes, for people."""
    old, new = found.old.policy, found.new.policy
    yield f"{new.id}: version {old.version} -> version {new.version}"
    yield from ("", f"Clauses that changed: {len(found.sentences)}")
    for sentence in found.sentences:
        yield from ("", f"  {sentence.clause}")
        yield from textwrap.wrap(
            _marked(sentence), WIDTH, initial_indent="    ", subsequent_indent="    "
        )
    yield from ("", f"Cells that let out more: {len(found.widened)}")
    for block in blocks(found.widened):
        yield from _block(new, block)
        yield from _item(notice.because(block[0].reasons), "    ")
        if contacts:
            most = max(contacts.per_cell.get(widening.cell, 0) for widening in block)
            yield f"    - people who said no: {most}"
        if moved := sorted({column for widening in block for column in widening.columns}):
            yield from _item(f"moved there: {', '.join(moved)}", "    ")
    yield from ("", f"Cells that let out less: {len(found.narrowed)}")
    for block in blocks(Widening(cell, cell, ()) for cell in found.narrowed):
        yield from _block(old, block)
    yield from ("", f"Bounds that changed: {len(found.bounds)}")
    for bound in found.bounds:
        change = f"{bound.old or 'nothing'} -> {bound.new}"
        yield f"  {bound.what}: {change} ({'weaker' if bound.weaker else 'stronger'})"
    if contacts:
        yield from ("", f"People to contact: {len(contacts.people) + contacts.nameless}")
        yield from (f"  {name} <{email}>" for name, email in contacts.people)
        if contacts.nameless:
            yield f"  and {contacts.nameless} without an account"


def as_json(found: Comparison, contacts: Contacts | None = None) -> dict[str, object]:
    """The same for machines."""
    told: dict[str, object] = {}
    if contacts:
        told["people"] = [{"name": name, "email": email} for name, email in contacts.people]
        told["nameless"] = contacts.nameless
    return {
        "old": _head(found.old.policy),
        "new": _head(found.new.policy),
        "sentences": [
            asdict(sentence) | {"words": list(wording.difference(sentence.old, sentence.new))}
            for sentence in found.sentences
        ],
        "widened": [
            asdict(widening.cell)
            | {
                "was": widening.was.category,
                "reasons": list(widening.reasons),
                "columns": list(widening.columns),
            }
            | ({"people": contacts.per_cell.get(widening.cell, 0)} if contacts else {})
            for widening in found.widened
        ],
        "narrowed": [asdict(cell) for cell in found.narrowed],
        "bounds": [asdict(bound) for bound in found.bounds],
    } | told


def _head(policy: Policy) -> dict[str, object]:
    return {"id": policy.id, "version": policy.version, "sha256": policy.sha256}


def _marked(sentence: Sentence) -> str:
    runs = wording.difference(sentence.old, sentence.new)
    return " ".join(_MARKS[fate].format(words) for fate, words in runs)


def blocks(found: Iterable[Widening]) -> list[list[Widening]]:
    """Cells that people can read as one sentence: everything in it goes to all in it."""
    lists = defaultdict[tuple[object, ...], list[Widening]](list)
    for widening in found:
        cell = widening.cell
        way = (cell.recipient, cell.purpose, cell.channel, widening.reasons)
        lists[*way, cell.group].append(widening)
    whole = defaultdict[tuple[object, ...], list[Widening]](list)
    for key, some in lists.items():
        whole[*key[:-1], frozenset(widening.cell.category for widening in some)] += some
    return list(whole.values())


def _block(policy: Policy, block: Sequence[Widening]) -> Iterator[str]:
    cells = [widening.cell for widening in block]
    first = cells[0]
    categories, groups = {cell.category for cell in cells}, {cell.group for cell in cells}
    what = wording.listed(label for name, label in policy.categories.items() if name in categories)
    whose = wording.listed(label for name, label in policy.groups.items() if name in groups)
    yield ""
    yield from _item(
        f"{what} to {policy.recipients[first.recipient].label}"
        f" for {policy.purposes[first.purpose].label} by {policy.channels[first.channel]}"
        f" ({whose})"
    )


def _item(words: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(
        words, WIDTH, initial_indent=f"{indent}- ", subsequent_indent=f"{indent}  "
    )


if __name__ == "__main__":
    signal(SIGPIPE, SIG_DFL)
    sys.exit(main(sys.argv[1:]))
