"""What a provider's refund rule says of a case. Pure.

The rule binds where somebody changed their mind. What the provider owes anyway (it canceled the
course, an approval was missing, somebody paid too much) goes back whenever it is asked for.
"""

from dataclasses import dataclass

from creditable.lib.words import say

BOUND = frozenset({"changed_mind"})


@dataclass(frozen=True, slots=True)
class Terms:
    """The rule in the provider's words, and the parts of it that can be checked: money goes back
    within `days` of paying (None: no limit) and, if `until_exam`, before the exam is started."""

    text: str
    days: int | None = None
    until_exam: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """The case of one line of an order: whole days since it was paid, and what was done with the
    course."""

    days: int
    exam_started: bool = False
    credited: bool = False
    reported: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the money may go back, why or why not (`says`), and what whoever decides must know
    and confirm first (`warnings`)."""

    says: str
    allowed: bool = True
    warnings: tuple[str, ...] = ()


def judge(terms: Terms, facts: Facts, *, reason: str) -> Verdict:
    """The case under the rule. `reason` is a Refund.Reason."""
    if reason not in BOUND:
        return Verdict(say("We owe this whatever the refund rule says."), warnings=_warnings(facts))
    if terms.until_exam and facts.exam_started:
        return Verdict(
            say("The exam was started. After that the refund rule returns nothing."), allowed=False
        )
    if terms.days is not None and facts.days > terms.days:
        return Verdict(
            say(
                "It was paid {days} days ago. The refund rule returns money for {limit}.",
                days=facts.days,
                limit=terms.days,
            ),
            allowed=False,
        )
    return Verdict(_within(terms), warnings=_warnings(facts))


def _within(terms: Terms) -> str:
    if terms.days is not None and terms.until_exam:
        return say(
            "The refund rule returns money within {days} days and before the exam is started. "
            "Both hold here.",
            days=terms.days,
        )
    if terms.days is not None:
        return say("The refund rule returns money within {days} days, as here.", days=terms.days)
    if terms.until_exam:
        return say("The refund rule returns money before the exam is started, as here.")
    return say("The refund rule sets no limit that a program can check. Read it, then decide.")


def _warnings(facts: Facts) -> tuple[str, ...]:
    """Credit was earned by work, not by money, so it is never taken back with the money."""
    if facts.reported:
        return (say("Credit for this course was awarded and reported. Credit and report stay."),)
    if facts.credited:
        return (say("Credit for this course was awarded. It stays, and so does the certificate."),)
    return ()
