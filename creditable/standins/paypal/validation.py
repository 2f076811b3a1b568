"""What PayPal refuses about a body, with the issue and the place it would name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from creditable.standins.paypal.numbers import CURRENCIES
from creditable.standins.paypal.problems import Problem

VALUE = re.compile(r"-?[0-9]+|-?[0-9]*\.[0-9]+")
QUANTITY = re.compile(r"[1-9][0-9]{0,9}")
BREAKDOWN_PLUS = ("item_total", "tax_total", "shipping", "handling", "insurance")
BREAKDOWN_MINUS = ("shipping_discount", "discount")
CATEGORIES = ("DIGITAL_GOODS", "PHYSICAL_GOODS", "DONATION")
CONTEXT_CHOICES = {
    "shipping_preference": ("GET_FROM_FILE", "NO_SHIPPING", "SET_PROVIDED_ADDRESS"),
    "user_action": ("CONTINUE", "PAY_NOW"),
    "landing_page": ("LOGIN", "GUEST_CHECKOUT", "BILLING", "NO_PREFERENCE"),
    "payment_method_preference": ("UNRESTRICTED", "IMMEDIATE_PAYMENT_REQUIRED"),
}


class Reading:
    """Reads a body and gathers what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def no(self, issue: str, field: str, value: object = "") -> None:
        self.problems.append(Problem(issue, field, "" if value in ("", None) else str(value)))

    def object(self, body: Any, key: str, field: str, *, required: bool = False) -> dict[str, Any]:
        value = body.get(key)
        if isinstance(value, dict):
            return value
        if value is not None:
            self.no("INVALID_PARAMETER_SYNTAX", field, value)
        elif required:
            self.no("MISSING_REQUIRED_PARAMETER", field)
        return {}

    def text(
        self,
        body: Mapping[str, Any],
        key: str,
        field: str,
        *,
        longest: int,
        shortest: int = 1,
        required: bool = False,
    ) -> str:
        value = body.get(key)
        if value is None:
            if required:
                self.no("MISSING_REQUIRED_PARAMETER", field)
            return ""
        if not isinstance(value, str):
            self.no("INVALID_PARAMETER_SYNTAX", field, value)
            return ""
        if not shortest <= len(value) <= longest:
            self.no("INVALID_STRING_LENGTH", field, value)
        return value

    def choice(
        self,
        body: Mapping[str, Any],
        key: str,
        field: str,
        choices: tuple[str, ...],
        *,
        required: bool = False,
    ) -> str:
        value = body.get(key)
        if value is None:
            if required:
                self.no("MISSING_REQUIRED_PARAMETER", field)
            return ""
        if value not in choices:
            self.no("INVALID_PARAMETER_VALUE", field, value)
            return ""
        return str(value)

    def address(self, body: Mapping[str, Any], key: str, field: str) -> str:
        value = self.text(body, key, field, longest=4000)
        if value:
            parts = urlsplit(value)
            if parts.scheme not in ("http", "https") or not parts.netloc:
                self.no("INVALID_PARAMETER_SYNTAX", field, value)
                return ""
        return value

    def money(
        self, body: Mapping[str, Any], key: str, field: str, *, required: bool = False
    ) -> tuple[Decimal, str] | None:
        amount = self.object(body, key, field, required=required)
        if not amount:
            if key in body and body[key] == {}:
                self.no("MISSING_REQUIRED_PARAMETER", f"{field}/value")
            return None
        currency = self.text(
            amount, "currency_code", f"{field}/currency_code", longest=3, shortest=3, required=True
        )
        value = self.text(amount, "value", f"{field}/value", longest=32, required=True)
        if not value or not currency:
            return None
        if not VALUE.fullmatch(value):
            self.no("INVALID_PARAMETER_SYNTAX", f"{field}/value", value)
            return None
        if currency not in CURRENCIES:
            self.no("INVALID_CURRENCY_CODE", f"{field}/currency_code", currency)
            return None
        if len(value.partition(".")[2]) > CURRENCIES[currency]:
            self.no("DECIMAL_PRECISION", f"{field}/value", value)
            return None
        return Decimal(value), currency


