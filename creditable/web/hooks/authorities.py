"""Where authorities tell us their verdicts."""

from pathlib import Path

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from creditable.credit import packs, reports
from creditable.credit.formats import LATER
from creditable.lib.refusal import Refused


@csrf_exempt
@require_POST
def verdict(request: HttpRequest, authority: str) -> HttpResponse:
    """An authority's verdicts. 200 once they are committed (also when they change nothing any
    more), 400 for what it did not sign, 422 for what it signed and we cannot take."""
    pack = packs.find(authority)
    answers = LATER.get(pack.layout.format) if pack else None
    if answers is None:
        raise Http404
    headers = {name.lower(): value for name, value in request.headers.items()}
    secret = _secret(authority)
    if not secret or not answers.is_signed(
        headers, request.body, secret=secret, now=_time_outside()
    ):
        return HttpResponse("not a genuine notice\n", "text/plain", status=400)
    try:
        reports.read_decision(authority=authority, body=request.body)
    except Refused as refusal:
        return HttpResponse(f"{refusal.message}\n", "text/plain", status=422)
    return HttpResponse("ok\n", "text/plain")


def _secret(authority: str) -> bytes:
    """What we share with the authority, from the file that the settings name for it."""
    named = settings.AUTHORITY_HOOK_KEYS.get(authority)
    return Path(named).read_bytes().strip() if named else b""


def _time_outside() -> float:
    """Seconds by this machine's clock: others do not move with the clock of a demo."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM statement_timestamp())::float8")
        (seconds,) = cursor.fetchone()
    return float(seconds)


urlpatterns = [path("authorities/<str:authority>/", verdict, name="authority")]
