"""PayPal's messages: what we write and what we read. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from creditable.disclosure.messages import Request
from creditable.disclosure.templates import Line
from creditable.lib.money import Money

DESTINATION = "paypal"
ORDERS = "/v2/checkout/orders"
CAPTURES = "/v2/payments/captures"
MOVEMENTS = "/v1/reporting/transactions"
PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class RefundState:
    """What PayPal says of a refund. `status` is PayPal's (COMPLETED, PENDING, FAILED, CANCELLED),
    `custom_id` is our id of it, `problem` PayPal's name for why it said no."""

    id: str = ""
    status: str = ""
    amount: Money | None = None
    custom_id: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class OrderState:
    """What PayPal says of an order. `status` is PayPal's (CREATED, PAYER_ACTION_REQUIRED,
    APPROVED, COMPLETED, VOIDED ...). `capture_ref` and `captured` are there once the money is
    ours. `problem` is PayPal's name for why it said no (ORDER_NOT_APPROVED ...)."""

    id: str = ""
    status: str = ""
    approve_url: str = ""
    capture_ref: str = ""
    capture_status: str = ""
    captured: Money | None = None
    refunds: tuple[RefundState, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of PayPal's list: money that came in (a capture) or went back (a refund, below
    zero), without PayPal's fee."""

    reference: str
    kind: str
    amount: Money
    at: datetime
    order_reference: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of PayPal's list. `refreshed` is the instant up to which the list is complete, as
    far as PayPal says."""

    movements: tuple[Movement, ...]
    number: int
    of: int
    refreshed: datetime | None


class Unreadable(ValueError):
    """The answer is not what PayPal's description says."""


def create_order(lines: Sequence[Line], key: str) -> Request:
    """POST /v2/checkout/orders: the total and the billing information, nothing else."""
    (line,) = lines
    values = line.values
    paypal: dict[str, Any] = {
        "experience_context": {
            "user_action": "PAY_NOW",
            "shipping_preference": "NO_SHIPPING",
            "return_url": values["return_url"],
            "cancel_url": values["cancel_url"],
        }
    }
    if "name" in values:
        given, _, surname = str(values["name"]).strip().rpartition(" ")
        paypal["name"] = {"given_name": given or surname, "surname": surname}
    if "email" in values:
        paypal["email_address"] = values["email"]
    if "postal_code" in values:
        paypal["address"] = {
            "address_line_1": values.get("street", ""),
            "admin_area_2": values.get("city", ""),
            "admin_area_1": values.get("state", ""),
            "postal_code": values["postal_code"],
            "country_code": values["country"],
        }
    body = {
        "intent": "CAPTURE",
        "purchase_units": [
            {
                "reference_id": values["reference"],
                "invoice_id": values["reference"],
                "amount": {"currency_code": values["currency"], "value": values["total"]},
            }
        ],
        "payment_source": {"paypal": paypal},
    }
    return _post(ORDERS, key, body)


def capture_order(lines: Sequence[Line], key: str) -> Request:
    """POST /v2/checkout/orders/{id}/capture: takes the money of an approved order, once per key."""
    (line,) = lines
    return _post(f"{ORDERS}/{quote(str(line.values['provider_ref']), safe='')}/capture", key, {})


def show_order(lines: Sequence[Line], key: str) -> Request:
    """GET /v2/checkout/orders/{id}: what PayPal knows of it now."""
    (line,) = lines
    return Request(
        DESTINATION, "GET", f"{ORDERS}/{quote(str(line.values['provider_ref']), safe='')}"
    )


def refund_capture(lines: Sequence[Line], key: str) -> Request:
    """POST /v2/payments/captures/{id}/refund: returns the amount, once per refund of ours
    whatever the key; PayPal keeps the request's id for 45 days."""
    (line,) = lines
    values = line.values
    path = f"{CAPTURES}/{quote(str(values['capture_ref']), safe='')}/refund"
    body = {
        "amount": {"currency_code": values["currency"], "value": values["total"]},
        "custom_id": values["refund"],
        "note_to_payer": f"Refund for order {values['reference']}",
    }
    return _post(path, f"refund:{values['refund']}", body)


def list_movements(lines: Sequence[Line], key: str) -> Request:
    """GET /v1/reporting/transactions: a page of what PayPal did between two instants, at most 31
    days apart, without what it knows of the payers."""
    (line,) = lines
    query = urlencode(
        {
            "start_date": line.values["since"],
            "end_date": line.values["until"],
            "fields": "transaction_info",
            "page_size": PAGE_SIZE,
            "page": line.values["page"],
        }
    )
    return Request(DESTINATION, "GET", f"{MOVEMENTS}?{query}")


def fetch_certificate(lines: Sequence[Line], key: str) -> Request:
    """GET of the certificate that a notice names."""
    (line,) = lines
    return Request("paypal-certificates", "GET", str(line.values["path"]))


def read_order(status: int | None, body: bytes) -> OrderState:
    """PayPal's answer about an order: its state, or its reason for saying no. Raises Unreadable
    for anything else, such as the page of a server in between."""
    try:
        answer = json.loads(body or b"{}")
        refused = status is not None and status >= 400
        return _refusal(answer, status) if refused else _order(answer)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
        raise Unreadable("PayPal's answer cannot be read") from error


