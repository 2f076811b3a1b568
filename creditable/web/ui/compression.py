"""Pages travel compressed. (WhiteNoise compresses static files once, when they are collected.)

That the length of a compressed page tells nothing about what is in it (BREACH) rests on three
things: the session's cookie is `SameSite=Lax`, so another site cannot ask for a person's pages
again and again; the only secret in a page is the token of its forms, masked anew each time; and
Django adds up to 100 random bytes to each answer.
"""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

PACKET = 1400
"""Bytes that travel as one packet whether they are compressed or not."""
TEXT = ("text/", "application/json", "image/svg+xml")


class Compression(GZipMiddleware):
    """Django's, for text alone: a video has to keep its byte ranges, and a PDF is compressed."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.status_code == 206 or not response.get("Content-Type", "").startswith(TEXT):
            return response
        if isinstance(response, HttpResponse) and len(response.content) < PACKET:
            return response
        return super().process_response(request, response)
