"""What every template knows besides its own data."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from creditable.store import basket
from creditable.web.ui import provider

BASKET_COOKIE = "basket"


def page(request: HttpRequest) -> dict[str, object]:
    """The provider, and how many courses are in the basket (one query, when it is asked)."""
    token = request.COOKIES.get(BASKET_COOKIE, "")[:32]
    return {
        "provider": provider.current(),
        "basket_count": SimpleLazyObject(lambda: basket.count(token)),
    }
