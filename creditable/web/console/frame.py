"""What every page of the console shares: its side navigation, by what the member of staff may."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from creditable.people.access import SignedRequest

PAGES = [
    ("console.view", "/console/", gettext_lazy("Office"), "bolt"),
    ("reports.view", "/console/reports/", gettext_lazy("Reports"), "send"),
    ("reports.view", "/console/calculator/", gettext_lazy("Credit"), "clock"),
    ("reviews.give", "/console/reviews/", gettext_lazy("Audits"), "eye"),
    ("completions.export", "/console/completions/", gettext_lazy("Completions"), "certificate"),
    ("orders.view", "/console/orders/", gettext_lazy("Orders"), "receipt"),
    ("books.view", "/console/books/", gettext_lazy("Books"), "document"),
    ("people.view", "/console/people/", gettext_lazy("People"), "person"),
    ("evaluations.view", "/console/evaluations/", gettext_lazy("Evaluations"), "learn"),
    ("cases.view", "/console/cases/", gettext_lazy("Cases"), "chat"),
    ("changes.view", "/console/changes/", gettext_lazy("Changes"), "alert"),
    ("campaigns.view", "/console/campaigns/", gettext_lazy("Campaigns"), "mail"),
    ("rentals.view", "/console/rentals/", gettext_lazy("Lists"), "receipt"),
    ("banners.enter", "/console/banners/", gettext_lazy("Banners"), "eye"),
    ("policy.view", "/console/policy/", gettext_lazy("Policy"), "eye"),
    ("legal.view", "/console/legal/", gettext_lazy("Legal"), "lock"),
    ("roles.view", "/console/roles/", gettext_lazy("Roles"), "key"),
]


def page(
    request: SignedRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The template within the console's frame; never kept by a browser's cache."""
    may = request.user.may
    answer = render(
        request,
        template,
        {**context, "pages": [entry[1:] for entry in PAGES if may(entry[0])]},
        status=status,
    )
    answer["Cache-Control"] = "no-store"
    return answer