def read_refund(status: int | None, body: bytes) -> RefundState:
    """PayPal's answer about a refund: its state, or its reason for saying no. Raises Unreadable."""
    try:
        answer = json.loads(body or b"{}")
        if status is not None and status >= 400:
            return RefundState(problem=_problem(answer))
        return _refund(answer)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
        raise Unreadable("PayPal's answer cannot be read") from error


def read_movements(body: bytes) -> Page:
    """A page of PayPal's list: payments to us that went through (event codes T00xx) and refunds
    by us (T1107), https://developer.paypal.com/docs/transaction-search/transaction-event-codes/
    as of 2026-11-25. Raises Unreadable."""
    try:
        answer = json.loads(body)
        rows = [row["transaction_info"] for row in answer["transaction_details"]]
        refreshed = answer.get("last_refreshed_datetime")
        return Page(
            movements=tuple(filter(None, map(_movement, rows))),
            number=int(answer["page"]),
            of=int(answer["total_pages"]),
            refreshed=_instant(refreshed) if refreshed else None,
        )
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise Unreadable("PayPal's list cannot be read") from error


def _movement(row: Mapping[str, Any]) -> Movement | None:
    amount = _money(row["transaction_amount"])
    code, status = str(row["transaction_event_code"]), str(row["transaction_status"])
    came_in = code.startswith("T00") and amount is not None and amount.cents > 0
    if amount is None or not (came_in or code == "T1107") or status not in {"S", "V"}:
        return None
    return Movement(
        reference=str(row["transaction_id"]),
        kind="capture" if came_in else "refund",
        amount=amount,
        at=_instant(row["transaction_initiation_date"]),
        order_reference=str(row.get("invoice_id", ""))[:127],
    )


def _instant(text: str) -> datetime:
    """PayPal writes offsets as +0000."""
    return datetime.strptime(text.replace("Z", "+0000"), "%Y-%m-%dT%H:%M:%S%z")


def _refusal(answer: Mapping[str, Any], status: int | None) -> OrderState:
    return OrderState(problem=_problem(answer))


def _problem(answer: Mapping[str, Any]) -> str:
    details = answer.get("details") or [{}]
    problem = details[0].get("issue") or answer.get("name")
    if not problem:
        raise Unreadable("PayPal's answer gives no reason")
    return str(problem)


def _refund(answer: Mapping[str, Any]) -> RefundState:
    return RefundState(
        id=str(answer["id"]),
        status=str(answer.get("status", "")),
        amount=_money(answer.get("amount")),
        custom_id=str(answer.get("custom_id", "")),
    )


def _order(answer: Mapping[str, Any]) -> OrderState:
    capture = _capture(answer)
    return OrderState(
        id=str(answer["id"]),
        status=str(answer.get("status", "")),
        approve_url=_link(answer, "payer-action") or _link(answer, "approve"),
        capture_ref=str(capture.get("id", "")),
        capture_status=str(capture.get("status", "")),
        captured=_money(capture.get("amount")),
        refunds=tuple(
            _refund(refund)
            for unit in answer.get("purchase_units") or []
            for refund in (unit.get("payments") or {}).get("refunds") or []
        ),
    )


def refund_in_notice(event: Mapping[str, Any]) -> str:
    """Our id of the refund that a notice is about, empty when it is about something else."""
    resource = event.get("resource")
    if event.get("event_type") != "PAYMENT.CAPTURE.REFUNDED" or not isinstance(resource, dict):
        return ""
    return str(resource.get("custom_id", ""))


def order_in_notice(event: Mapping[str, Any]) -> str:
    """The id of the order that a notice is about, empty when it is about something else."""
    resource = event.get("resource")
    if not isinstance(resource, dict):
        return ""
    kind = str(event.get("event_type", ""))
    try:
        if kind.startswith("CHECKOUT.ORDER."):
            return str(resource["id"])
        if kind.startswith("PAYMENT.CAPTURE."):
            return str(resource["supplementary_data"]["related_ids"]["order_id"])
    except (KeyError, TypeError):
        return ""
    return ""


def is_at(url: str, origin: str) -> bool:
    """Whether the URL lies at the origin: where we may send a payer, and nowhere else."""
    try:
        there, here = urlsplit(url), urlsplit(origin)
    except ValueError:
        return False
    return (there.scheme, there.netloc) == (here.scheme, here.netloc)


def _post(path: str, key: str, body: Mapping[str, Any]) -> Request:
    return Request(
        DESTINATION,
        "POST",
        path,
        {
            "Content-Type": "application/json",
            "Prefer": "return=representation",
            "PayPal-Request-Id": key,
        },
        json.dumps(body, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode(),
    )


def _capture(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    for unit in answer.get("purchase_units") or []:
        for capture in (unit.get("payments") or {}).get("captures") or []:
            if isinstance(capture, dict):
                return capture
    return {}


def _money(amount: Any) -> Money | None:
    if amount is None:
        return None
    return Money.read(str(amount["value"]), str(amount["currency_code"]))


def _link(answer: Mapping[str, Any], rel: str) -> str:
    for link in answer.get("links") or []:
        if isinstance(link, dict) and link.get("rel") == rel:
            return str(link.get("href", ""))
    return ""
