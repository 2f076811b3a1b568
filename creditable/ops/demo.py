"""The demo's tour page: who a visitor may be, where things are, and the button that moves the
clock. It hangs in the URLs of a demo alone."""

from datetime import timedelta
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from creditable.audit.clock import now
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.ops import clock
from creditable.ops.demonstration import Demonstration

SPANS = {
    "minute": ("1 minute", timedelta(minutes=1)),
    "hour": ("1 hour", timedelta(hours=1)),
    "day": ("1 day", timedelta(days=1)),
    "month": ("30 days", timedelta(days=30)),
    "year": ("1 year", timedelta(days=365)),
}


class MoveClock(forms.Form):
    """How far the clock goes."""

    span = forms.ChoiceField(choices=[(key, label) for key, (label, _) in SPANS.items()])


def demonstration() -> Demonstration:
    """The demo that this process belongs to."""
    port = urlsplit(settings.BASE_URL).port or 80
    return Demonstration(settings.PROVIDER.name, port, settings.DATA)


@require_http_methods(["GET", "HEAD", "POST"])
def tour(request: HttpRequest) -> HttpResponse:
    form = MoveClock(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        _, span = SPANS[form.cleaned_data["span"]]
        try:
            clock.advance(span=span, by=Actor.system("demo"))
        except Refused as refusal:
            form.add_error("span", refusal.message)
        else:
            return redirect("demo")
    return render(
        request,
        "ops/demo.html",
        {"demo": demonstration(), "now": now(), "form": form, "spans": SPANS},
        status=422 if form.errors else 200,
    )


urlpatterns = [path("", tour, name="demo")]
