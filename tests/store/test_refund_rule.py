"""The refund rule, as a person would read it: thirty days, and before the exam is started."""

import pytest

from creditable.store.refund_rule import Facts, Terms, judge

TERMS = Terms(text="Within 30 days, before the exam.", days=30, until_exam=True)


@pytest.mark.parametrize(
    ("facts", "allowed"),
    [
        (Facts(days=0), True),
        (Facts(days=30), True),
        (Facts(days=31), False),
        (Facts(days=1, exam_started=True), False),
        (Facts(days=31, exam_started=True), False),
    ],
)
def test_a_changed_mind_is_bound_by_the_days_and_the_exam(facts: Facts, allowed: bool) -> None:
    assert judge(TERMS, facts, reason="changed_mind").allowed is allowed


@pytest.mark.parametrize("reason", ["our_fault", "paid_too_much"])
def test_what_we_owe_goes_back_whenever_it_is_asked_for(reason: str) -> None:
    assert judge(TERMS, Facts(days=400, exam_started=True), reason=reason).allowed


def test_a_no_says_which_part_of_the_rule_forbids_it() -> None:
    assert "31 days ago" in judge(TERMS, Facts(days=31), reason="changed_mind").says
    late = judge(TERMS, Facts(days=40, exam_started=True), reason="changed_mind")
    assert "exam was started" in late.says


def test_credit_is_warned_about_and_stays() -> None:
    (warning,) = judge(TERMS, Facts(days=1, credited=True), reason="our_fault").warnings
    assert "stays" in warning
    reported = Facts(days=1, credited=True, reported=True)
    (warning,) = judge(TERMS, reported, reason="our_fault").warnings
    assert "reported" in warning
    assert judge(TERMS, Facts(days=1), reason="our_fault").warnings == ()


def test_a_rule_without_limits_forbids_nothing_and_says_so() -> None:
    verdict = judge(
        Terms(text="Ask us."), Facts(days=900, exam_started=True), reason="changed_mind"
    )
    assert verdict.allowed
    assert "Read it" in verdict.says
