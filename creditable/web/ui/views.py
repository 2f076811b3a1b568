"""The two files of the design that belong to the provider: its colors and its mark."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from creditable.web.ui import provider

YEAR = 31_536_000


@require_safe
@cache_control(public=True, max_age=YEAR, immutable=True)
def stylesheet(request: HttpRequest, digest: str) -> HttpResponse:
    """The provider's colors. The digest in the address changes with them."""
    return HttpResponse(provider.current().stylesheet, content_type="text/css; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=YEAR, immutable=True)
def mark(request: HttpRequest, digest: str) -> HttpResponse:
    """The provider's mark. Its own policy: a drawing may be styled, and may do nothing else."""
    answer = HttpResponse(provider.current().mark, content_type="image/svg+xml")
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return answer
