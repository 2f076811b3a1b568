"""What every page of the console shares: its side navigation, by what the member of staff may."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from creditable.people.access import SignedRequest

PAGES = [
    ("console.view", "/console/", "Office", "bolt"),
    ("reports.view", "/console/reports/", "Reports", "send"),
    ("orders.view", "/console/orders/", "Orders", "receipt"),
    ("books.view", "/console/books/", "Books", "document"),
    ("people.view", "/console/people/", "People", "person"),
    ("evaluations.view", "/console/evaluations/", "Evaluations", "learn"),
    ("cases.view", "/console/cases/", "Cases", "chat"),
    ("roles.view", "/console/roles/", "Roles", "key"),
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
