"""Roles as a page of data: who may do what in the console is read here and nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PERMISSIONS: dict[str, str | Promise] = {
    "console.view": _("Open the office and see what waits there"),
    "orders.view": _("See orders and what was paid"),
    "orders.refund": _("Give money back for an order"),
    "books.view": _("See where our books and PayPal's list do not agree"),
    "books.resolve": _("Close what did not agree"),
    "people.view": _("See people and what they told us; each view is recorded"),
    "documents.view": _("See identity documents, each look under their name and recorded"),
    "reports.view": _("See what is due to the authorities"),
    "reports.send": _("Send reports to the authorities"),
    "reports.receipt": _("Enter an authority's receipt"),
    "completions.export": _("Take completions of many people as a file, with a reason"),
    "accommodations.give": _("Give more time or attempts in exams, and read why"),
    "evaluations.view": _("See what learners say about the courses, without names"),
    "reviews.give": _("Let authorities look at what concerns them, and make audit packs"),
    "certificates.correct": _("Correct certificates and revoke them"),
    "cases.view": _("See which cases are open, and not what was written"),
    "cases.take": _("Take a case, and read what was written in it"),
    "cases.break_seal": _("Read what was written in a case of somebody else; its writer is told"),
    "changes.view": _("See what changed about courses that were bought, and whom to call"),
    "campaigns.view": _("See campaigns and how far they are"),
    "campaigns.send": _("Write and send campaigns to those who want them"),
    "rentals.view": _("See which agencies have rented lists"),
    "rentals.order": _("Enter an agency's order for a list, and release it"),
    "rentals.vet": _("Say whether what an agency offers is fit, for orders of others"),
    "banners.enter": _("Enter and end banners of advertisers"),
    "policy.view": _("See the versions of the privacy policy, contracts, and what did not leave"),
    "policy.publish": _("Write and publish the privacy policy, and enter contracts"),
    "legal.view": _("See what courts and authorities demand, and its documents"),
    "legal.open": _("Open a legal matter, and release what two people have approved"),
    "legal.approve": _("Approve or refuse a legal matter, and lift a silence"),
    "choices.refuse": _("Enter a person's no to what we send or share"),
    "roles.view": _("See who holds which role"),
    "roles.grant": _("Give and take roles"),
    "design.view": _("See the components that pages are made of"),
}


@dataclass(frozen=True, slots=True)
class Role:
    """What somebody does here, and the permissions that this takes."""

    title: str | Promise
    permissions: frozenset[str]


EVERYBODYS = frozenset({"console.view"})
"""What every role carries."""

ROLES = {
    "office": Role(
        _("Office"),
        frozenset(
            {
                "orders.view",
                "people.view",
                "cases.view",
                "cases.take",
                "cases.break_seal",
                "changes.view",
                "choices.refuse",
            }
        ),
    ),
    "teaching": Role(_("Teaching"), frozenset({"evaluations.view"})),
    "examination": Role(_("Examination"), frozenset({"people.view", "accommodations.give"})),
    "reporting": Role(
        _("Reporting"),
        frozenset(
            {
                "people.view",
                "reports.view",
                "reports.send",
                "reports.receipt",
                "documents.view",
                "certificates.correct",
                "reviews.give",
                "completions.export",
            }
        ),
    ),
    "legal": Role(_("Legal"), frozenset({"legal.view", "legal.open", "legal.approve"})),
    "outreach": Role(
        _("Outreach"),
        frozenset(
            {
                "campaigns.view",
                "campaigns.send",
                "rentals.view",
                "rentals.order",
                "rentals.vet",
                "banners.enter",
            }
        ),
    ),
    "finance": Role(
        _("Finance"), frozenset({"orders.view", "orders.refund", "books.view", "books.resolve"})
    ),
    "administrator": Role(_("Administrator"), frozenset(PERMISSIONS)),
}


def carried_by(held: Iterable[str]) -> frozenset[str]:
    """Everything that these roles carry together. A role that no longer exists carries
    nothing."""
    return frozenset().union(
        *(ROLES[role].permissions | EVERYBODYS for role in held if role in ROLES)
    )
