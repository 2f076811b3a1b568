"""A cell is denied unless a rule permits it, `never` beats every rule, and a "no" is obeyed."""

import json
from collections.abc import Iterable
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from creditable.policy import decide, document
from creditable.policy.contents import Cell
from tests.policy import example

CATEGORIES = ["a", "a.x", "a.y", "ab", "b.c.d"]
RECIPIENTS = ["r", "r.one", "r.one.deep", "r.two", "s"]
PURPOSES = ["p", "p.more", "q"]
CHANNELS = ["smtp", "web"]
GROUPS = ["adult", "child"]
CHOICES = ["mail", "rent", "calls"]
ALL = {"group": GROUPS}

LEAVES = (
    ["a.x", "a.y", "ab", "b.c.d"],
    ["r.one.deep", "r.two", "s"],
    ["p.more", "q"],
    CHANNELS,
    GROUPS,
)
CELLS = [Cell(*point) for point in product(*LEAVES)]


def names(pool: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(pool), min_size=1, max_size=3, unique=True)


SIDES = {
    "categories": names(CATEGORIES),
    "recipient": names(RECIPIENTS),
    "purpose": names(PURPOSES),
    "channel": names(CHANNELS),
    "group": names(GROUPS),
}
RULES = st.lists(
    st.fixed_dictionaries(
        {
            "permit": st.fixed_dictionaries(SIDES),
            "unless": st.lists(st.sampled_from(CHOICES), unique=True),
        }
    ),
    min_size=1,
    max_size=5,
)
NEVER = st.lists(
    st.fixed_dictionaries(
        {"categories": SIDES["categories"], "recipient": SIDES["recipient"]},
        optional={key: SIDES[key] for key in ("purpose", "channel", "group")},
    ),
    max_size=2,
)
SAID = st.frozensets(st.sampled_from(CHOICES))

Plain = dict[str, Any]


def whole(rules: list[Plain], never: list[Plain]) -> Plain:
    """A publishable policy around rules and bars."""
    rules = [{"id": f"rule{number}", **rule} for number, rule in enumerate(rules)]
    never = [{"id": f"bar{number}", **bar} for number, bar in enumerate(never)]
    bound = [rule["id"] for rule in rules] + [f"never.{bar['id']}" for bar in never]
    bound += [f"choice.{choice}" for choice in CHOICES]
    clauses = [
        {"id": "all", "text": "All of it.", "binds": bound, "table": "stores"},
        {"id": "whom", "text": "These get it.", "table": "recipients"},
    ]
    return {
        "policy": {
            "id": "made-up",
            "version": 1,
            "effective": "2027-01-01",
            "region": "here",
            "controller": {"name": "n", "address": "a", "email": "e", "phone": "p"},
            "authority": {"name": "n", "website": "w"},
        },
        "categories": [{name: name} for name in CATEGORIES],
        "regions": {"here": "Ohio"},
        "recipients": {name: {"label": name, "region": "here"} for name in RECIPIENTS},
        "stores": {},
        "purposes": {name: {"label": name, "basis": "contract"} for name in PURPOSES},
        "channels": {name: name for name in CHANNELS},
        "groups": {name: name for name in GROUPS},
        "choices": {name: {"label": name, "default": "allow", "covers": ALL} for name in CHOICES},
        "rules": rules,
        "never": never,
        "retention": {},
        "forms": {},
        "clauses": [{"section": {"id": "s", "title": "t"}, "clauses": clauses}],
    }


def compiled(rules: list[Plain], never: list[Plain]) -> decide.Decisions:
    text = json.dumps(
        whole(rules, never), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return decide.compile(document.parse(text.encode()))


def naive(rules: list[Plain], never: list[Plain], cell: Cell, said: Iterable[str]) -> bool:
    """The second evaluator: reads the rules one by one, shares no line with the first."""
    asked = {
        "categories": cell.category,
        "recipient": cell.recipient,
        "purpose": cell.purpose,
        "channel": cell.channel,
        "group": cell.group,
    }

    def meets(sides: Plain) -> bool:
        for key, name in asked.items():
            if key not in sides:
                continue
            steps = name.split(".")
            above = [".".join(steps[: length + 1]) for length in range(len(steps))]
            if not any(named in above for named in sides[key]):
                return False
        return True

    for bar in never:
        if meets(bar):
            return False
    return any(
        meets(rule["permit"]) and not any(choice in rule["unless"] for choice in said)
        for rule in rules
    )


def careless(
    fault: str, rules: list[Plain], never: list[Plain], cell: Cell, said: frozenset[str]
) -> bool:
    """Evaluators that get one thing wrong."""
    match fault:
        case "never is forgotten":
            return naive(rules, [], cell, said)
        case "no is forgotten":
            return naive(rules, never, cell, ())
        case "the no of one rule closes all":
            refused = [rule for rule in rules if said & set(rule["unless"])]
            return naive(rules, never, cell, said) and not naive(refused, never, cell, ())
        case "only the first rule counts":
            return naive(rules[:1], never, cell, said)
    raise ValueError(fault)


def subsets(items: list[str]) -> Iterable[tuple[str, ...]]:
    return chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))


@settings(max_examples=60, deadline=None)
@given(RULES, NEVER)
def test_every_cell_is_decided_as_the_naive_reading_decides_it(
    rules: list[Plain], never: list[Plain]
) -> None:
    decisions = compiled(rules, never)
    for cell in CELLS:
        for said in subsets(CHOICES):
            verdict = decisions.decide(cell, frozenset(said))
            assert verdict.allowed == naive(rules, never, cell, said), (cell, said)


