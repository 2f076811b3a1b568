"""What the electric provider's policy permits and says, cell by cell and word by word."""

from functools import cache
from importlib import import_module
from itertools import product
from pathlib import Path

import pytest
from django.apps import apps
from django.utils.module_loading import module_has_submodule

from creditable.disclosure.templates import registered
from creditable.policy import decide, document, notice
from creditable.policy.contents import Cell, Policy, leaves
from creditable.policy.decide import Decisions
from tests.promises import promise

ROOT = Path(__file__).parents[2]
ELECTRIC = ROOT / "demo" / "electric"
ADDRESS = {f"user.contact.address.{part}" for part in ("street", "city", "state", "postal_code")}
AUTHORITY_FIELDS = {"user.name", "user.government_id.ce_license", "user.ce.completion"}
AUDITED = AUTHORITY_FIELDS | {"user.ce.progress", "user.ce.certificate", "user.ce.report"}
"""What an authority that asks for proof may see besides; never exam answers."""
DOCUMENT = "user.government_id.identity_document"
GETS = {
    "authority.us-tx-tdlr-electricians": AUDITED,
    "authority.demo-state-board": AUDITED | {DOCUMENT},
}
MAIL = {
    "account": {"user.authorization.one_time_code", "user.privacy.choice"},
    "security": {"user.authorization.one_time_code", "user.device.ip_address"},
    "order": {
        "user.behavior.purchase_history",
        "user.payment.total",
        "user.payment.reference",
        *ADDRESS,
    },
    "learning": {
        "user.ce.enrollment",
        "user.ce.progress",
        "user.ce.score",
        "user.ce.completion",
        "user.ce.certificate",
    },
    "licensure": {
        "user.government_id.ce_license",
        "user.ce.completion",
        "user.ce.certificate",
        "user.ce.report",
    },
    "support": {"user.content.message"},
    "offers": set(),
    "research": set(),
}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return document.load(ELECTRIC / "policy" / "1")


@pytest.fixture(scope="module")
def decisions(policy: Policy) -> Decisions:
    return decide.compile(policy)


@cache
def allowed(decisions: Decisions) -> frozenset[Cell]:
    """Every cell of the whole space that is allowed, asked one by one."""
    policy = decisions.policy
    names = (
        policy.categories,
        policy.recipients,
        policy.purposes,
        policy.channels,
        policy.groups,
    )
    space = [Cell(*point) for point in product(*(leaves(side) for side in names))]
    assert len(space) > 10_000
    return frozenset(cell for cell in space if decisions.decide(cell).allowed)


def fields(decisions: Decisions, **where: str) -> set[str]:
    """The categories that can leave to a place."""
    return {
        cell.category
        for cell in allowed(decisions)
        if all(getattr(cell, side) == name for side, name in where.items())
    }


@promise("A3")
def test_paypal_gets_the_total_and_the_billing_details_and_nothing_else(
    decisions: Decisions,
) -> None:
    wanted = {
        "user.payment.total",
        "user.payment.reference",
        "user.name",
        "user.contact.email",
        *ADDRESS,
    }
    assert fields(decisions, recipient="payment.paypal") == wanted
    ways = {
        (cell.purpose, cell.channel)
        for cell in allowed(decisions)
        if cell.recipient == "payment.paypal"
    }
    assert ways == {("payment", "https"), ("refund", "https")}


@promise("A3")
def test_paypal_learns_of_a_refund_its_amount_and_number_alone(decisions: Decisions) -> None:
    assert fields(decisions, purpose="refund") == {"user.payment.total", "user.payment.reference"}
    assert {cell.recipient for cell in allowed(decisions) if cell.purpose == "refund"} == {
        "payment.paypal"
    }


@pytest.mark.parametrize(
    ("authority", "channel"),
    [("authority.us-tx-tdlr-electricians", "manual"), ("authority.demo-state-board", "https")],
)
def test_an_authority_gets_name_license_and_completion_and_what_proves_it_when_it_audits(
    decisions: Decisions, authority: str, channel: str
) -> None:
    if channel == "https":
        assert fields(decisions, recipient=authority, channel=channel) == AUTHORITY_FIELDS | {
            DOCUMENT
        }
    assert fields(decisions, recipient=authority) == GETS[authority]
    ways = {
        (cell.purpose, cell.channel) for cell in allowed(decisions) if cell.recipient == authority
    }
    assert ways == {("licensure", way) for way in (channel, "web", "manual")}


def test_the_check_page_shows_name_certificate_and_completion(decisions: Decisions) -> None:
    shown = {"user.name", "user.ce.certificate", "user.ce.completion"}
    assert fields(decisions, recipient="public_verifier") == shown
    assert fields(decisions, channel="web") == shown | AUDITED
    assert fields(decisions, purpose="verification", channel="web") == shown


def test_a_file_for_the_office_says_who_completed_what_and_no_more(decisions: Decisions) -> None:
    assert fields(decisions, recipient="office") == AUTHORITY_FIELDS
    assert {cell.channel for cell in allowed(decisions) if cell.recipient == "office"} == {"manual"}


@pytest.mark.parametrize(("purpose", "wanted"), MAIL.items(), ids=MAIL.keys())
def test_mail_to_the_person_holds_what_its_purpose_needs(
    decisions: Decisions, purpose: str, wanted: set[str]
) -> None:
    always = {"user.name", "user.contact.email"}
    assert fields(decisions, recipient="self", purpose=purpose) == wanted | always
    assert {cell.channel for cell in allowed(decisions) if cell.recipient == "self"} == {"smtp"}


