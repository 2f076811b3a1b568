"""The ids that PayPal gives out, in their published shapes, and amounts as it writes them."""

import secrets
from datetime import UTC, datetime
from decimal import Decimal

LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
PAYER_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

# https://developer.paypal.com/api/rest/reference/currency-codes/: digits after the point
CURRENCIES = {
    **dict.fromkeys(
        (
            *("AUD", "BRL", "CAD", "CNY", "CZK", "DKK", "EUR", "HKD", "ILS", "MYR", "MXN"),
            *("NZD", "NOK", "PHP", "PLN", "GBP", "SGD", "SEK", "CHF", "THB", "USD"),
        ),
        2,
    ),
    **dict.fromkeys(("HUF", "JPY", "TWD"), 0),
}


def resource_id() -> str:
    """Of an order, a capture, a refund."""
    return "".join(secrets.choice(LETTERS) for _ in range(17))


def payer_id() -> str:
    return "".join(secrets.choice(PAYER_LETTERS) for _ in range(13))


def event_id() -> str:
    return f"WH-{resource_id()}-{resource_id()}"


def debug_id() -> str:
    return secrets.token_hex(7)[:13]


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def money(value: Decimal, currency: str) -> dict[str, str]:
    return {"currency_code": currency, "value": f"{value:.{CURRENCIES[currency]}f}"}


def fee(gross: Decimal, currency: str) -> Decimal:
    """Of a domestic commercial payment in the U.S.: 3.49 % and 49 cents, never above the amount."""
    step = Decimal(1).scaleb(-CURRENCIES[currency])
    return min(gross, (gross * Decimal("0.0349") + Decimal("0.49")).quantize(step))