def order(body: object, *, request_id: str) -> list[Problem]:
    """Of a request to create an order. `request_id` is its PayPal-Request-Id, or empty."""
    if not isinstance(body, dict):
        return [Problem("MALFORMED_REQUEST_JSON")]
    reading = Reading()
    intent = reading.choice(body, "intent", "/intent", ("CAPTURE", "AUTHORIZE"), required=True)
    if intent == "AUTHORIZE":
        reading.no("NOT_SUPPORTED", "/intent", intent)
    units = body.get("purchase_units")
    if units is None:
        reading.no("MISSING_REQUIRED_PARAMETER", "/purchase_units")
    elif not isinstance(units, list):
        reading.no("INVALID_PARAMETER_SYNTAX", "/purchase_units")
    else:
        if not units:
            reading.no("INVALID_ARRAY_MIN_ITEMS", "/purchase_units")
        if len(units) > 10:
            reading.no("INVALID_ARRAY_MAX_ITEMS", "/purchase_units")
        _units(reading, units)
    _source(reading, body, request_id)
    _context(reading, reading.object(body, "application_context", "/application_context"), "")
    return reading.problems


def refund(
    body: object, *, captured: Decimal, refunded: Decimal, currency: str
) -> tuple[list[Problem], Decimal]:
    """Of a request to refund, with the amount that it asks for: all that is left, when it
    names none."""
    left = captured - refunded
    if not isinstance(body, dict):
        return [Problem("INVALID_PARAMETER_SYNTAX")], left
    reading = Reading()
    for key, longest in (("custom_id", 127), ("invoice_id", 127), ("note_to_payer", 255)):
        reading.text(body, key, f"/{key}", longest=longest)
    asked = reading.money(body, "amount", "/amount")
    amount = left
    if asked is not None:
        amount = asked[0]
        if asked[1] != currency:
            reading.no("REFUND_CAPTURE_CURRENCY_MISMATCH", "/amount/currency_code", asked[1])
        elif amount <= 0:
            reading.no("CANNOT_BE_ZERO_OR_NEGATIVE", "/amount/value", amount)
    if left == 0:
        reading.no("CAPTURE_FULLY_REFUNDED", "")
    elif amount > left:
        reading.no("REFUND_AMOUNT_EXCEEDED", "/amount/value", amount)
    return reading.problems, amount


def _units(reading: Reading, units: list[Any]) -> None:
    currencies: set[str] = set()
    references: list[str] = []
    for number, unit in enumerate(units):
        place = f"/purchase_units/{number}"
        if not isinstance(unit, dict):
            reading.no("INVALID_PARAMETER_SYNTAX", place)
            continue
        references.append(reading.text(unit, "reference_id", f"{place}/reference_id", longest=256))
        for key, longest in (
            ("description", 127),
            ("custom_id", 127),
            ("invoice_id", 127),
            ("soft_descriptor", 22),
        ):
            reading.text(unit, key, f"{place}/{key}", longest=longest)
        amount = reading.money(unit, "amount", f"{place}/amount", required=True)
        if amount is not None and amount[0] <= 0:
            reading.no("CANNOT_BE_ZERO_OR_NEGATIVE", f"{place}/amount/value", amount[0])
        if amount is not None:
            currencies |= {amount[1]} | _parts(reading, unit, amount[0], place)
    if len(currencies) > 1:
        reading.no("MULTI_CURRENCY_ORDER", "/purchase_units")
    if len(references) > 1:
        if "" in references:
            reading.no("REFERENCE_ID_REQUIRED", "/purchase_units")
        elif len(set(references)) < len(references):
            reading.no("DUPLICATE_REFERENCE_ID", "/purchase_units")


def _parts(reading: Reading, unit: dict[str, Any], total: Decimal, place: str) -> set[str]:
    """Checks breakdown and items against the total. Answers the currencies they name."""
    at = f"{place}/amount/breakdown"
    breakdown = reading.object(unit["amount"], "breakdown", at)
    parts, currencies = _breakdown(reading, breakdown, at)
    if breakdown:
        plus = sum((parts.get(key, Decimal(0)) for key in BREAKDOWN_PLUS), Decimal(0))
        minus = sum((parts.get(key, Decimal(0)) for key in BREAKDOWN_MINUS), Decimal(0))
        if plus - minus != total:
            reading.no("AMOUNT_MISMATCH", f"{place}/amount/value", total)
    items = unit.get("items")
    if not items:
        return currencies
    if not isinstance(items, list):
        reading.no("INVALID_PARAMETER_SYNTAX", f"{place}/items")
        return currencies
    read = [_item(reading, item, f"{place}/items/{number}") for number, item in enumerate(items)]
    if any(item is None for item in read):
        return currencies
    lines = [item for item in read if item is not None]
    _sum(reading, parts, "item_total", "ITEM", sum((i.goods for i in lines), Decimal(0)), at)
    if any(item.tax is not None for item in lines):
        taxes = sum((item.tax or Decimal(0) for item in lines), Decimal(0))
        _sum(reading, parts, "tax_total", "TAX", taxes, at)
    return currencies.union(*(item.currencies for item in lines))


