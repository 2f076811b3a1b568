"""The engineers' provider gives nothing to a third party unless the person has said yes to it."""

from pathlib import Path

import pytest

from creditable.policy import decide, document
from creditable.policy.contents import Cell
from creditable.policy.decide import Decisions
from tests.promises import promise

POLICY = Path(__file__).parents[2] / "demo" / "engineers" / "policy" / "1"
WITHOUT_ASKING = {
    ("court", "legal"): "the law does not ask",
    ("court", "safety"): "nor does an emergency",
    ("public_verifier", "verification"): "the holder gave the certificate's number away",
    ("office", "verification"): "the office has it already; a file of it is noted all the same",
    ("payment.paypal", "refund"): "the person asked for the money",
}


@pytest.fixture(scope="module")
def decisions() -> Decisions:
    return decide.compile(document.load(POLICY))


def leaving(decisions: Decisions, answers: dict[str, bool]) -> set[tuple[str, str]]:
    """To whom something goes, for what, after these answers; mail to the person aside."""
    refused = decisions.policy.refused(answers)
    return {
        (cell.recipient, cell.purpose)
        for cell in decisions.openings
        if cell.recipient != "self" and decisions.decide(cell, refused).allowed
    }


@promise("C1")
def test_who_has_said_nothing_is_known_to_no_third_party(decisions: Decisions) -> None:
    assert leaving(decisions, {}) == WITHOUT_ASKING.keys()


@promise("C1")
def test_a_yes_opens_what_was_asked_and_a_no_shuts_it_again(decisions: Decisions) -> None:
    boards = {("authority.us-fl-fbpe", "licensure"), ("authority.demo-state-board", "licensure")}
    opened = {"share.payment": {("payment.paypal", "payment")}, "share.authority": boards}
    for choice, ways in opened.items():
        assert leaving(decisions, {choice: True}) - WITHOUT_ASKING.keys() == ways
        assert not leaving(decisions, {choice: False}) & ways


def test_what_rests_on_consent_says_so(decisions: Decisions) -> None:
    policy = decisions.policy
    for name in ("payment", "licensure"):
        assert policy.purposes[name].basis == "consent"
    cell = Cell("user.name", "payment.paypal", "payment", "https", "customer")
    verdict = decisions.decide(cell, policy.refused({}))
    assert verdict.reason.startswith("the person has not agreed to what PayPal needs")
