"""Webhooks: signed by the public algorithm, repeated until taken, and out of step on demand."""

import base64
import json
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.standins.contract import PUBLISHED
from tests.standins.running import Hook, Merchant, wait_until

WEBHOOK_ID = "STANDINWEBHOOK001"


def verify(
    pem: bytes, signature: str, *, transmission_id: str, time: str, webhook_id: str, body: bytes
) -> None:
    """PayPal's published algorithm; raises InvalidSignature."""
    key = x509.load_pem_x509_certificate(pem).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    signed = f"{transmission_id}|{time}|{webhook_id}|{zlib.crc32(body)}".encode()
    key.verify(base64.b64decode(signature), signed, padding.PKCS1v15(), hashes.SHA256())


def verify_delivery(merchant: Merchant, headers: dict[str, str], body: bytes) -> None:
    found = {name.upper(): value for name, value in headers.items()}
    assert found["PAYPAL-AUTH-ALGO"] == "SHA256withRSA"
    address = found["PAYPAL-CERT-URL"]
    base = f"http://127.0.0.1:{merchant.paypal.port}"
    assert address.startswith(f"{base}/v1/notifications/certs/CERT-")
    pem = merchant.paypal.call("GET", address.removeprefix(base)).body
    verify(
        pem,
        found["PAYPAL-TRANSMISSION-SIG"],
        transmission_id=found["PAYPAL-TRANSMISSION-ID"],
        time=found["PAYPAL-TRANSMISSION-TIME"],
        webhook_id=WEBHOOK_ID,
        body=body,
    )


def event_types(hook: Hook) -> list[str]:
    return [event["event_type"] for event in hook.bodies()]


def test_the_genuine_delivery_verifies_with_the_same_code() -> None:
    (genuine,) = json.loads((PUBLISHED / "paypal-signed-webhook.json").read_text())
    pem, body = genuine["leaf_certificate_pem"].encode(), genuine["body"].encode()
    parts = {
        "transmission_id": genuine["transmission_id"],
        "time": genuine["transmission_time"],
        "webhook_id": genuine["webhook_id"],
    }
    verify(pem, genuine["transmission_sig"], body=body, **parts)
    with pytest.raises(InvalidSignature):
        verify(pem, genuine["transmission_sig"], body=body + b" ", **parts)


def test_each_step_of_a_payment_is_told_and_signed(merchant: Merchant, hook: Hook) -> None:
    _, capture_id = merchant.paid()
    merchant.call("POST", f"/v2/payments/captures/{capture_id}/refund", {})
    for headers, body in hook.wait_for(3):
        verify_delivery(merchant, headers, body)
    assert event_types(hook) == [
        "CHECKOUT.ORDER.APPROVED",
        "PAYMENT.CAPTURE.COMPLETED",
        "PAYMENT.CAPTURE.REFUNDED",
    ]


def test_an_altered_body_does_not_verify(merchant: Merchant, hook: Hook) -> None:
    merchant.paid("39.00")
    headers, body = hook.wait_for(1)[0]
    with pytest.raises(InvalidSignature):
        verify_delivery(merchant, headers, body.replace(b"39.00", b"3.90"))


def test_the_certificate_comes_from_the_stand_ins_own_authority_and_outlives_a_restart(
    merchant: Merchant, hook: Hook, tmp_path: Path
) -> None:
    merchant.paid()
    headers = hook.wait_for(1)[0][0]
    path = headers["PAYPAL-CERT-URL"].partition(str(merchant.paypal.port))[2]
    before = merchant.paypal.call("GET", path).body
    merchant.paypal.kill()
    merchant.paypal.start()
    assert merchant.paypal.call("GET", path).body == before
    authority = x509.load_pem_x509_certificate((tmp_path / "paypal" / "ca.pem").read_bytes())
    leaf = x509.load_pem_x509_certificate(before)
    leaf.verify_directly_issued_by(authority)
    assert "not PayPal" in authority.subject.rfc4514_string()
    assert leaf.not_valid_before_utc < datetime.now(UTC) < leaf.not_valid_after_utc
    assert merchant.paypal.call("GET", "/v1/notifications/certs/CERT-0").status == 404
    for name in ("ca.key", *(p.name for p in (tmp_path / "paypal").glob("CERT-*.key"))):
        assert (tmp_path / "paypal" / name).stat().st_mode & 0o077 == 0


def test_a_webhook_is_repeated_until_it_is_taken(merchant: Merchant, hook: Hook) -> None:
    hook.answers[:] = [500, 404]
    order_id = merchant.create().json["id"]
    merchant.approve(order_id)
    hook.wait_for(3)
    assert len({event["id"] for event in hook.bodies()}) == 1
    transmissions = {headers["PAYPAL-TRANSMISSION-ID"] for headers, _ in hook.received}
    assert len(transmissions) == 3


def test_a_webhook_outlives_a_kill(merchant: Merchant, hook: Hook) -> None:
    hook.answers[:] = [503] * 3
    order_id = merchant.create().json["id"]
    merchant.approve(order_id)
    hook.wait_for(1)
    merchant.paypal.kill()
    merchant.paypal.start()
    wait_until(lambda: not hook.answers and len(hook.received) >= 4, "the delivery")
    assert len({event["id"] for event in hook.bodies()}) == 1


def test_a_webhook_can_come_twice(merchant: Merchant, hook: Hook) -> None:
    order_id = merchant.create().json["id"]
    merchant.paypal.arm("webhook.twice")
    merchant.approve(order_id)
    for headers, body in hook.wait_for(2):
        verify_delivery(merchant, headers, body)
    first, second = hook.bodies()
    assert first == second


def test_webhooks_can_come_out_of_order(merchant: Merchant, hook: Hook) -> None:
    merchant.paypal.arm("webhook.out_of_order")
    merchant.paid()
    hook.wait_for(2)
    assert event_types(hook) == ["PAYMENT.CAPTURE.COMPLETED", "CHECKOUT.ORDER.APPROVED"]


def test_a_webhook_can_come_before_the_answer(merchant: Merchant, hook: Hook) -> None:
    order_id = merchant.create().json["id"]
    merchant.approve(order_id)
    hook.wait_for(1)
    unanswered: list[bool] = []

    def look(body: bytes) -> None:
        captures = [e for e in merchant.paypal.recorded() if e["path"].endswith("/capture")]
        unanswered.append([e["answer"] for e in captures] == [None])

    hook.on_post = look
    merchant.paypal.arm("webhook.before_answer")
    assert merchant.capture(order_id).status == 201
    assert unanswered == [True]


def test_a_webhook_can_be_lost(merchant: Merchant, hook: Hook) -> None:
    merchant.paypal.arm("webhook.lost")
    merchant.paid()
    hook.wait_for(1)
    assert event_types(hook) == ["PAYMENT.CAPTURE.COMPLETED"]
