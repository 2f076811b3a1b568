"""/privacy/ledger/: the newest roots of the ledger of releases, for everybody to keep."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.disclosure import seals

SHOWN = 20


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    newest = seals.latest(SHOWN)
    context = {
        "seals": newest,
        "published": "\n".join(seals.line(one) for one in reversed(newest)),
        "key": seals.public_key().hex(),
    }
    return render(request, "shop/ledger.html", context)


urlpatterns = [path("privacy/ledger/", ledger, name="ledger")]
