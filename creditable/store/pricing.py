"""What an order costs. Pure."""

from collections.abc import Iterable

from creditable.lib.money import Money


def total(prices: Iterable[Money], *, currency: str = "USD") -> Money:
    """The sum of the lines' prices, exactly; no tax is added."""
    return Money.total(prices, currency)
