"""Exact money: integer minor units with a currency."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

_AMOUNT = re.compile(r"-?[0-9]+\.[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the smallest unit of its currency (cents). Two currencies never mix."""

    cents: int
    currency: str = "USD"

    def __post_init__(self) -> None:
        if type(self.cents) is not int:
            raise TypeError(f"cents must be a whole number, not {self.cents!r}")
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ValueError(f"{self.currency!r} is not an ISO 4217 code")

    @classmethod
    def total(cls, amounts: Iterable["Money"], currency: str = "USD") -> Self:
        """The sum, zero in `currency` when there is nothing to add."""
        cents = 0
        for amount in amounts:
            amount._same(currency)
            cents += amount.cents
        return cls(cents, currency)

    @classmethod
    def read(cls, decimal: str, currency: str = "USD") -> Self:
        """From a processor's "39.00": exactly two decimals, otherwise ValueError."""
        if not _AMOUNT.fullmatch(decimal):
            raise ValueError(f"{decimal!r} is not an amount with two decimals")
        return cls(int(decimal.replace(".", "")), currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.cents + other._same(self.currency).cents, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.cents - other._same(self.currency).cents, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.cents * quantity, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.cents, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.cents < other._same(self.currency).cents

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        amount = f"{abs(Decimal(self.cents)).scaleb(-2):,.2f}"
        return f"{sign}${amount}" if self.currency == "USD" else f"{sign}{amount} {self.currency}"

    @property
    def decimal(self) -> str:
        """As processors write it: "39.00"."""
        return f"{Decimal(self.cents).scaleb(-2):.2f}"

    def _same(self, currency: str) -> Self:
        if self.currency != currency:
            raise ValueError(f"{self.currency} and {currency} do not add up")
        return self
