"""Roles as a page of data: who may do what in the console is read here and nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass

PERMISSIONS = {
    "console.view": "Open the office and see what waits there",
    "orders.view": "See orders and what was paid",
    "orders.refund": "Give money back for an order",
    "books.view": "See where our books and PayPal's list do not agree",
    "books.resolve": "Close what did not agree",
    "people.view": "See people and what they told us; each view is recorded",
    "reports.view": "See what is due to the authorities",
    "reports.send": "Send reports to the authorities",
    "reports.receipt": "Enter an authority's receipt",
    "accommodations.give": "Give more time or attempts in exams, and read why",
    "evaluations.view": "See what learners say about the courses, without names",
    "certificates.correct": "Correct certificates and revoke them",
    "cases.view": "Read what people wrote to us",
    "roles.view": "See who holds which role",
    "roles.grant": "Give and take roles",
    "design.view": "See the components that pages are made of",
}


@dataclass(frozen=True, slots=True)
class Role:
    """What somebody does here, and the permissions that this takes."""

    title: str
    permissions: frozenset[str]


EVERYBODYS = frozenset({"console.view"})
"""What every role carries."""

ROLES = {
    "office": Role("Office", frozenset({"orders.view", "people.view", "cases.view"})),
    "teaching": Role("Teaching", frozenset({"evaluations.view"})),
    "examination": Role("Examination", frozenset({"people.view", "accommodations.give"})),
    "reporting": Role(
        "Reporting",
        frozenset(
            {
                "people.view",
                "reports.view",
                "reports.send",
                "reports.receipt",
                "certificates.correct",
            }
        ),
    ),
    "finance": Role(
        "Finance", frozenset({"orders.view", "orders.refund", "books.view", "books.resolve"})
    ),
    "administrator": Role("Administrator", frozenset(PERMISSIONS)),
}


def carried_by(held: Iterable[str]) -> frozenset[str]:
    """Everything that these roles carry together. A role that no longer exists carries
    nothing."""
    return frozenset().union(
        *(ROLES[role].permissions | EVERYBODYS for role in held if role in ROLES)
    )