def test_nobody_else_gets_anything(decisions: Decisions) -> None:
    assert {cell.recipient for cell in allowed(decisions)} == {
        "self",
        "payment.paypal",
        "authority.us-tx-tdlr-electricians",
        "authority.demo-state-board",
        "public_verifier",
        "vendor.eligibility",
        "office",
        "court",
    }


@promise("A15")
def test_news_and_questions_come_to_those_alone_who_said_yes(decisions: Decisions) -> None:
    for purpose in ("offers", "research"):
        cell = Cell("user.contact.email", "self", purpose, "smtp", "customer")
        silent = decisions.policy.refused({})
        assert not decisions.decide(cell, silent).allowed
        agreed = decisions.policy.refused({f"{purpose}.email": True})
        assert decisions.decide(cell, agreed).allowed
        withdrawn = decisions.policy.refused({f"{purpose}.email": False})
        assert not decisions.decide(cell, withdrawn).allowed


def test_a_vendor_learns_what_it_must_to_say_whether_one_may_take_a_course(
    decisions: Decisions,
) -> None:
    wanted = {"user.ce.eligibility", "user.name", "user.government_id.ce_license"}
    assert fields(decisions, recipient="vendor.eligibility") == wanted
    assert decisions.policy.needs_contract("vendor.eligibility")


def test_what_a_court_orders_cannot_be_refused_and_the_text_says_so(decisions: Decisions) -> None:
    policy = decisions.policy
    everything = frozenset(policy.choices)
    handed_over = [cell for cell in allowed(decisions) if cell.recipient == "court"]
    assert handed_over
    assert all(decisions.decide(cell, everything).allowed for cell in handed_over)
    assert {policy.purposes[cell.purpose].basis for cell in handed_over} == {
        "legal_obligation",
        "vital_interests",
    }
    assert "You cannot say no to that" in notice.sentence(policy, "others.court")


def test_e_mail_and_phone_are_barred_from_authorities_and_verifiers(decisions: Decisions) -> None:
    for category in ("user.contact.email", "user.contact.phone_number"):
        for recipient in (
            "authority.us-tx-tdlr-electricians",
            "authority.demo-state-board",
            "public_verifier",
        ):
            verdict = decisions.decide(Cell(category, recipient, "licensure", "https", "customer"))
            assert not verdict.allowed
            assert (verdict.rule, verdict.clause) == ("never.contact", "authority.never_contact")


def test_a_rule_added_by_mistake_does_not_open_what_is_never_to_leave(tmp_path: Path) -> None:
    for file in (ELECTRIC / "policy" / "1").glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        if file.name == "rules.yaml":
            name = "categories: [user.name, user.government_id.ce_license, user.ce.completion]"
            assert name in text
            text = text.replace(name, name.replace("user.name", "user.contact.email, user.name"))
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    mistaken = decide.compile(document.load(tmp_path))
    for recipient, gets in GETS.items():
        assert fields(mistaken, recipient=recipient) == gets


@promise("A12")
def test_an_identity_document_leaves_to_the_authority_that_demands_it_alone(
    decisions: Decisions,
) -> None:
    ways = {
        (cell.recipient, cell.purpose, cell.channel)
        for cell in allowed(decisions)
        if cell.category == DOCUMENT
    }
    assert ways == {("authority.demo-state-board", "licensure", "https")}


def test_a_password_leaves_to_nobody(decisions: Decisions) -> None:
    assert not {
        cell for cell in allowed(decisions) if cell.category == "user.authorization.credentials"
    }


def test_every_release_stands_on_a_sentence_that_people_can_read(decisions: Decisions) -> None:
    page = {
        paragraph.id: paragraph.text
        for section in notice.sections(decisions.policy)
        for paragraph in section.paragraphs
    }
    for cell in allowed(decisions):
        clause = decisions.decide(cell).clause
        assert clause is not None
        assert page[clause]


def test_the_text_names_whom_and_what_the_rules_name(policy: Policy) -> None:
    for rule in policy.rules:
        text = notice.sentence(policy, policy.clause_of[rule.id].id)
        for category in rule.permit.categories:
            assert policy.categories[category] in text, (rule.id, category)


def test_every_field_that_a_release_is_made_of_may_leave(decisions: Decisions) -> None:
    for app in apps.get_app_configs():
        for part in ("releases", "jobs", "replies"):
            if module_has_submodule(app.module, part):
                import_module(f"{app.name}.{part}")
    assert len(registered()) > 5
    for template in registered().values():
        if template.recipient.startswith("identity."):
            continue  # not set up, and not named: whoever offers it is asked below
        if template.purpose not in decisions.policy.purposes:
            continue  # this provider does no such thing
        for field, category in template.fields.items():
            if template.is_personal(field):
                cell = Cell(
                    category,
                    template.recipient,
                    template.purpose,
                    template.channel,
                    template.group,
                )
                verdict = decisions.decide(cell)
                if template.name.startswith("learning.audit.") and field not in template.required:
                    continue  # what an audit may show where a policy lets it, and else stays
                assert verdict.allowed, f"{template.name}.{field}: {verdict.reason}"
