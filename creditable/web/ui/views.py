"""What every page may ask for: the provider's colors and mark, and how long until somebody who
does nothing is signed out."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from creditable.people import sessions
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


@csrf_exempt  # at worst somebody stays signed in a little longer; the cookie is SameSite
@never_cache
@require_http_methods(["GET", "POST"])
def idle(request: HttpRequest) -> JsonResponse:
    """Seconds until this browser is signed out, 0 when it was because nobody did anything, null
    when nobody is signed in (one query). To ask (GET) is no sign of life, to say "I am still here"
    (POST) is one; so the session itself, whose loading is one too, is not touched."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    left = sessions.still_here(key) if request.method == "POST" else sessions.idle_left(key)
    return JsonResponse({"left": left})
