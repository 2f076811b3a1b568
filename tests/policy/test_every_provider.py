"""What holds for the policy of every provider of the demo, whatever it promises."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from creditable.credit import packs
from creditable.credit.releases import FIELDS
from creditable.disclosure.templates import Template, registered
from creditable.ops import promises
from creditable.ops.demonstration import providers
from creditable.policy import datamap, decide, document, notice
from creditable.policy.contents import Cell, Policy, covers, leaves
from creditable.policy.duration import Duration
from tests.promises import promise

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=providers(), scope="module")
def folder(request: pytest.FixtureRequest) -> Path:
    path: Path = ROOT / "demo" / request.param
    return path


@pytest.fixture(scope="module")
def policy(folder: Path) -> Policy:
    return document.load(folder / "policy" / "1")


def test_the_data_maps_of_all_apps_use_its_words(policy: Policy) -> None:
    answers = datamap.load(sorted((ROOT / "creditable").rglob("data_map.yaml")))
    assert len(answers.answers) > 100
    assert answers.unknown(categories=policy.categories, retention=policy.retention) == []


def is_of(template: Template, policy: Policy) -> bool:
    """Whether this provider deals with such a recipient for such a purpose at all. (Authorities
    differ from provider to provider and have a test of their own.)"""
    return (
        not template.recipient.startswith("authority.")
        and template.recipient in policy.recipients
        and template.purpose in policy.purposes
    )


def test_every_template_is_of_some_provider() -> None:
    policies = [document.load(ROOT / "demo" / name / "policy" / "1") for name in providers()]
    for template in registered().values():
        if not template.recipient.startswith("authority.") and any(
            map(template.is_personal, template.fields)
        ):
            assert any(is_of(template, policy) for policy in policies), template.name


def test_it_lets_out_what_the_program_sends(policy: Policy) -> None:
    decisions = decide.compile(policy)
    asked = 0
    for template in registered().values():
        if not is_of(template, policy):
            continue
        for field, category in template.fields.items():
            if template.is_personal(field):
                side = (template.recipient, template.purpose, template.channel, template.group)
                verdict = decisions.decide(Cell(category, *side))
                assert verdict.allowed, f"{template.name}.{field}: {verdict.reason}"
                asked += 1
    assert asked > 10


def test_it_lets_reports_go_to_the_authorities_that_take_them(folder: Path, policy: Policy) -> None:
    decisions = decide.compile(policy)
    categories = {category for category in FIELDS.values() if category.startswith("user.")}
    for pack in packs.served(folder).values():
        for category in categories:
            for channel in ("manual", "https"):
                cell = Cell(category, f"authority.{pack.id}", "licensure", channel, "customer")
                ways = {pack.layout.channel, "manual"}  # the second for audits
                wanted = pack.takes_reports and channel in ways
                assert decisions.decide(cell).allowed == wanted, (pack.id, category, channel)


def test_a_password_a_health_reason_and_a_score_reach_no_outsider(policy: Policy) -> None:
    decisions = decide.compile(policy)
    private = ("user.authorization.credentials", "user.health_and_medical", "user.ce.score")
    for recipient in leaves(policy.recipients):
        if recipient != "self":
            for category in private:
                assert not [
                    rule.id
                    for rule in policy.rules
                    if any(
                        decisions.decide(Cell(category, recipient, purpose, channel, group)).allowed
                        for purpose in rule.permit.purposes
                        for channel in rule.permit.channels
                        for group in rule.permit.groups
                    )
                ], (category, recipient)


@promise("B14")
def test_it_says_where_everything_lies(policy: Policy) -> None:
    tables = [
        paragraph.table
        for section in notice.sections(policy)
        for paragraph in section.paragraphs
        if paragraph.table
    ]
    kept, who = sorted(tables, key=lambda table: -len(table.columns))
    assert {row[0] for row in kept.rows} == {each.label for each in policy.retention.values()}
    assert {row[0] for row in who.rows} == {
        policy.recipients[name].label for name in leaves(policy.recipients)
    }
    assert all(cell for table in tables for row in table.rows for cell in row)


def test_it_says_every_promise_of_such_a_provider_that_is_due(folder: Path, policy: Policy) -> None:
    """The A promises come from a provider of trade courses, B from one of seminars, C from one for
    engineers."""
    letter = {"electric": "A", "seminars": "B", "engineers": "C"}[folder.name]
    named = {id for clause in policy.clauses for id in clause.promises}
    due = {id for id, promise in promises.read().items() if promise.due and id.startswith(letter)}
    assert due
    assert due <= named


def test_a_choice_shuts_something_or_ends_what_we_do_or_is_about_those_who_get_nothing(
    policy: Policy,
) -> None:
    """What the program does here and lets nothing out by is a measure of the choice's name."""
    opened = {cell.recipient for cell in decide.compile(policy).openings}
    assert policy.choices
    for name, choice in policy.choices.items():
        rules = [rule.id for rule in policy.rules if name in rule.unless]
        about = {
            one
            for one in policy.recipients
            if any(covers(above, one) for above in choice.covers.recipients)
        }
        assert rules or name in policy.measures or (about and not about & opened), name


