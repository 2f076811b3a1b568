"""Change one atom of a policy, and a guard is red: the document refuses it, the text that people
read is another, or the comparison that the office sees before publishing tells of it."""

import json
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from creditable.ops.demonstration import providers
from creditable.policy import compare, datamap, document, notice
from creditable.policy.compare import Edition
from creditable.policy.contents import Policy
from creditable.policy.document import PolicyError
from tests.policy import mutants
from tests.policy.mutants import Mutant

ROOT = Path(__file__).parents[2]
SLICE = 23
"""The usual run takes each so-manieth mutant, the slow one all."""
KINDS = {
    "choices", "clauses", "forms", "measures", "never", "policy", "purposes", "recipients",
    "retention", "rules", "stores",
}  # fmt: skip


@cache
def answers() -> datamap.DataMap:
    return datamap.load(sorted((ROOT / "creditable").rglob("data_map.yaml")))


@cache
def original(provider: str) -> Edition:
    policy = document.load(ROOT / "demo" / provider / "policy" / "1")
    return Edition(policy, answers().categories())


def page(policy: Policy) -> list[object]:
    """All that people read: the text, what forms say, and what stands beside a release."""
    return [
        notice.sections(policy),
        [notice.form_notice(policy, form) for form in policy.forms],
        [
            notice.binding(policy, reference)
            for clause in policy.clauses
            for reference in clause.binds
        ],
    ]


def guard(provider: str, mutant: Mutant) -> str:
    """Which guard is red; "" where none is."""
    before = original(provider)
    try:
        policy = mutant.policy()
    except PolicyError:
        return "document"
    if answers().unknown(categories=policy.categories, retention=policy.retention):
        return "data map"
    found = compare.compare(before, Edition(policy, before.columns))
    if found.widened or found.narrowed or found.bounds or found.sentences:
        return "comparison"
    return "page" if page(policy) != page(before.policy) else ""


def judged(provider: str, some: Iterable[Mutant]) -> tuple[Counter[str], set[str], list[str]]:
    """How often each guard was red, the kinds of atom, and what nobody noticed."""
    red: Counter[str] = Counter()
    kinds, unnoticed = set(), []
    for mutant in some:
        name = guard(provider, mutant)
        red[name] += 1
        kinds.add(mutant.kind)
        if not name:
            unnoticed.append(str(mutant))
    return red, kinds, unnoticed


@pytest.mark.parametrize("provider", providers())
def test_no_atom_can_be_changed_unnoticed(provider: str) -> None:
    some = list(mutants.of(original(provider).policy))[len(provider) % SLICE :: SLICE]
    red, _, unnoticed = judged(provider, some)
    assert unnoticed == []
    assert sum(red.values()) > 30


@pytest.mark.slow
@pytest.mark.parametrize("provider", providers())
def test_none_of_all_atoms_can_be_changed_unnoticed(provider: str) -> None:
    red, kinds, unnoticed = judged(provider, mutants.of(original(provider).policy))
    assert unnoticed == []
    assert kinds >= KINDS
    assert min(red["document"], red["comparison"]) > 50, red


def test_an_unchanged_policy_is_noticed_by_nobody() -> None:
    """So that the guards above do not cry at everything."""
    plain = json.loads(original("electric").policy.canonical)
    same = Mutant(plain, ("policy", "version"), "as it was", plain["policy"]["version"])
    assert guard("electric", same) == ""


@pytest.mark.parametrize("provider", providers())
def test_a_rule_less_lets_less_out(provider: str) -> None:
    """Each rule is what some release rests on: without it that is refused, or rests on another."""
    before = original(provider)
    rules = [rule.id for rule in before.policy.rules]
    assert len(rules) > 10
    for rule in rules:
        openings = [
            cell for cell in before.decisions.openings if before.decisions.decide(cell).rule == rule
        ]
        assert openings, f"nothing rests on {rule}"
