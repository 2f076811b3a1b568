"""/learn/<course>/<lesson>/: reading and watching, with the time it takes."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creditable.learning import seattime, study
from creditable.people import sessions
from creditable.people.access import SignedRequest
from creditable.web.classroom.place import place


@require_safe
@login_required
def lesson(request: SignedRequest, slug: str, lesson: str) -> HttpResponse:
    found = place(request, slug)
    row = found.row(lesson)
    if row is None:
        raise Http404
    if row.locked:
        raise PermissionDenied(
            _("This course is taken in order: a lesson opens when the ones before it are done.")
        )
    rows = found.rows
    return render(
        request,
        "classroom/lesson.html",
        {
            "study": found,
            "row": row,
            "text": mark_safe(study.text(row)),  # noqa: S308 - sanitized when it was imported
            "video": study.video(row) if row.video_milliseconds else None,
            "before": rows[row.position - 2] if row.position > 1 else None,
            "after": rows[row.position] if row.position < len(rows) else None,
            "token": study.token(found, row, sessions.digest(request.session.session_key or "")),
            "beat": seattime.BEAT,
            "longest_gap": seattime.LONGEST_GAP,
        },
    )


urlpatterns = [
    path("<slug:slug>/<slug:lesson>/", lesson, name="lesson"),
]