def test_a_no_stops_offers_and_what_rests_on_consent_and_nothing_else(policy: Policy) -> None:
    decisions = decide.compile(policy)
    refused = frozenset(policy.choices)
    shut = {cell for cell in decisions.openings if not decisions.decide(cell, refused).allowed}
    asked = {name for name, purpose in policy.purposes.items() if purpose.basis == "consent"}
    assert {cell.purpose for cell in shut} <= {"offers", "third_party_offers"} | asked
    assert all(cell in shut for cell in decisions.openings if cell.purpose == "offers")


def test_nobody_gets_e_mail_or_phone_to_make_offers_of_their_own(policy: Policy) -> None:
    decisions = decide.compile(policy)
    barred = 0
    for cell in decisions.barred:
        if cell.category in ("user.contact.email", "user.contact.phone_number"):
            barred += cell.recipient in ("renter", "advertiser")
    sides = len(leaves(policy.purposes)) * len(policy.channels) * len(policy.groups)
    assert barred == 2 * 2 * sides


def test_global_privacy_control_says_no_to_all_that_others_could_get(policy: Policy) -> None:
    said = [choice for choice in policy.choices.values() if choice.gpc]
    assert said
    for recipient in ("renter", "advertiser"):
        cell = Cell("user.name", recipient, "legal", "manual", "customer")
        assert any(choice.covers.meets(cell) for choice in said), recipient


def test_its_clauses_name_promises_that_exist(policy: Policy) -> None:
    named = {id for clause in policy.clauses for id in clause.promises}
    named |= {id for measure in policy.measures.values() for id in measure.promises}
    assert named
    assert named <= promises.read().keys()


def test_it_asks_with_the_forms_that_the_pages_have(policy: Policy) -> None:
    electric = document.load(ROOT / "demo" / "electric" / "policy" / "1")
    of_those_who_vouch = {"identity"} if "identity" in policy.recipients else set()
    assert policy.forms.keys() - electric.forms.keys() == of_those_who_vouch
    assert {name: set(policy.forms[name].fields) for name in electric.forms} == {
        name: set(form.fields) for name, form in electric.forms.items()
    }


def test_the_provider_is_the_one_of_the_shop(folder: Path, policy: Policy) -> None:
    shop = yaml.safe_load((folder / "provider.yaml").read_text(encoding="utf-8"))
    assert policy.controller.name == shop["legal_name"]
    assert policy.controller.email == shop["privacy_contact"]["email"]
    assert policy.controller.phone == shop["privacy_contact"]["phone"]
    for part in ("street", "city", "region", "postal_code"):
        assert shop["address"][part] in policy.controller.address


def test_a_sign_in_ends_when_it_says(policy: Policy) -> None:
    kept = policy.retention["session"].keep
    assert isinstance(kept, Duration)
    assert timedelta(days=kept.days) == timedelta(seconds=settings.SESSION_COOKIE_AGE)


def test_no_two_providers_say_it_in_the_same_words() -> None:
    said: dict[str, str] = {}
    for name in providers():
        for clause in document.load(ROOT / "demo" / name / "policy" / "1").clauses:
            words = " ".join(clause.text.split())
            assert said.setdefault(words, name) == name, clause.id


def test_the_table_tells_which_clause_says_which_promise() -> None:
    names = ("electric", "seminars", "engineers")
    assert set(names) == set(providers())
    clauses = [document.load(ROOT / "demo" / name / "policy" / "1").clauses for name in names]
    written = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8").splitlines()
    waiting = set()
    for id in promises.read():
        said = [
            ", ".join(f"`{clause.id}`" for clause in of if id in clause.promises) for of in clauses
        ]
        rows = [row for row in written if row.startswith(f"| {id} |")]
        if any(said):
            assert rows == [f"| {id} | {' | '.join(said)} |"], "write this row in docs/policies.md"
        else:
            assert len(rows) == 1, f"say in docs/policies.md what {id} waits for"
            waiting.add(id)
    assert not {id for id in waiting if promises.read()[id].due}
