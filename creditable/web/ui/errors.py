"""Answers to what went wrong, in the design: what happened, what was kept, what to do next."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from creditable.disclosure.policies import NoPolicy
from creditable.lib.refusal import Refused
from creditable.web.ui import provider

AWAY = 30
NOT_OPEN = 3600
"""Seconds after which asking again may help."""


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "ui/errors/400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "ui/errors/403.html", {"words": str(exception)}, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "ui/errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """What failed on our side: 503 where waiting helps, else 500. Without a context processor or
    the database: whatever failed must not fail again."""
    match sys.exc_info()[1]:  # Django asks for this page while it handles what failed
        case OperationalError() | InterfaceError():
            return _alone("away", 503, retry_after=AWAY)
        case NoPolicy():
            return _alone("not_open", 503, retry_after=NOT_OPEN)
    return _alone("500", 500)


def _alone(page: str, status: int, *, retry_after: int | None = None) -> HttpResponse:
    words = render_to_string(f"ui/errors/{page}.html", {"provider": provider.current()})
    headers = {"Retry-After": str(retry_after)} if retry_after else None
    return HttpResponse(words, status=status, headers=headers)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was sent from elsewhere, or from a page that had grown old."""
    return render(request, "ui/errors/csrf.html", status=403)


def refused(request: HttpRequest, refusal: Refused, status: int = 409) -> HttpResponse:
    """A verb said no and there is no form to say it beside."""
    return render(request, "ui/errors/refused.html", {"refusal": refusal}, status=status)
