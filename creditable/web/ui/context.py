"""What every template knows besides its own data."""

from django.http import HttpRequest

from creditable.web.ui import provider


def page(request: HttpRequest) -> dict[str, object]:
    """The provider. Costs no query."""
    return {"provider": provider.current()}
