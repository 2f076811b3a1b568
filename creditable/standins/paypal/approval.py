"""The page on which the payer agrees or turns back, and goes to where the merchant said."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from creditable.standins.http import Answer, Request, Standin, see_other
from creditable.standins.pages import Html, joined, page, tag
from creditable.standins.paypal.protocol import Protocol, awaits_payer
from creditable.standins.records import Document

NAME = "Stand-in for PayPal."
NOTE = "No money moves."


class Approval:
    """`/checkoutnow?token=ORDER`, as the link in the order says."""

    def __init__(self, standin: Standin, protocol: Protocol) -> None:
        self._protocol = protocol
        standin.route("GET", "/checkoutnow", self._show)
        standin.route("POST", "/checkoutnow", self._decide)

    def _show(self, request: Request) -> Answer:
        order = self._protocol.order(request.query.get("token", ""))
        if order is None:
            return _unknown()
        context = order["context"]
        merchant = context.get("brand_name", "the merchant")
        if not awaits_payer(order):
            return _done(order)
        unit = order["units"][0]
        amount = unit["amount"]
        lines = [
            (item["name"], f"{item['quantity']} × {_money(item['unit_amount'])}")
            for unit in order["units"]
            for item in unit.get("items", [])
        ] or [(u.get("description", "Purchase"), _money(u["amount"])) for u in order["units"]]
        declined = (
            tag("p", "Your bank declined this payment. Approve again to pay another way.")
            if order["declined"]
            else ""
        )
        form = tag(
            "form",
            Html(f'<input type="hidden" name="token" value="{order["id"]}">'),
            tag("button", "Approve", name="decision", value="approve"),
            tag("button", "Cancel", name="decision", value="cancel", class_="quiet"),
            method="post",
            action="/checkoutnow",
            class_="row",
        )
        invoice = unit.get("invoice_id")
        return page(
            NAME,
            f"Pay {merchant}",
            tag(
                "div",
                declined,
                tag("p", _money(amount), class_="total"),
                tag(
                    "dl",
                    *(joined((tag("dt", name), tag("dd", price))) for name, price in lines),
                    joined((tag("dt", "Invoice"), tag("dd", invoice))) if invoice else "",
                    class_="lines",
                ),
                form,
                tag(
                    "p",
                    "Approving sends you back to the shop as PayPal would. Nothing is charged.",
                    class_="soft",
                ),
                class_="card narrow",
            ),
            note=NOTE,
            links={"What this stand-in has seen": "/standin/"},
            form_action=" ".join(["'self'", *sorted(_origins(context))]),
        )

    def _decide(self, request: Request) -> Answer:
        form = request.form()
        order = self._protocol.order(form.get("token", ""))
        if order is None:
            return _unknown()
        context = order["context"]
        if form.get("decision") != "approve":
            address = context.get("cancel_url")
            return see_other(_with(address, token=order["id"])) if address else _cancelled()
        approved = self._protocol.approve(order["id"])
        assert approved is not None
        return _back(approved) or _done(approved)


def _back(order: Document) -> Answer | None:
    address = order["context"].get("return_url")
    if not address or order["payer"] is None:
        return None
    return see_other(_with(address, token=order["id"], PayerID=order["payer"]["payer_id"]))


def _done(order: Document) -> Answer:
    back = _back(order)
    link = tag("a", "Back to the shop", href=back.headers["Location"]) if back else ""
    text = (
        "This payment is complete."
        if order["status"] == "COMPLETED"
        else "You approved this payment. The shop completes it."
    )
    return page(NAME, "Thank you", tag("p", text), tag("p", link) if link else "", note=NOTE)


def _unknown() -> Answer:
    text = "There is no payment at this address. Go back to the shop and start again."
    return page(NAME, "No such payment", tag("p", text), note=NOTE, status=404)


def _cancelled() -> Answer:
    text = "You did not approve the payment. Nothing was charged; you can close this window."
    return page(NAME, "Payment not approved", tag("p", text), note=NOTE)


def _money(amount: dict[str, str]) -> str:
    if amount["currency_code"] == "USD":
        return f"${amount['value']}"
    return f"{amount['value']} {amount['currency_code']}"


def _with(address: str, **more: str) -> str:
    parts = urlsplit(address)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *more.items()])
    return urlunsplit(parts._replace(query=query))


def _origins(context: dict[str, str]) -> set[str]:
    """Where the form's answer may lead: a browser checks the redirect against form-action."""
    addresses = (urlsplit(context.get(key, "")) for key in ("return_url", "cancel_url"))
    return {f"{parts.scheme}://{parts.netloc}" for parts in addresses if parts.netloc}
