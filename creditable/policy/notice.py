"""The policy as people read it: the page, and the short notice beside each form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from creditable.lib.words import say
from creditable.policy import wording
from creditable.policy.compare import Reason
from creditable.policy.contents import Cell, Policy, Retention, anchor_of, covers, leaves


@dataclass(frozen=True)
class Table:
    """What the rules say, side by side. The first cell of a row names what it is about."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Paragraph:
    """A clause in its final words; `anchor` is its place in the page, in every version the same."""

    id: str
    anchor: str
    text: str
    binds: tuple[str, ...]
    promises: tuple[str, ...]
    table: Table | None


@dataclass(frozen=True)
class Section:
    id: str
    anchor: str
    title: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Notice:
    """What stands beside a form: its sentences, and the clause of the page that tells the rest."""

    form: str
    sentences: tuple[str, ...]
    anchor: str


def sections(policy: Policy) -> list[Section]:
    """The whole text, in order."""
    tables = {"stores": _stores, "recipients": _recipients}
    return [
        Section(
            section.id,
            anchor_of(section.id),
            section.title,
            tuple(
                Paragraph(
                    clause.id,
                    anchor_of(clause.id),
                    policy.says(clause.text),
                    clause.binds,
                    clause.promises,
                    tables[clause.table](policy) if clause.table else None,
                )
                for clause in section.clauses
            ),
        )
        for section in policy.sections
    ]


def _stores(policy: Policy) -> Table:
    """Everything that is kept: what, for how long, for what and where."""
    rows = [
        (
            kept.label,
            _time(kept),
            wording.listed(policy.purposes[purpose].label for purpose in kept.purposes),
            store.label,
            policy.regions[store.region],
        )
        for store in policy.stores.values()
        for kept in (policy.retention[name] for name in store.keeps)
    ]
    columns = ("What", "How long", "For", "Kept in", "Region")
    return Table("Where it is kept and for how long", columns, tuple(rows))


def _time(kept: Retention) -> str:
    return f"at least {kept.time}" if kept.then == "stay" else kept.time


def _recipients(policy: Policy) -> Table:
    """Everybody whom the rules name, with those purposes for which a rule lets data go there."""
    rows = []
    for name in leaves(policy.recipients):
        recipient = policy.recipients[name]
        opened = {
            purpose
            for rule in policy.rules
            if any(covers(above, name) for above in rule.permit.recipients)
            for purpose in rule.permit.purposes
        }
        purposes = [said.label for key, said in policy.purposes.items() if key in opened]
        rows.append(
            (
                recipient.label,
                policy.regions[recipient.region],
                wording.listed(purposes) or "nothing: no rule sends anything there",
            )
        )
    return Table("Who gets something, and where", ("Who", "Region", "For"), tuple(rows))


def sentence(policy: Policy, clause: str) -> str:
    """The words of one clause. Raises KeyError when this version has no such clause."""
    for found in policy.clauses:
        if found.id == clause:
            return policy.says(found.text)
    raise KeyError(f"the policy has no clause '{clause}'")


def form_notice(policy: Policy, form: str) -> Notice:
    """The notice of a form. Raises KeyError when the policy knows no such form."""
    declared = policy.forms.get(form)
    if declared is None:
        raise KeyError(f"the policy declares no form '{form}'")
    words = policy.says(declared.notice)
    return Notice(form, tuple(wording.sentences(words)), anchor_of(declared.clause))


def binding(policy: Policy, reference: str) -> str:
    """What a reference in the `binds` of a clause stands for, in words. Raises KeyError when the
    policy does not declare it."""
    kind, _, name = reference.partition(".")
    unless = {rule.id: rule.unless for rule in policy.rules}
    if reference in unless or kind == "never":
        said = policy.answers
        does = "bars" if kind == "never" else "permits"
        words = (
            f"{does} {said['categories', reference]} to {said['recipients', reference]}"
            f" for {said['purposes', reference]} by {said['channels', reference]}"
            f" ({said['groups', reference]})"
        )
        choices = [policy.choices[choice].label for choice in unless.get(reference, ())]
        if not choices:
            return words
        return f"{words}, unless the person says no to {wording.listed(choices, 'or')}"
    match kind:
        case "retention":
            kept = policy.retention[name]
            ends = "" if kept.then == "stay" else f", then {kept.then.replace('_', ' ')}"
            return f"{kept.label}: {_time(kept)}{ends}"
        case "store":
            store = policy.stores[name]
            return f"{store.label}, in {policy.regions[store.region]}"
        case "choice":
            choice = policy.choices[name]
            silence = "asked first" if choice.asked else "allowed until a no"
            return f"{choice.label}: {silence}{', a no by GPC' if choice.gpc else ''}"
        case "aggregate":
            figures = policy.aggregates[name]
            return (
                f"{figures.label}: {wording.listed(figures.metrics)} of at least"
                f" {figures.min_contributors} people, epsilon {figures.epsilon},"
                f" {figures.per_year} a year"
            )
    measure = policy.measures[name]
    return measure.label if measure.value is None else f"{measure.label}: {measure.value}"


def because(reasons: Iterable[Reason]) -> str:
    """Why a cell lets out more than before, in words; each reason once."""
    words: Mapping[Reason, str] = {
        "new": say("did not leave before"),
        "choice lost": say("gives way to fewer refusals than before"),
        "default": say("leaves until somebody says no, and needed a yes before"),
        "basis": say("needs no consent any more"),
        "region": say("lies in another region then"),
    }
    given = set(reasons)
    return wording.listed(text for reason, text in words.items() if reason in given)


@dataclass(frozen=True)
class Passage:
    """Cells with one recipient and one purpose, in the words of the policy: `what` goes to whom and
    for what."""

    what: str
    recipient: str
    purpose: str
    cells: tuple[Cell, ...]


def passages(policy: Policy, cells: Iterable[Cell]) -> list[Passage]:
    """The cells as a person reads them, a passage for each recipient and purpose."""
    grouped: dict[tuple[str, str], list[Cell]] = {}
    for cell in sorted(cells):
        grouped.setdefault((cell.recipient, cell.purpose), []).append(cell)
    found = []
    for (name, purpose), passing in grouped.items():
        recipient, named = policy.recipients.get(name), policy.purposes.get(purpose)
        categories = {cell.category for cell in passing}
        listed = [label for key, label in policy.categories.items() if key in categories]
        found.append(
            Passage(
                what=wording.listed(listed or sorted(categories)),
                recipient=recipient.label if recipient else name,
                purpose=named.label if named else purpose,
                cells=tuple(passing),
            )
        )
    return found
