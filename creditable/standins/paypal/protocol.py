"""The calls of a merchant: token, orders, captures, refunds, the list of movements; and the
webhooks they cause."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from creditable.standins.faults import Kind
from creditable.standins.http import Answer, Dropped, Handler, Request, Standin, as_json
from creditable.standins.notices import Notices
from creditable.standins.paypal import movements, numbers, validation
from creditable.standins.paypal.problems import Problem, Refusal, refuse
from creditable.standins.paypal.signing import Signer
from creditable.standins.records import Document, Records

# "The server stores keys for 6 hours."
REQUEST_ID_SECONDS = 6 * 3600
TOKEN_SECONDS = 32_400

FAULTS = {
    "capture.late": Kind("The next capture is made, and answered late", seconds=True),
    "capture.500": Kind("The next capture is made, and answered with a 500"),
    "capture.drop": Kind("The next capture is made, and the connection dropped"),
    "capture.lost": Kind("The next capture is not made, and the connection dropped"),
    "capture.declined": Kind("The payer's bank declines the next capture"),
    "create.late": Kind("The next order is made, and answered late", seconds=True),
    "create.500": Kind("The next order is made, and answered with a 500"),
    "create.drop": Kind("The next order is made, and the connection dropped"),
    "refund.500": Kind("The next refund is made, and answered with a 500"),
    "refund.drop": Kind("The next refund is made, and the connection dropped"),
    "refund.lost": Kind("The next refund is not made, and the connection dropped"),
    "refund.pending": Kind("The next refund is pending for a while", seconds=True),
    "refund.failed": Kind("The next refund fails at the payer's bank"),
    "list.500": Kind("The next list of movements is answered with a 500"),
    "list.short": Kind("The next list of movements leaves out the newest one"),
    "token.revoked": Kind("The next call finds all access tokens revoked"),
    "webhook.twice": Kind("The next webhook is sent twice"),
    "webhook.late": Kind("The next webhook is sent late", seconds=True),
    "webhook.lost": Kind("The next webhook is never sent"),
    "webhook.out_of_order": Kind("The next webhook is sent after the one that follows it"),
    "webhook.before_answer": Kind("The next capture's webhook is sent before the answer"),
}


class Protocol:
    """What the merchant's server talks to. `base` is the address under which the payer's
    browser finds the stand-in."""

    def __init__(
        self,
        standin: Standin,
        *,
        notices: Notices,
        signer: Signer,
        base: str,
        client_id: str,
        client_secret: str,
        webhook_delay: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._standin = standin
        self._records: Records = standin.records
        self._faults = standin.faults
        self._clock = standin.clock
        self._notices = notices
        self._signer = signer
        self._base = base
        self._client = f"{client_id}:{client_secret}".encode()
        self._webhook_delay = webhook_delay
        self._sleep = sleep
        order = "/v2/checkout/orders/{id}"
        capture = "/v2/payments/captures/{id}"
        event = "/v1/notifications/webhooks-events/{id}"
        standin.route("POST", "/v1/oauth2/token", self._token)
        standin.route("POST", "/v2/checkout/orders", self._guarded(self._create))
        standin.route("GET", order, self._guarded(self._show_order))
        standin.route("POST", f"{order}/capture", self._guarded(self._capture))
        standin.route("GET", capture, self._guarded(self._show_capture))
        standin.route("POST", f"{capture}/refund", self._guarded(self._refund))
        standin.route("GET", "/v2/payments/refunds/{id}", self._guarded(self._show_refund))
        standin.route("GET", "/v1/reporting/transactions", self._guarded(self._movements))
        standin.route("GET", event, self._guarded(self._show_event))
        standin.route("POST", f"{event}/resend", self._guarded(self._resend))
        standin.route("GET", "/v1/notifications/certs/{id}", self._certificate)

    # The payer's part, called by the approval page.

    def order(self, order_id: str) -> Document | None:
        return self._records.get("order", order_id)

    def approve(self, order_id: str) -> Document | None:
        """The payer agrees. Agreeing again changes nothing; a declined payment may be agreed
        to anew."""
        with self._records.transaction():
            order = self._records.get("order", order_id)
            if order is None or not awaits_payer(order):
                return order
            order["status"] = "APPROVED"
            order["declined"] = False
            order["update_time"] = self._now()
            wallet = order["wallet"]
            name = wallet.get("name") or {"given_name": "Stand-in", "surname": "Payer"}
            order["payer"] = {
                "name": name,
                "email_address": wallet.get("email_address", "payer@stand-in.example"),
                "payer_id": numbers.payer_id(),
                "address": wallet.get("address") or {"country_code": "US"},
            }
            self._records.put("order", order_id, order)
            self._announce(
                "CHECKOUT.ORDER.APPROVED",
                "checkout-order",
                "2.0",
                "An order has been approved by buyer",
                self._order(order),
            )
            return order

    # The merchant's part.

    def _token(self, request: Request) -> Answer:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            credentials = base64.b64decode(given, validate=True)
        except binascii.Error:
            credentials = b""
        if scheme.lower() != "basic" or not hmac.compare_digest(credentials, self._client):
            return as_json(
                {"error": "invalid_client", "error_description": "Client Authentication failed"},
                status=401,
            )
        if request.form().get("grant_type") != "client_credentials":
            return as_json(
                {
                    "error": "unsupported_grant_type",
                    "error_description": "Grant Type is NULL or unsupported",
                },
                status=400,
            )
        token = f"A21AA{secrets.token_urlsafe(48)}"
        until = self._clock() + TOKEN_SECONDS
        self._records.put("token", _digest(token), {"until": until})
        return as_json(
            {
                "scope": "https://uri.paypal.com/services/payments/payment"
                " https://uri.paypal.com/services/payments/payment/authcapture"
                " https://uri.paypal.com/services/payments/refund"
                " https://uri.paypal.com/services/reporting/search/read",
                "access_token": token,
                "token_type": "Bearer",
                "app_id": "APP-80W284485P519543T",
                "expires_in": TOKEN_SECONDS,
                "nonce": f"{self._now()}{secrets.token_urlsafe(16)}",
            }
        )

    def _guarded(self, handler: Handler) -> Handler:
        def guarded(request: Request) -> Answer:
            try:
                if self._faults.strike("token.revoked"):
                    self._records.clear("token")
                scheme, _, token = request.headers.get("authorization", "").partition(" ")
                known = self._records.get("token", _digest(token))
                if scheme.lower() != "bearer" or known is None or known["until"] < self._clock():
                    raise Refusal(401)
                if request.method == "POST" and request.content_type != "application/json":
                    raise Refusal(415)
                answer = handler(request)
            except Refusal as refusal:
                answer = refusal.answer()
            answer.headers["Paypal-Debug-Id"] = numbers.debug_id()
            return answer

        return guarded

    def _create(self, request: Request) -> Answer:
        request_id = self._request_id(request)
        with self._records.transaction():
            earlier = self._earlier("create", request_id)
            if earlier is not None:
                order = self._existing("order", earlier)
            else:
                body = _body(request)
                refuse(validation.order(body, request_id=request_id))
                order = self._new_order(body)
                self._records.put("order", order["id"], order)
                self._remember("create", request_id, order["id"])
        self._strike("create")
        return as_json(self._created(order, request), status=201 if earlier is None else 200)

    def _show_order(self, request: Request) -> Answer:
        return as_json(self._order(self._existing("order", request.parameters["id"])))

    def _capture(self, request: Request) -> Answer:
        if self._faults.strike("capture.lost"):
            raise Dropped
        order_id = request.parameters["id"]
        request_id = self._request_id(request)
        notice = ""
        with self._records.transaction():
            order = self._existing("order", order_id)
            earlier = self._earlier(f"capture {order_id}", request_id)
            if earlier is None:
                notice = self._try_capture(order, request)
                if not order["declined"]:
                    self._remember(f"capture {order_id}", request_id, order_id)
        if order["declined"]:
            link = {**self._payer_link(order), "rel": "redirect"}
            raise Refusal(422, [Problem("INSTRUMENT_DECLINED")], links=[link])
        if notice and self._faults.strike("webhook.before_answer"):
            self._notices.deliver(notice)
        self._strike("capture")
        return as_json(self._captured(order, request), status=201 if earlier is None else 200)

    def _show_capture(self, request: Request) -> Answer:
        return as_json(self._existing("capture", request.parameters["id"])["shown"])

    def _refund(self, request: Request) -> Answer:
        if self._faults.strike("refund.lost"):
            raise Dropped
        capture_id = request.parameters["id"]
        request_id = self._request_id(request)
        with self._records.transaction():
            capture = self._existing("capture", capture_id)
            earlier = self._earlier(f"refund {capture_id}", request_id)
            if earlier is not None:
                return as_json(self._as_of_now(self._existing("refund", earlier)), status=201)
            body = _body(request) if request.body else {}
            amount = capture["shown"]["amount"]
            problems, asked = validation.refund(
                body,
                captured=Decimal(amount["value"]),
                refunded=Decimal(capture["refunded"]),
                currency=amount["currency_code"],
            )
            refuse(problems)
            refund = self._make_refund(capture, asked, body)
            self._remember(f"refund {capture_id}", request_id, refund["id"])
        self._strike("refund")
        return as_json(refund, status=201)

    def _show_refund(self, request: Request) -> Answer:
        return as_json(self._as_of_now(self._existing("refund", request.parameters["id"])))

    def _movements(self, request: Request) -> Answer:
        asked = movements.read(request.query)
        if self._faults.strike("list.500"):
            raise Refusal(500)
        refunds = [
            {**refund, "shown": self._as_of_now(refund)} for refund in self._records.all("refund")
        ]
        rows = movements.rows(asked, self._records.all("capture"), refunds)
        if rows and self._faults.strike("list.short"):
            rows = rows[:-1]
        return as_json(movements.page(asked, rows, now=self._now(), address=self._base))

    def _show_event(self, request: Request) -> Answer:
        return as_json(self._existing("event", request.parameters["id"]))

    def _resend(self, request: Request) -> Answer:
        event = self._existing("event", request.parameters["id"])
        self._notices.queue(name=event["event_type"], event_id=event["id"], body=json.dumps(event))
        return as_json(event, status=202)

    def _certificate(self, request: Request) -> Answer:
        pem = self._signer.certificate(request.parameters["id"])
        if pem is None:
            return as_json({"error": "There is no such certificate."}, status=404)
        return Answer(200, pem, {"Content-Type": "application/x-pem-file"})

    # Idempotency.

    def _request_id(self, request: Request) -> str:
        request_id = request.headers.get("paypal-request-id", "")
        if len(request_id) > 108:
            raise Refusal(400, [Problem("INVALID_STRING_LENGTH", value=request_id)])
        return request_id

    def _earlier(self, what: str, request_id: str) -> str | None:
        """What an earlier call with this PayPal-Request-Id made, as long as PayPal knows it."""
        known = self._records.get("answered", f"{what} {request_id}") if request_id else None
        if known is None or known["at"] + REQUEST_ID_SECONDS < self._clock():
            return None
        return str(known["made"])

    def _remember(self, what: str, request_id: str, made: str) -> None:
        if request_id:
            self._records.put(
                "answered", f"{what} {request_id}", {"made": made, "at": self._clock()}
            )

    # Making things.

    def _new_order(self, body: dict[str, Any]) -> Document:
        source = body.get("payment_source") or {}
        wallet = source.get("paypal") or {}
        context = wallet.get("experience_context") or body.get("application_context") or {}
        now = self._now()
        units = [dict(unit) for unit in body["purchase_units"]]
        for unit in units:
            unit.setdefault("reference_id", "default")
            currency = unit["amount"]["currency_code"]
            value = Decimal(unit["amount"]["value"])
            unit["amount"] = {**unit["amount"], **numbers.money(value, currency)}
        return {
            "id": numbers.resource_id(),
            "intent": body["intent"],
            "status": "PAYER_ACTION_REQUIRED" if source else "CREATED",
            "units": units,
            "with_source": bool(source),
            "wallet": {
                key: wallet[key] for key in ("name", "email_address", "address") if key in wallet
            },
            "context": context,
            "payer": None,
            "declined": False,
            "captures": {},
            "create_time": now,
            "update_time": now,
        }

    def _try_capture(self, order: Document, request: Request) -> str:
        """Captures the order unless the payer's bank declines. Answers the notice that tells of
        it, or nothing."""
        if request.body:
            _body(request)
        self._refuse_capture(order)
        if self._faults.strike("capture.declined"):
            order["declined"] = True
            self._records.put("order", order["id"], order)
        return "" if order["declined"] else self._make_capture(order)

    def _refuse_capture(self, order: Document) -> None:
        if order["status"] == "COMPLETED":
            raise Refusal(422, [Problem("ORDER_ALREADY_CAPTURED")])
        if order["status"] != "APPROVED":
            raise Refusal(422, [Problem("ORDER_NOT_APPROVED")], links=[self._payer_link(order)])
        invoices = {unit.get("invoice_id") for unit in order["units"]} - {None}
        if invoices & {c["shown"].get("invoice_id") for c in self._records.all("capture")}:
            raise Refusal(422, [Problem("DUPLICATE_INVOICE_ID")])

    def _make_capture(self, order: Document) -> str:
        """Captures every unit. Answers the notice of the last of them."""
        notice = ""
        now = self._now()
        for unit in order["units"]:
            currency = unit["amount"]["currency_code"]
            gross = Decimal(unit["amount"]["value"])
            fee = numbers.fee(gross, currency)
            capture_id = numbers.resource_id()
            shown: Document = {
                "id": capture_id,
                "status": "COMPLETED",
                "amount": numbers.money(gross, currency),
                "final_capture": True,
                "seller_protection": {"status": "NOT_ELIGIBLE"},
                "seller_receivable_breakdown": {
                    "gross_amount": numbers.money(gross, currency),
                    "paypal_fee": numbers.money(fee, currency),
                    "net_amount": numbers.money(gross - fee, currency),
                },
                **{key: unit[key] for key in ("invoice_id", "custom_id") if key in unit},
                "supplementary_data": {"related_ids": {"order_id": order["id"]}},
                "links": self._capture_links(capture_id, order["id"]),
                "create_time": now,
                "update_time": now,
            }
            self._records.put(
                "capture", capture_id, {"shown": shown, "refunded": "0", "order": order["id"]}
            )
            order["captures"][unit["reference_id"]] = capture_id
            notice = self._announce(
                "PAYMENT.CAPTURE.COMPLETED",
                "capture",
                "2.0",
                f"Payment completed for {shown['amount']['value']} {currency}",
                shown,
            )
        order["status"] = "COMPLETED"
        order["update_time"] = now
        self._records.put("order", order["id"], order)
        return notice

    def _make_refund(self, capture: Document, amount: Decimal, body: dict[str, Any]) -> Document:
        shown = capture["shown"]
        currency = shown["amount"]["currency_code"]
        refunded = Decimal(capture["refunded"]) + amount
        now = self._now()
        pending = self._faults.strike("refund.pending")
        failed = self._faults.strike("refund.failed") is not None
        if failed:
            refunded -= amount
        refund: Document = {
            "id": numbers.resource_id(),
            "status": "FAILED" if failed else "COMPLETED",
            "amount": numbers.money(amount, currency),
            **{
                key: body[key]
                for key in ("invoice_id", "custom_id", "note_to_payer")
                if key in body
            },
            "seller_payable_breakdown": {
                "gross_amount": numbers.money(amount, currency),
                "paypal_fee": numbers.money(Decimal(0), currency),
                "net_amount": numbers.money(amount, currency),
                "total_refunded_amount": numbers.money(refunded, currency),
            },
            "create_time": now,
            "update_time": now,
        }
        refund["links"] = [
            _link(f"{self._base}/v2/payments/refunds/{refund['id']}", "self", "GET"),
            _link(f"{self._base}/v2/payments/captures/{shown['id']}", "up", "GET"),
        ]
        whole = refunded == Decimal(shown["amount"]["value"])
        if not failed:
            shown["status"] = "REFUNDED" if whole else "PARTIALLY_REFUNDED"
        shown["update_time"] = now
        capture["refunded"] = str(refunded)
        kept = {"shown": refund, "capture": shown["id"], "pending_until": 0.0}
        if pending:
            kept["pending_until"] = self._clock() + pending.seconds
        self._records.put("refund", refund["id"], kept)
        self._records.put("capture", shown["id"], capture)
        if failed:
            return refund
        self._announce(
            "PAYMENT.CAPTURE.REFUNDED",
            "refund",
            "2.0",
            f"A {refund['amount']['value']} {currency} capture payment was refunded",
            refund,
            wait=pending.seconds if pending else 0,
        )
        return self._as_of_now(kept)

    def _as_of_now(self, refund: Document) -> Document:
        """A refund as it is shown: pending until its time has come."""
        shown = dict(refund["shown"])
        if refund["pending_until"] > self._clock():
            shown |= {"status": "PENDING", "status_details": {"reason": "ECHECK"}}
        return shown

    def _announce(
        self,
        event_type: str,
        resource_type: str,
        version: str,
        summary: str,
        resource: Document,
        *,
        wait: float = 0,
    ) -> str:
        """Keeps the event and queues its webhook, unless a fault has it otherwise. Answers the
        notice's id, or nothing when none is sent."""
        event_id = numbers.event_id()
        address = f"{self._base}/v1/notifications/webhooks-events/{event_id}"
        event: Document = {
            "id": event_id,
            "event_version": "1.0",
            "create_time": self._now(),
            "resource_type": resource_type,
            "resource_version": version,
            "event_type": event_type,
            "summary": summary,
            "resource": resource,
            "links": [
                _link(address, "self", "GET"),
                _link(f"{address}/resend", "resend", "POST"),
            ],
        }
        self._records.put("event", event_id, event)
        if self._faults.strike("webhook.lost"):
            return ""
        late = self._faults.strike("webhook.late")
        held = self._faults.strike("webhook.out_of_order") is not None
        copies = 2 if self._faults.strike("webhook.twice") else 1
        notice = ""
        for _ in range(copies):
            notice = self._notices.queue(
                name=event_type,
                event_id=event_id,
                body=json.dumps(event),
                wait=late.seconds if late else wait or self._webhook_delay,
                held=held,
            )
        return notice

    def _strike(self, call: str) -> None:
        """What goes wrong after the work is done."""
        if f"{call}.late" in self._faults.kinds:
            late = self._faults.strike(f"{call}.late")
            if late:
                self._sleep(late.seconds)
        if self._faults.strike(f"{call}.500"):
            raise Refusal(500)
        if self._faults.strike(f"{call}.drop"):
            raise Dropped

    # Showing things.

    def _existing(self, kind: str, key: str) -> Document:
        document = self._records.get(kind, key)
        if document is None:
            raise Refusal(404, [Problem("INVALID_RESOURCE_ID")])
        return document

    def _order(self, order: Document) -> Document:
        """The whole representation."""
        units = []
        for unit in order["units"]:
            shown = {key: value for key, value in unit.items() if value is not None}
            capture_id = order["captures"].get(unit["reference_id"])
            if capture_id:
                shown["payments"] = self._payments(capture_id)
            units.append(shown)
        document: Document = {
            "id": order["id"],
            "intent": order["intent"],
            "status": order["status"],
            **self._payer(order),
            "purchase_units": units,
            "create_time": order["create_time"],
            "update_time": order["update_time"],
            "links": self._order_links(order),
        }
        return document

    def _created(self, order: Document, request: Request) -> Document:
        if _whole(request):
            return self._order(order)
        document: Document = {"id": order["id"], "status": order["status"]}
        if order["with_source"]:
            document["payment_source"] = self._payer(order)["payment_source"]
        document["links"] = self._order_links(order)
        return document

    def _captured(self, order: Document, request: Request) -> Document:
        if _whole(request):
            return self._order(order)
        return {
            "id": order["id"],
            "status": order["status"],
            **self._payer(order),
            "purchase_units": [
                {"reference_id": reference, "payments": self._payments(capture_id)}
                for reference, capture_id in order["captures"].items()
            ],
            "links": self._order_links(order),
        }

    def _payments(self, capture_id: str) -> Document:
        capture = self._existing("capture", capture_id)
        hidden = ("supplementary_data",)
        shown = {key: value for key, value in capture["shown"].items() if key not in hidden}
        refunds = [
            self._as_of_now(refund)
            for refund in self._records.all("refund")
            if refund["capture"] == capture_id
        ]
        return {"captures": [shown], **({"refunds": refunds} if refunds else {})}

    def _payer(self, order: Document) -> Document:
        payer = order["payer"]
        if payer is None:
            return (
                {"payment_source": {"paypal": dict(order["wallet"])}}
                if order["with_source"]
                else {}
            )
        return {
            "payment_source": {
                "paypal": {
                    "email_address": payer["email_address"],
                    "account_id": payer["payer_id"],
                    "account_status": "VERIFIED",
                    "name": payer["name"],
                    "address": payer["address"],
                }
            },
            "payer": payer,
        }

    def _payer_link(self, order: Document) -> dict[str, str]:
        """PayPal names it after the way in which the order was made."""
        relation = "payer-action" if order["with_source"] else "approve"
        return _link(f"{self._base}/checkoutnow?token={order['id']}", relation, "GET")

    def _order_links(self, order: Document) -> list[dict[str, str]]:
        address = f"{self._base}/v2/checkout/orders/{order['id']}"
        links = [_link(address, "self", "GET")]
        if order["status"] in ("CREATED", "PAYER_ACTION_REQUIRED"):
            links.append(self._payer_link(order))
        if order["status"] in ("CREATED", "APPROVED"):
            links.append(_link(f"{address}/capture", "capture", "POST"))
        return links

    def _capture_links(self, capture_id: str, order_id: str) -> list[dict[str, str]]:
        address = f"{self._base}/v2/payments/captures/{capture_id}"
        return [
            _link(address, "self", "GET"),
            _link(f"{address}/refund", "refund", "POST"),
            _link(f"{self._base}/v2/checkout/orders/{order_id}", "up", "GET"),
        ]

    def _now(self) -> str:
        return numbers.moment(self._clock())


def awaits_payer(order: Document) -> bool:
    """Whether the payer can still agree: at first, or with another card after a decline."""
    return order["status"] in ("CREATED", "PAYER_ACTION_REQUIRED") or order["declined"]


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        raise Refusal(400, [Problem("MALFORMED_REQUEST_JSON")]) from None
    if not isinstance(body, dict):
        raise Refusal(400, [Problem("MALFORMED_REQUEST_JSON")])
    return body


def _whole(request: Request) -> bool:
    return request.headers.get("prefer", "").replace(" ", "") == "return=representation"


def _link(href: str, relation: str, method: str) -> dict[str, str]:
    return {"href": href, "rel": relation, "method": method}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