def _breakdown(
    reading: Reading, breakdown: dict[str, Any], place: str
) -> tuple[dict[str, Decimal], set[str]]:
    parts: dict[str, Decimal] = {}
    currencies: set[str] = set()
    for key in (*BREAKDOWN_PLUS, *BREAKDOWN_MINUS):
        part = reading.money(breakdown, key, f"{place}/{key}")
        if part is None:
            continue
        parts[key], currency = part
        currencies.add(currency)
        if parts[key] < 0:
            reading.no("CANNOT_BE_NEGATIVE", f"{place}/{key}/value", parts[key])
    return parts, currencies


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a purchase unit: price and tax times quantity."""

    goods: Decimal
    tax: Decimal | None
    currencies: set[str]


def _item(reading: Reading, item: object, at: str) -> Item | None:
    if not isinstance(item, dict):
        reading.no("INVALID_PARAMETER_SYNTAX", at)
        return None
    reading.text(item, "name", f"{at}/name", longest=127, required=True)
    for key in ("description", "sku"):
        reading.text(item, key, f"{at}/{key}", longest=127, shortest=0)
    reading.choice(item, "category", f"{at}/category", CATEGORIES)
    quantity = reading.text(item, "quantity", f"{at}/quantity", longest=10, required=True)
    price = reading.money(item, "unit_amount", f"{at}/unit_amount", required=True)
    tax = reading.money(item, "tax", f"{at}/tax")
    if quantity and not QUANTITY.fullmatch(quantity):
        reading.no("INVALID_PARAMETER_SYNTAX", f"{at}/quantity", quantity)
        return None
    if price is None or not quantity:
        return None
    if price[0] < 0:
        reading.no("CANNOT_BE_NEGATIVE", f"{at}/unit_amount/value", price[0])
    return Item(
        goods=price[0] * int(quantity),
        tax=None if tax is None else tax[0] * int(quantity),
        currencies={price[1]} | (set() if tax is None else {tax[1]}),
    )


def _sum(
    reading: Reading,
    parts: Mapping[str, Decimal],
    key: str,
    name: str,
    expected: Decimal,
    place: str,
) -> None:
    if key not in parts:
        reading.no(f"{name}_TOTAL_REQUIRED", f"{place}/{key}")
    elif parts[key] != expected:
        reading.no(f"{name}_TOTAL_MISMATCH", f"{place}/{key}/value", parts[key])


def _source(reading: Reading, body: dict[str, Any], request_id: str) -> None:
    source = reading.object(body, "payment_source", "/payment_source")
    if not source:
        return
    if not request_id:
        reading.no("PAYPAL_REQUEST_ID_REQUIRED", "")
    for name in source:
        if name != "paypal":
            reading.no("NOT_SUPPORTED", f"/payment_source/{name}")
    place = "/payment_source/paypal"
    wallet = reading.object(source, "paypal", place)
    email = reading.text(wallet, "email_address", f"{place}/email_address", longest=254, shortest=3)
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        reading.no("INVALID_PARAMETER_SYNTAX", f"{place}/email_address", email)
    payer = reading.object(wallet, "name", f"{place}/name")
    for key in ("given_name", "surname"):
        reading.text(payer, key, f"{place}/name/{key}", longest=140, shortest=0)
    address = reading.object(wallet, "address", f"{place}/address")
    if address:
        country = reading.text(
            address, "country_code", f"{place}/address/country_code", longest=2, required=True
        )
        if country and not re.fullmatch("[A-Z]{2}|C2", country):
            reading.no("INVALID_PARAMETER_SYNTAX", f"{place}/address/country_code", country)
    _context(
        reading, reading.object(wallet, "experience_context", f"{place}/experience_context"), place
    )


def _context(reading: Reading, context: dict[str, Any], place: str) -> None:
    at = f"{place}/experience_context" if place else "/application_context"
    reading.text(context, "brand_name", f"{at}/brand_name", longest=127)
    for key in ("return_url", "cancel_url"):
        reading.address(context, key, f"{at}/{key}")
    for key, choices in CONTEXT_CHOICES.items():
        reading.choice(context, key, f"{at}/{key}", choices)
