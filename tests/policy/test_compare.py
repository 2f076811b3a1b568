"""Whoever once said no is found when a new version would let out what they meant, whatever the new
version calls it; and nobody is found for whom nothing widens."""

import datetime as dt
import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

from creditable.policy import compare, document
from creditable.policy.compare import Comparison, Edition, Objection
from creditable.policy.contents import (
    Authority,
    Cell,
    Choice,
    Controller,
    Never,
    Policy,
    Purpose,
    Reach,
    Recipient,
    Rule,
    Scope,
)

CATEGORIES = ("name", "mail", "home", "home.street", "home.city")
RECIPIENTS = ("board", "renter", "renter.one", "court")
PURPOSES = ("license", "offers", "law")
GROUPS = ("adult", "child")
CHOICES = ("rent", "calls")
COLUMNS = {"person.name": "name", "person.mail": "mail", "person.street": "home.street"}
RENTING = Scope(("name", "home"), ("renter",), ("offers",), ("hand",), GROUPS)
REPORTING = Scope(("name",), ("board",), ("license",), ("hand",), GROUPS)
REFUSED = Objection(Reach(recipients=("renter",)), (("rent", False),))

ELECTRIC = Path(__file__).parents[2] / "demo" / "electric" / "policy" / "1"


def edition(
    *rules: Rule,
    never: tuple[Never, ...] = (),
    defaults: Mapping[str, str] | None = None,
    bases: Mapping[str, str] | None = None,
    regions: Mapping[str, str] | None = None,
    columns: Mapping[str, str] = COLUMNS,
    **parts: Any,
) -> Edition:
    """A version that says nothing but what is named."""
    defaults, bases, regions = defaults or {}, bases or {}, regions or {}
    known = {
        "categories": CATEGORIES,
        "recipients": RECIPIENTS,
        "purposes": PURPOSES,
    } | parts
    policy = Policy(
        id="made-up",
        version=1,
        supersedes=None,
        effective=dt.date(2027, 1, 1),
        region="here",
        controller=Controller("", "", "", ""),
        authority=Authority("", ""),
        categories=dict.fromkeys(known["categories"], "words"),
        regions={"here": "Ohio", "there": "Canada"},
        recipients={
            name: Recipient(name, regions.get(name, "here")) for name in known["recipients"]
        },
        stores={},
        purposes={
            name: Purpose(
                name,
                bases.get(name, "legal_obligation" if name == "law" else "legitimate_interest"),
            )
            for name in known["purposes"]
        },
        channels={"hand": "by hand"},
        groups=dict.fromkeys(GROUPS, "words"),
        choices={
            name: Choice(name, defaults.get(name, "allow"), Reach(groups=GROUPS))
            for name in CHOICES
        },
        rules=rules,
        never=never,
        aggregates={},
        retention={},
        minors=None,
        measures={},
        forms={},
        sections=(),
        canonical=b"",
    )
    return Edition(policy, columns)


def concerned(old: Edition, new: Edition, objection: Objection = REFUSED) -> set[tuple[str, str]]:
    """Category and reason of what is held for whoever objected."""
    found = compare.compare(old, new).concerned(objection)
    return {(widening.cell.category, reason) for widening in found for reason in widening.reasons}


SILENT = edition(Rule("report", REPORTING, ()))
RENTED = edition(Rule("report", REPORTING, ()), Rule("rent", RENTING, ("rent",)))
EVERYTHING = {("name", "new"), ("home.street", "new"), ("home.city", "new")}


def test_a_rule_that_gives_way_to_the_same_no_concerns_nobody() -> None:
    assert concerned(SILENT, RENTED) == set()
    assert concerned(RENTED, replace(RENTED)) == set()


def test_a_rule_that_gives_way_to_nothing_concerns_whoever_said_no() -> None:
    bare = edition(Rule("report", REPORTING, ()), Rule("rent", RENTING, ()))
    assert concerned(SILENT, bare) == EVERYTHING
    lost = {(category, "choice lost") for category, _ in EVERYTHING}
    assert concerned(RENTED, bare) == lost


def test_another_name_for_the_purpose_does_not_slip_past_a_no() -> None:
    relabeled = replace(RENTING, purposes=("license",))
    renamed = edition(Rule("partners", relabeled, ()))
    assert concerned(SILENT, renamed) == EVERYTHING


def test_another_choice_in_the_place_of_the_refused_one_is_no_answer() -> None:
    swapped = edition(Rule("rent", RENTING, ("calls",)))
    assert {reason for _, reason in concerned(RENTED, swapped)} == {"choice lost"}


