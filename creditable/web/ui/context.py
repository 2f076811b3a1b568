"""What every template knows besides its own data."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from creditable.store import basket
from creditable.web.ui import provider


def page(request: HttpRequest) -> dict[str, object]:
    """The provider; after how many seconds who does nothing is signed out; and how many courses are
    in the basket (one query, when it is asked)."""
    token = request.COOKIES.get(settings.BASKET_COOKIE_NAME, "")[:32]
    return {
        "provider": provider.current(),
        "idle_seconds": settings.IDLE_SECONDS,
        "basket_count": SimpleLazyObject(lambda: basket.count(token)),
    }
