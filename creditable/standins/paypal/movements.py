"""The list of movements (Transaction Search v1): captures and refunds between two instants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from creditable.standins.paypal.problems import Problem, Refusal
from creditable.standins.records import Document

LONGEST = timedelta(days=31)
ACCOUNT = "STANDINMERCHANT1"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a page of the list; pages count from 1."""

    since: datetime
    until: datetime
    number: int
    size: int


def read(query: Mapping[str, str]) -> Asked:
    """The request, or PayPal's refusal of it: both ends with seconds, at most 31 days apart."""
    problems = [
        Problem("MISSING_REQUIRED_PARAMETER", name)
        for name in ("start_date", "end_date")
        if not query.get(name)
    ]
    if problems:
        raise Refusal(400, problems)
    since, until = _instant(query, "start_date"), _instant(query, "end_date")
    if not timedelta(0) <= until - since <= LONGEST:
        raise Refusal(400, [Problem("INVALID_PARAMETER_VALUE", "end_date", query["end_date"])])
    return Asked(
        since, until, _number(query, "page", 1, 2**31 - 1), _number(query, "page_size", 100, 500)
    )


def rows(asked: Asked, captures: Sequence[Document], refunds: Sequence[Document]) -> list[Document]:
    """What moved the balance in that time, oldest first. A refund that is pending or failed moved
    nothing; of a capture, its fee is told apart from its amount."""
    invoices = {each["shown"]["id"]: each["shown"].get("invoice_id") for each in captures}
    found = [
        _row(each["shown"], "T0006", 1, "", each["shown"].get("invoice_id")) for each in captures
    ]
    found += [
        _row(each["shown"], "T1107", -1, each["capture"], invoices.get(each["capture"]))
        for each in refunds
        if each["shown"]["status"] == "COMPLETED"
    ]
    within = [row for row in found if asked.since <= _at(row) <= asked.until]
    return sorted(within, key=_at)


def page(asked: Asked, found: Sequence[Document], *, now: str, address: str) -> Document:
    """The page that was asked for, of all that was found."""
    first = (asked.number - 1) * asked.size
    pages = -(-len(found) // asked.size) or 1
    return {
        "transaction_details": [
            {"transaction_info": row} for row in found[first : first + asked.size]
        ],
        "account_number": ACCOUNT,
        "start_date": _written(asked.since),
        "end_date": _written(asked.until),
        "last_refreshed_datetime": now.replace("Z", "+0000"),
        "page": asked.number,
        "total_items": len(found),
        "total_pages": pages,
        "links": [{"href": f"{address}/v1/reporting/transactions", "rel": "self", "method": "GET"}],
    }


def _row(shown: Document, code: str, sign: int, base: str, invoice: str | None) -> Document:
    amount = shown["amount"]
    row: Document = {
        "transaction_id": shown["id"],
        "transaction_event_code": code,
        "transaction_initiation_date": shown["create_time"].replace("Z", "+0000"),
        "transaction_updated_date": shown["update_time"].replace("Z", "+0000"),
        "transaction_amount": {**amount, "value": str(sign * Decimal(amount["value"]))},
        "transaction_status": "S",
    }
    if base:
        row |= {"paypal_reference_id": base, "paypal_reference_id_type": "TXN"}
    if fee := shown.get("seller_receivable_breakdown", {}).get("paypal_fee"):
        row["fee_amount"] = {**fee, "value": str(-Decimal(fee["value"]))}
    if invoice:
        row["invoice_id"] = invoice
    if "custom_id" in shown:
        row["custom_field"] = shown["custom_id"]
    return row


def _at(row: Document) -> datetime:
    return datetime.strptime(row["transaction_initiation_date"], "%Y-%m-%dT%H:%M:%S%z")


def _written(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S+0000}"


def _instant(query: Mapping[str, str], name: str) -> datetime:
    try:
        at = datetime.fromisoformat(query[name])
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or len(query[name]) < 20:
        raise Refusal(400, [Problem("INVALID_PARAMETER_SYNTAX", name, query[name])])
    return at


def _number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Refusal(400, [Problem("INVALID_PARAMETER_VALUE", name, text)])
    return int(text)
