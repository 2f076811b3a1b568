"""POST /learn/beat/: a lesson's page reports that it is being read or watched.

The address is free of the CSRF check because its token does more: we signed it for this very
session, it is in no cookie, and it is good for one report. So neither session nor person is
loaded here; the verb asks for both in its one statement.
"""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from creditable.learning import progress
from creditable.learning.progress import Beaten
from creditable.lib.refusal import Refused
from creditable.people import sessions

MESSAGES = {
    "counted": "",
    "used": gettext_lazy("Another window of yours reported first. This one goes on from now."),
    "signed_out": gettext_lazy(
        "You are signed out here. Your time until now is kept. Sign in to go on."
    ),
    "closed": gettext_lazy("This course is not open to you now. Your time until now is kept."),
}
NEEDED = {"token", "position", "reading"}
MORE: dict[str, Any] = {"touched": False, "played": [], "video_position": None}
MOST_PARTS = 50
STATUS = {"counted": 200, "used": 409, "signed_out": 403, "closed": 403}


@csrf_exempt
@require_POST
def beat(request: HttpRequest) -> JsonResponse:
    report = _report(request.body)
    if report is None:
        message = "A report has token, position and reading, and may have more."
        return JsonResponse({"state": "malformed", "message": message}, status=400)
    session = sessions.digest(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    try:
        beaten = progress.beat(**report, session=session)
    except Refused as refusal:
        return JsonResponse({"state": refusal.code, "message": refusal.message}, status=403)
    return JsonResponse(_said(beaten), status=STATUS[beaten.outcome])


def _report(body: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not NEEDED <= said.keys() <= NEEDED | MORE.keys():
        return None
    said = MORE | said
    kinds = {"token": str, "position": int, "reading": bool, "touched": bool}
    if any(type(said[key]) is not kind for key, kind in kinds.items()):
        return None
    place = said["video_position"]
    if not (place is None or _is_place(place)) or not _are_parts(said["played"]):
        return None
    return said


def _is_place(value: object) -> bool:
    return type(value) is int and 0 <= value <= progress.LAST_POSITION * 10


def _are_parts(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_PARTS
        and all(isinstance(part, list) and len(part) == 2 for part in value)
        and all(_is_place(edge) for part in value for edge in part)
    )


def _said(beaten: Beaten) -> dict[str, object]:
    return {
        "state": beaten.outcome,
        "message": MESSAGES[beaten.outcome],
        "token": beaten.token,
        "lesson_seconds": beaten.lesson_seconds,
        "lesson_cap": beaten.lesson_cap,
        "course_seconds": beaten.course_seconds,
        "covered": beaten.covered,
        "lost": beaten.lost,
        "reason": beaten.reason,
        "idle_left": beaten.idle_left,
    }


urlpatterns = [path("beat/", beat, name="beat")]
