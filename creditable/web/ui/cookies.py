"""Browsers that keep no cookies from us. Whoever is given the first one comes by a page that sees
whether it came back, and says what works without."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


def came_back(request: HttpRequest) -> bool:
    """Whether this browser sends a cookie of ours."""
    ours = {settings.SESSION_COOKIE_NAME, settings.BASKET_COOKIE_NAME}
    return not ours.isdisjoint(request.COOKIES)


def seen_to(request: HttpRequest, address: str) -> str:
    """The way to an address that makes sense only with the cookie that is given now: straight, or
    by the page that looks for it."""
    if came_back(request):
        return address
    return f"{reverse('ui:cookies')}?{urlencode({'to': address})}"


@never_cache
@require_safe
def cookies(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("to", "")
    to = asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else "/"
    if came_back(request):
        return HttpResponseRedirect(to)
    return render(request, "ui/cookies.html", {"days": settings.SESSION_COOKIE_AGE // 86_400})


urlpatterns = [path("cookies/", cookies, name="cookies")]
