"""`/standin/`: what the stand-in has seen and done, and the ways in which it can fail."""

from creditable.standins.http import Answer, Request, Standin, see_other
from creditable.standins.notices import Notices
from creditable.standins.pages import (
    fault_forms,
    page,
    recorded_requests,
    sent_notices,
    state,
    table,
    tag,
)
from creditable.standins.paypal.approval import NAME, NOTE
from creditable.standins.records import Document


class Panel:
    def __init__(self, standin: Standin, notices: Notices) -> None:
        self._standin = standin
        self._notices = notices
        standin.route("GET", "/", lambda _: see_other("/standin/"))
        standin.route("GET", "/standin/", self._show)

    def _show(self, request: Request) -> Answer:
        records = self._standin.records
        orders = [
            (
                tag("a", order["id"], href=f"/checkoutnow?token={order['id']}"),
                order["create_time"],
                state("DECLINED" if order["declined"] else order["status"]),
                _amounts(order),
                order["units"][0].get("invoice_id", ""),
            )
            for order in records.newest("order", 30)
        ]
        captures = [
            (
                capture["shown"]["id"],
                capture["shown"]["create_time"],
                state(capture["shown"]["status"]),
                _amount(capture["shown"]["amount"]),
                capture["refunded"],
                capture["order"],
            )
            for capture in records.newest("capture", 30)
        ]
        return page(
            NAME,
            "What this stand-in has seen",
            fault_forms(self._standin),
            table("Orders", ("Order", "Created", "State", "Amount", "Invoice"), orders),
            table(
                "Captures",
                ("Capture", "Created", "State", "Amount", "Refunded", "Order"),
                captures,
            ),
            sent_notices(self._notices.listed()),
            recorded_requests(self._standin),
            note=NOTE,
        )


def _amounts(order: Document) -> str:
    return ", ".join(_amount(unit["amount"]) for unit in order["units"])


def _amount(amount: dict[str, str]) -> str:
    return f"{amount['value']} {amount['currency_code']}"
