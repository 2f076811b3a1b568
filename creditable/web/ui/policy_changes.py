"""What a version of the policy changes, as the public and the office read it: the context of
`ui/policy_changes.html`."""

from collections.abc import Mapping
from dataclasses import dataclass

from creditable.policy import notice, wording
from creditable.policy.compare import Comparison, Reason
from creditable.policy.contents import Cell
from creditable.policy.notice import Passage


@dataclass(frozen=True, slots=True)
class Widened:
    """A passage that lets out more than before: why, and how many people it makes us write to
    (None where that is not told)."""

    passage: Passage
    why: str
    letters: int | None


def changes(found: Comparison, letters: Mapping[Cell, int] | None = None) -> dict[str, object]:
    """The four lists of the template."""
    reasons: dict[Cell, list[Reason]] = {}
    for widening in found.widened:
        reasons.setdefault(widening.cell, []).extend(widening.reasons)
    return {
        "sentences": [
            (sentence, list(wording.difference(sentence.old, sentence.new)))
            for sentence in found.sentences
        ],
        "widened": [
            Widened(
                passage,
                notice.because(reason for cell in passage.cells for reason in reasons[cell]),
                max(letters.get(cell, 0) for cell in passage.cells) if letters else None,
            )
            for passage in notice.passages(found.new.policy, reasons)
        ],
        "narrowed": notice.passages(found.old.policy, found.narrowed),
        "bounds": found.bounds,
    }
