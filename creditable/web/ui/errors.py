"""Answers to what went wrong, in the design: what happened, what was kept, what to do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from creditable.lib.refusal import Refused
from creditable.web.ui import provider


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "ui/errors/400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "ui/errors/403.html", {"words": str(exception)}, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "ui/errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without a context processor or the database: whatever failed must not fail again."""
    page = render_to_string("ui/errors/500.html", {"provider": provider.current()})
    return HttpResponse(page, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was sent from elsewhere, or from a page that had grown old."""
    return render(request, "ui/errors/csrf.html", status=403)


def refused(request: HttpRequest, refusal: Refused, status: int = 409) -> HttpResponse:
    """A verb said no and there is no form to say it beside."""
    return render(request, "ui/errors/refused.html", {"refusal": refusal}, status=status)
