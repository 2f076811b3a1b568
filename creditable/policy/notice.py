"""The policy as people read it: the page, and the short notice beside each form."""

from dataclasses import dataclass

from creditable.policy import wording
from creditable.policy.contents import Policy, anchor_of


@dataclass(frozen=True)
class Paragraph:
    """A clause in its final words; `anchor` is its place in the page, in every version the same."""

    id: str
    anchor: str
    text: str
    binds: tuple[str, ...]
    promises: tuple[str, ...]


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
                )
                for clause in section.clauses
            ),
        )
        for section in policy.sections
    ]


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
