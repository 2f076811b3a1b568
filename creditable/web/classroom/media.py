"""/learn/<course>/media/<file>: the course's pictures, videos and files, for those who may enter
it, in parts of at most 1 MB (RFC 9110, section 14).

A player fetches parts by itself, so asking here is no sign of life: neither session nor person
is loaded, one query tells who is signed in."""

import re

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.urls import path, register_converter
from django.urls.converters import PathConverter
from django.utils.http import parse_etags, quote_etag
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from creditable.learning import study
from creditable.learning.study import File
from creditable.people import sessions

LARGEST_PART = 1024 * 1024
RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")


class FileConverter(PathConverter):
    """The path of a course's file, as the importer takes it."""

    regex = "[A-Za-z0-9/._-]{1,200}"


register_converter(FileConverter, "file")


@csrf_exempt  # for what is only read there is nothing to forge; the session is left alone
@require_safe
@cache_control(private=True, max_age=3600)
def media(request: HttpRequest, slug: str, path: str) -> HttpResponseBase:
    subject = sessions.subject(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    if subject is None:
        return redirect_to_login(request.get_full_path())
    file = study.file(subject, slug, f"media/{path}")
    if file is None:
        raise Http404
    etag = quote_etag(file.sha256)
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponseNotModified(headers={"ETag": etag})
    answer = _answer(request, file, etag)
    answer["ETag"] = etag
    answer["Accept-Ranges"] = "bytes"
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer


def _answer(request: HttpRequest, file: File, etag: str) -> HttpResponseBase:
    if request.method == "HEAD":
        return HttpResponse(
            content_type=file.content_type, headers={"Content-Length": str(file.size)}
        )
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    if not asked or request.headers.get("If-Range", etag) != etag:
        return _whole(file)
    first, last = (int(edge) if edge else None for edge in asked.groups())
    if first is None:
        if last is None:  # "bytes=-" says nothing
            return _whole(file)
        first, last = max(0, file.size - last), None if last else -1
    elif last is not None and last < first:
        return _whole(file)
    if first >= file.size or last == -1:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    end = file.size if last is None else min(file.size, last + 1)
    part = study.part(file, first, min(end - first, LARGEST_PART))
    return HttpResponse(
        part,
        status=206,
        content_type=file.content_type,
        headers={"Content-Range": f"bytes {first}-{first + len(part) - 1}/{file.size}"},
    )


def _whole(file: File) -> HttpResponseBase:
    """All of it; what is larger than a part goes out part by part."""
    if file.size <= LARGEST_PART:
        return HttpResponse(study.part(file, 0, file.size), content_type=file.content_type)
    parts = (study.part(file, start, LARGEST_PART) for start in range(0, file.size, LARGEST_PART))
    return StreamingHttpResponse(
        parts, content_type=file.content_type, headers={"Content-Length": str(file.size)}
    )


urlpatterns = [path("<slug:slug>/media/<file:path>", media, name="media")]
