"""Where a vendor asks whether a course counts for a license."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from creditable.credit import eligibility
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.lib.tokens import BadToken

LONGEST = 10_000
STATUS = {"no_contract": 403, "beyond": 403, "too_many": 429}


@csrf_exempt
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """`{"authority", "license", "course", "fields": []}` under `Authorization: Bearer <key>`. 400
    for a key that is not ours, 403 for what the contract does not give, 422 for no question."""
    kind, _space, key = request.headers.get("Authorization", "").partition(" ")
    try:
        contract_id = eligibility.contract_of(key if kind == "Bearer" else "")
    except BadToken:
        return HttpResponse("not a key of ours\n", "text/plain", status=400)
    asked = _question(request.body)
    if asked is None:
        return HttpResponse("not a question\n", "text/plain", status=422)
    try:
        answer = eligibility.ask(contract_id=contract_id, by=Actor.outside("vendor"), **asked)
    except Refused as refusal:
        return HttpResponse(f"{refusal.message}\n", "text/plain", status=STATUS[refusal.code])
    response = JsonResponse(dict(answer))
    response["Cache-Control"] = "no-store"
    return response


def _question(body: bytes) -> dict[str, Any] | None:
    try:
        asked = json.loads(body) if len(body) <= LONGEST else None
    except ValueError:
        return None
    if not isinstance(asked, dict):
        return None
    words = {name: asked.get(name) for name in ("authority", "license", "course")}
    fields = asked.get("fields", [])
    texts = [*words.values(), *fields] if isinstance(fields, list) else [None]
    if not all(isinstance(text, str) and "\0" not in text for text in texts):
        return None
    return {
        "authority": words["authority"],
        "number": words["license"],
        "course": words["course"],
        "fields": fields,
    }


urlpatterns = [path("eligibility/", ask, name="eligibility")]