def test_a_new_recipient_below_the_refused_one_is_held() -> None:
    more = edition(Rule("rent", RENTING, ()), recipients=(*RECIPIENTS, "renter.two"))
    old = edition(Rule("rent", RENTING, ()))
    held = compare.compare(old, more).concerned(REFUSED)
    assert {(widening.cell.recipient, widening.reasons) for widening in held} == {
        ("renter.two", ("new",))
    }


def test_a_column_that_moved_to_a_released_category_is_held_though_no_rule_changed() -> None:
    old = edition(Rule("rent", replace(RENTING, categories=("home",)), ()))
    new = edition(
        Rule("rent", replace(RENTING, categories=("home",)), ()),
        columns=COLUMNS | {"person.mail": "home.street"},
    )
    (held,) = {w.columns for w in compare.compare(old, new).concerned(REFUSED)}
    assert held == ("person.mail",)
    about_mail = replace(REFUSED, reach=Reach(categories=("mail",)))
    assert concerned(old, new, about_mail) == {("home.street", "new")}


def test_a_category_that_only_changed_its_name_widens_nothing() -> None:
    names = {"categories": (*CATEGORIES, "fullname")}
    renamed = replace(RENTING, categories=("fullname",))
    old = edition(Rule("rent", replace(RENTING, categories=("name",)), ()))
    new = edition(Rule("rent", renamed, ()), columns=COLUMNS | {"person.name": "fullname"}, **names)
    assert compare.compare(old, new).widened == ()


def test_a_never_that_was_dropped_opens_what_it_shut() -> None:
    bar = Never("mail", Scope(("name",), ("renter",), PURPOSES, ("hand",), GROUPS))
    old, new = edition(Rule("rent", RENTING, ()), never=(bar,)), edition(Rule("rent", RENTING, ()))
    assert concerned(old, new) == {("name", "new")}


def test_a_default_that_turned_into_a_yes_widens_and_holds_for_who_never_answered() -> None:
    old = edition(Rule("rent", RENTING, ("rent",)), defaults={"rent": "deny"})
    new = edition(Rule("rent", RENTING, ("rent",)))
    widened = compare.compare(old, new).widened
    assert {widening.reasons for widening in widened} == {("default",)}
    unanswered = Objection(Reach(recipients=("renter",)))
    assert {category for category, _ in concerned(old, new, unanswered)} == {
        category for category, _ in EVERYTHING
    }
    assert concerned(old, new) == set(), "a no stays a no"


def test_a_purpose_off_consent_and_a_recipient_in_another_country_are_held() -> None:
    old = edition(Rule("rent", RENTING, ()), bases={"offers": "consent"})
    new = edition(Rule("rent", RENTING, ()))
    assert {reason for _, reason in concerned(old, new)} == {"basis"}
    abroad = edition(Rule("rent", RENTING, ()), regions={"renter.one": "there"})
    assert {reason for _, reason in concerned(new, abroad)} == {"region"}


def test_what_the_law_demands_is_not_held() -> None:
    by_law = replace(RENTING, recipients=("court",), purposes=("law",))
    objection = Objection(Reach())
    new = edition(Rule("court", by_law, ()))
    assert compare.compare(SILENT, new).widened
    assert concerned(SILENT, new, objection) == set()


def test_taking_a_rule_away_narrows() -> None:
    found = compare.compare(RENTED, SILENT)
    assert (found.widened, {cell.recipient for cell in found.narrowed}) == ((), {"renter.one"})


# Against a second reading that goes through all cells of all columns, person by person


def _random_scope(dice: random.Random) -> Scope:
    def some(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dice.sample(names, dice.randint(1, min(2, len(names)))))

    return Scope(some(CATEGORIES), some(RECIPIENTS), some(PURPOSES), ("hand",), some(GROUPS))


def _random_edition(dice: random.Random) -> Edition:
    rules = tuple(
        Rule(f"r{number}", _random_scope(dice), tuple(dice.sample(CHOICES, dice.randint(0, 2))))
        for number in range(dice.randint(1, 3))
    )
    never = (Never("n", _random_scope(dice)),) if dice.random() < 0.3 else ()
    return edition(
        *rules,
        never=never,
        defaults={name: dice.choice(("allow", "deny")) for name in CHOICES},
        bases={"offers": dice.choice(("consent", "legitimate_interest"))},
        regions={"renter.one": dice.choice(("here", "there"))},
        columns={
            column: dice.choice(("name", "mail", "home.street", "home.city")) for column in COLUMNS
        },
    )


