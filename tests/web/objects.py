"""Objects that addresses name beyond those of the shop: what one person has earned."""

from typing import Any

from creditable.people.models import Person
from creditable.store.models import Order


def make(*, person: Person, order: Order) -> dict[str, Any]:
    """Values for the addresses' parameters, by their name or by "address name parameter"."""
    return {}
