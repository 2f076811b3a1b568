"""Forged requests: who is signed out proves nothing and gets no cookie for it; who is signed in
carries a token.

Signed out, a POST must come from our own pages as the browser itself says (Fetch Metadata,
else Origin). A request with neither header comes from no browser of this decade, so no
browser's cookies ride on it. Signed in, Django's token in the session is checked as well.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponseBase
from django.http.response import HttpResponseForbidden
from django.middleware.csrf import CsrfViewMiddleware

FOREIGN = "The request came from another site."
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class CsrfMiddleware(CsrfViewMiddleware):
    """Django's middleware, asked only where somebody is signed in. A view that is exempt is
    left alone entirely: not even the session is loaded for it."""

    def process_request(self, request: HttpRequest) -> None:
        """Nothing before it is known which view answers. (An address of no view shows no form.)"""

    def process_view(
        self,
        request: HttpRequest,
        callback: Callable[..., HttpResponseBase],
        callback_args: tuple[Any, ...],
        callback_kwargs: dict[str, Any],
    ) -> HttpResponseForbidden | None:
        if getattr(callback, "csrf_exempt", False):
            return None
        super().process_request(request)
        checked = getattr(request, "_dont_enforce_csrf_checks", False)
        if request.method in SAFE or checked:
            return None
        if not _from_our_pages(request):
            refusal: HttpResponseForbidden = self._reject(request, FOREIGN)  # type: ignore[attr-defined]
            return refusal
        if SESSION_KEY not in request.session:
            return None
        return super().process_view(request, callback, callback_args, callback_kwargs)

    def _set_csrf_cookie(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """A token in a page for somebody who is signed out is not kept: keeping it would take a
        session, and a session a cookie."""
        if SESSION_KEY in request.session:
            super()._set_csrf_cookie(request, response)  # type: ignore[misc]


def _from_our_pages(request: HttpRequest) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    return origin in settings.CSRF_TRUSTED_ORIGINS or urlsplit(origin).netloc == request.get_host()
