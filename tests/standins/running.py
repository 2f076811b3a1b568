"""Real stand-in processes, and those who talk to them."""

import base64
import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 60.0


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    """The first true answer; fails after a bounded time."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"never came: {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """A stand-in as the process that it is in the demo."""

    module: str
    options: list[str]
    port: int
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", self.module, "--port", str(self.port), *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "ready on" in line, f"{self.module} did not start"

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None
        return code

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        sent = dict(headers or {})
        data = b""
        if isinstance(body, str | bytes):
            data = body.encode() if isinstance(body, str) else body
        elif body is not None:
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, data, sent)
            response = connection.getresponse()
            content = response.read()
            return Reply(response.status, dict(response.getheaders()), content)
        finally:
            connection.close()

    def form(self, path: str, **fields: str) -> Reply:
        body = "&".join(f"{key}={value}" for key, value in fields.items())
        content_type = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.call("POST", path, body, headers=content_type)

    def arm(self, fault: str, **more: float) -> None:
        assert self.call("POST", "/standin/faults", {"fault": fault, **more}).status == 201

    def recorded(self) -> list[dict[str, Any]]:
        answer = self.call("GET", "/standin/recorded").json
        assert isinstance(answer, list)
        return answer


@dataclass
class Hook:
    """The merchant's or provider's side: keeps what is posted, answers what it is told to."""

    port: int = 0
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    on_post: Callable[[bytes], None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/somewhere/"

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.received]

    def wait_for(self, count: int) -> list[tuple[dict[str, str], bytes]]:
        wait_until(lambda: len(self.received) >= count, f"{count} notices")
        return self.received


@dataclass
class Merchant:
    """A merchant's server at PayPal's door."""

    paypal: Running
    token: str = ""

    def sign_in(self) -> None:
        basic = base64.b64encode(b"standin-client:standin-secret").decode()
        reply = self.paypal.call(
            "POST",
            "/v1/oauth2/token",
            "grant_type=client_credentials",
            headers={
                "Authorization": f"Basic {basic}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        assert reply.status == 200
        self.token = reply.json["access_token"]

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Reply:
        sent = {"Authorization": f"Bearer {self.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.paypal.call(method, path, body, headers=sent)

    def create(self, value: str = "39.00", request_id: str = "attempt-1", **more: Any) -> Reply:
        return self.call(
            "POST", "/v2/checkout/orders", order(value, **more), PayPal_Request_Id=request_id
        )

    def approve(self, order_id: str) -> Reply:
        return self.paypal.form("/checkoutnow", token=order_id, decision="approve")

    def capture(self, order_id: str, request_id: str = "capture-1") -> Reply:
        path = f"/v2/checkout/orders/{order_id}/capture"
        return self.call("POST", path, {}, PayPal_Request_Id=request_id)

    def paid(self, value: str = "39.00", **more: Any) -> tuple[str, str]:
        """Order and capture of a payment that went well."""
        order_id = self.create(value, **more).json["id"]
        self.approve(order_id)
        captured = self.capture(order_id, f"capture {order_id}").json
        return order_id, captured["purchase_units"][0]["payments"]["captures"][0]["id"]


def order(value: str = "39.00", invoice: str = "CR-1001", **more: Any) -> dict[str, Any]:
    """The request for an order of one course."""
    amount = {"currency_code": "USD", "value": value}
    return {
        "intent": "CAPTURE",
        "purchase_units": [
            {
                "reference_id": "default",
                "invoice_id": invoice,
                "amount": {**amount, "breakdown": {"item_total": amount}},
                "items": [
                    {
                        "name": "Electrical safety",
                        "quantity": "1",
                        "unit_amount": amount,
                        "category": "DIGITAL_GOODS",
                    }
                ],
            }
        ],
        "payment_source": {
            "paypal": {
                "experience_context": {
                    "brand_name": "Bright Wire Electric School",
                    "return_url": "http://127.0.0.1:8000/checkout/return/?order=7",
                    "cancel_url": "http://127.0.0.1:8000/basket/",
                    "user_action": "PAY_NOW",
                    "shipping_preference": "NO_SHIPPING",
                }
            }
        },
        **more,
    }