def _random_objection(dice: random.Random) -> Objection:
    def side(names: tuple[str, ...]) -> tuple[str, ...]:
        return (dice.choice(names),) if dice.random() < 0.4 else ()

    reach = Reach(side(CATEGORIES), side(RECIPIENTS), side(PURPOSES), (), side(GROUPS))
    answers = tuple((name, dice.random() < 0.5) for name in CHOICES if dice.random() < 0.6)
    return Objection(reach, answers)


def _lies_below(name: str, names: tuple[str, ...]) -> bool:
    return not names or any(name == one or name.startswith(one + ".") for one in names)


def _naive_allows(
    policy: Policy, answers: dict[str, bool], category: str, recipient: str, rest: tuple[str, str]
) -> bool:
    purpose, group = rest

    def meets(scope: Scope) -> bool:
        return (
            _lies_below(category, scope.categories)
            and _lies_below(recipient, scope.recipients)
            and purpose in scope.purposes
            and group in scope.groups
        )

    def stopped(rule: Rule) -> bool:
        for name in rule.unless:
            said = answers.get(name)
            if said is False or (said is None and policy.choices[name].default == "deny"):
                return True
        return False

    if any(meets(bar.scope) for bar in policy.never):
        return False
    return any(meets(rule.permit) and not stopped(rule) for rule in policy.rules)


def _naive(old: Edition, new: Edition, objection: Objection) -> set[tuple[str, str, str, str]]:
    """Recipient, purpose, group and present category of all that must be held."""
    answers = dict(objection.answers)
    held = set()
    reach = objection.reach
    places = dict(new.columns)
    for category in ("name", "mail", "home.street", "home.city"):
        if category not in new.columns.values():
            places[f"nowhere.{category}"] = category
    for (place, category), recipient, purpose, group in product(
        places.items(), ("board", "renter.one", "court"), ("license", "offers"), GROUPS
    ):
        was = old.columns.get(place, category)
        if not _naive_allows(new.policy, answers, category, recipient, (purpose, group)):
            continue
        allowed_before = _naive_allows(old.policy, answers, was, recipient, (purpose, group))
        opened_before = any(
            _naive_allows(
                old.policy,
                dict(zip(CHOICES, yes, strict=True)),
                was,
                recipient,
                (purpose, group),
            )
            for yes in product((True, False), repeat=len(CHOICES))
        )
        weaker = opened_before and (
            (
                old.policy.purposes[purpose].basis == "consent"
                and new.policy.purposes[purpose].basis != "consent"
            )
            or old.policy.recipients[recipient].region != new.policy.recipients[recipient].region
        )
        if allowed_before and not weaker:
            continue
        if (
            any(_lies_below(name, reach.categories) for name in (category, was))
            and _lies_below(recipient, reach.recipients)
            and _lies_below(purpose, reach.purposes)
            and _lies_below(group, reach.groups)
        ):
            held.add((category, recipient, purpose, group))
    return held


def _found(comparison: Comparison, objection: Objection) -> set[tuple[str, str, str, str]]:
    cells: list[Cell] = [widening.cell for widening in comparison.concerned(objection)]
    return {(cell.category, cell.recipient, cell.purpose, cell.group) for cell in cells}


def agree_on(pairs: int, *, seed: int) -> None:
    dice = random.Random(seed)
    held = 0
    for pair in range(pairs):
        old, new, objection = _random_edition(dice), _random_edition(dice), _random_objection(dice)
        expected = _naive(old, new, objection)
        found = _found(compare.compare(old, new), objection)
        assert found == expected, (seed, pair, objection)
        held += len(expected)
    assert held > pairs / 4


def test_nobody_is_missed_and_nobody_bothered_on_random_pairs_of_versions() -> None:
    """Many more pairs are tried by tests/disclosure/test_random_pairs.py."""
    agree_on(2_000, seed=0)


def test_who_no_longer_needs_a_matter_or_a_contract_shows_among_the_bounds() -> None:
    old = document.load(ELECTRIC)
    freed = {
        name: replace(recipient, matter=False, contract=False)
        for name, recipient in old.recipients.items()
    }
    found = compare.compare(Edition(old, {}), Edition(replace(old, recipients=freed), {})).bounds
    assert {bound.what for bound in found if bound.weaker} >= {
        "recipient.court.matter",
        "recipient.mailer.contract",
    }
    back = compare.compare(Edition(replace(old, recipients=freed), {}), Edition(old, {})).bounds
    assert not [bound for bound in back if bound.weaker]
