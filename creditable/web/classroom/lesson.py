"""/learn/<course>/<lesson>/: reading, with the time it takes; and the course's pictures and
files, for those who may enter it."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path, register_converter
from django.urls.converters import PathConverter
from django.utils.http import parse_etags, quote_etag
from django.utils.safestring import mark_safe
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from creditable.learning import seattime, study
from creditable.people import sessions
from creditable.people.access import SignedRequest
from creditable.web.classroom.place import place


class FileConverter(PathConverter):
    """The path of a course's file, as the importer takes it."""

    regex = "[A-Za-z0-9/._-]{1,200}"


register_converter(FileConverter, "file")


@require_safe
@login_required
def lesson(request: SignedRequest, slug: str, lesson: str) -> HttpResponse:
    found = place(request, slug)
    row = found.row(lesson)
    if row is None:
        raise Http404
    rows = found.rows
    return render(
        request,
        "classroom/lesson.html",
        {
            "study": found,
            "row": row,
            "text": mark_safe(study.text(row)),  # noqa: S308 - sanitized when it was imported
            "before": rows[row.position - 2] if row.position > 1 else None,
            "after": rows[row.position] if row.position < len(rows) else None,
            "token": study.token(found, row, sessions.digest(request.session.session_key or "")),
            "beat": seattime.BEAT,
            "longest_gap": seattime.LONGEST_GAP,
        },
    )


@require_safe
@login_required
@cache_control(private=True, max_age=3600)
def media(request: SignedRequest, slug: str, path: str) -> HttpResponseBase:
    file = study.media(request.user.pk, slug, f"media/{path}")
    if file is None:
        raise Http404
    etag = quote_etag(file.sha256)
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponseNotModified(headers={"ETag": etag})
    answer = HttpResponse(bytes(file.content), content_type=file.content_type)
    answer["ETag"] = etag
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer


urlpatterns = [
    path("<slug:slug>/media/<file:path>", media, name="media"),
    path("<slug:slug>/<slug:lesson>/", lesson, name="lesson"),
]