@pytest.mark.parametrize(
    "fault",
    [
        "never is forgotten",
        "no is forgotten",
        "the no of one rule closes all",
        "only the first rule counts",
    ],
)
def test_the_made_up_policies_tell_a_careless_evaluator_from_a_careful_one(fault: str) -> None:
    def differs(case: tuple[list[Plain], list[Plain], frozenset[str]]) -> bool:
        rules, never, said = case
        decisions = compiled(rules, never)
        return any(
            decisions.decide(cell, said).allowed != careless(fault, rules, never, cell, said)
            for cell in CELLS
        )

    first = settings(phases=[Phase.generate], deadline=None, database=None)
    assert find(st.tuples(RULES, NEVER, SAID), differs, settings=first)


@settings(max_examples=60, deadline=None)
@given(RULES, NEVER, SAID)
def test_a_choice_that_every_opening_rule_names_closes_the_cell(
    rules: list[Plain], never: list[Plain], said: frozenset[str]
) -> None:
    decisions = compiled(rules, never)
    for cell, openings in decisions.openings.items():
        named_by_all = frozenset.intersection(*(opening.unless for opening in openings))
        if named_by_all & said:
            assert not decisions.decide(cell, said).allowed


@settings(max_examples=60, deadline=None)
@given(RULES, NEVER, SAID, st.sampled_from(CHOICES))
def test_saying_no_to_more_never_opens_anything(
    rules: list[Plain], never: list[Plain], said: frozenset[str], more: str
) -> None:
    decisions = compiled(rules, never)
    for cell in CELLS:
        if decisions.decide(cell, said | {more}).allowed:
            assert decisions.decide(cell, said).allowed


@settings(max_examples=60, deadline=None)
@given(RULES, NEVER, NEVER, SAID)
def test_another_never_only_closes(
    rules: list[Plain], never: list[Plain], more: list[Plain], said: frozenset[str]
) -> None:
    before, after = compiled(rules, never), compiled(rules, never + more)
    for cell in CELLS:
        if after.decide(cell, said).allowed:
            assert before.decide(cell, said).allowed


@settings(max_examples=60, deadline=None)
@given(RULES, NEVER, SAID)
def test_every_verdict_names_what_it_stands_on(
    rules: list[Plain], never: list[Plain], said: frozenset[str]
) -> None:
    decisions = compiled(rules, never)
    for cell in CELLS:
        verdict = decisions.decide(cell, said)
        assert verdict.reason
        assert (verdict.rule is None) == (verdict.clause is None)
        if verdict.allowed:
            rule = next(rule for rule in decisions.policy.rules if rule.id == verdict.rule)
            assert not said & set(rule.unless)


@pytest.mark.parametrize(
    "cell",
    [
        Cell("a", "s", "q", "web", "adult"),
        Cell("a.x", "r", "q", "web", "adult"),
        Cell("a.x.deeper", "s", "q", "web", "adult"),
        Cell("", "s", "q", "web", "adult"),
        Cell("a.x", "s", "q", "fax", "adult"),
        Cell("a.x", "s", "q", "web", "robot"),
    ],
)
def test_only_what_the_policy_names_to_the_end_can_leave(cell: Cell) -> None:
    """A name that stands above others, or that nobody declared, is denied although all is open."""
    everything = {
        "categories": ["a", "ab", "b.c.d"],
        "recipient": ["r", "s"],
        "purpose": ["p", "q"],
        "channel": CHANNELS,
        "group": GROUPS,
    }
    decisions = compiled([{"permit": everything, "unless": []}], [])
    assert decisions.decide(Cell("a.x", "s", "q", "web", "adult")).allowed
    assert not decisions.decide(cell).allowed


def test_a_name_does_not_cover_one_that_merely_begins_alike() -> None:
    only_a = {key: value[:1] for key, value in zip(SIDES, LEAVES, strict=True)}
    only_a["categories"] = ["a"]
    decisions = compiled([{"permit": only_a, "unless": []}], [])
    rest = [side[0] for side in LEAVES[1:]]
    assert decisions.decide(Cell("a.x", *rest)).allowed
    assert not decisions.decide(Cell("ab", *rest)).allowed


def test_the_reason_is_told_in_the_words_of_the_policy(tmp_path: Path) -> None:
    decisions = decide.compile(document.load(example.write(tmp_path)))
    street = Cell("user.contact.address.street", "renter", "offers", "manual", "customer")
    permitted = decisions.decide(street)
    assert (permitted.rule, permitted.clause) == ("rent", "rent")
    refused = decisions.decide(street, frozenset({"offers.others"}))
    assert (refused.allowed, refused.rule, refused.clause) == (False, "rent", "rent")
    assert refused.reason == (
        "the person said no to offers of others:"
        " your street to those who rent lists for offers by hand (customers)"
    )
    mail = decisions.decide(Cell("user.contact.email", "renter", "offers", "manual", "customer"))
    assert (mail.allowed, mail.rule, mail.clause) == (False, "never.mail", "rent")
    assert mail.reason.startswith("never: your e-mail address")
    minor = decisions.decide(
        Cell("user.contact.address.street", "renter", "offers", "manual", "minor")
    )
    assert (minor.allowed, minor.rule, minor.clause) == (False, None, None)
    assert minor.reason.startswith("no rule permits your street")
