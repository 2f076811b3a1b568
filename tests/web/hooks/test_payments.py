"""PayPal's notices: forged, altered, replayed, late and out-of-order ones change nothing."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from creditable.audit import clock
from creditable.disclosure import replies
from creditable.disclosure.models import Outbox, Reply
from creditable.store.models import Order, PaymentNotice, ProviderCertificate
from tests.factories.people import make_person
from tests.factories.store import answer, captured, make_order, paypal_order
from tests.store.signing import Party, headers, party

pytestmark = pytest.mark.django_db
WEBHOOK = "WH-ID"
CERT_URL = "https://api.paypal.com/v1/notifications/certs/CERT-1"


@pytest.fixture(scope="module")
def root() -> Party:
    return party("Root", authority=True)


@pytest.fixture(scope="module")
def leaf(root: Party) -> Party:
    return party("leaf", root, authority=False)


@pytest.fixture(autouse=True)
def trusted(root: Party, leaf: Party, settings: Settings, tmp_path: Path, db: None) -> None:
    anchor = tmp_path / "ca.pem"
    anchor.write_text(root.pem)
    settings.PAYPAL_WEBHOOK_ID = WEBHOOK
    settings.PAYPAL_WEBHOOK_ANCHOR = str(anchor)
    ProviderCertificate.objects.create(url=CERT_URL, pem=leaf.pem)


@pytest.fixture
def order(policy: None) -> Order:
    order = make_order(make_person())
    answer("paypal.order", paypal_order(order, "PAYER_ACTION_REQUIRED"), status=201)
    return order


def notice(order: Order, kind: str = "CHECKOUT.ORDER.APPROVED", event: str = "WH-1") -> bytes:
    resource = {"id": f"PP{order.number}", "status": "APPROVED"}
    return json.dumps({"id": event, "event_type": kind, "resource": resource}).encode()


def deliver(
    client: Client, body: bytes, signer: Party, *, signed: bytes | None = None, **changed: str
) -> int:
    told = headers(
        signed if signed is not None else body,
        signer,
        webhook_id=WEBHOOK,
        at=clock.now(),
        cert_url=CERT_URL,
    )
    response = client.post(
        "/hooks/payments/paypal/",
        data=body,
        content_type="application/json",
        headers=told | changed,
    )
    return response.status_code


def asked() -> int:
    return Outbox.objects.filter(topic="paypal.status").count()


def test_a_genuine_notice_makes_us_ask_paypal_and_nothing_more(
    client: Client, order: Order, leaf: Party
) -> None:
    assert deliver(client, notice(order), leaf) == 200
    assert asked() == 1
    assert order.payments.get().state == "approving"


def test_the_same_notice_again_asks_no_second_time(
    client: Client, order: Order, leaf: Party
) -> None:
    for _ in range(3):
        assert deliver(client, notice(order), leaf) == 200
    assert (asked(), PaymentNotice.objects.count()) == (1, 1)


def test_a_notice_that_comes_after_the_money_changes_nothing(
    client: Client, order: Order, leaf: Party
) -> None:
    deliver(client, notice(order), leaf)
    answer("paypal.status", captured(order))
    assert deliver(client, notice(order, "CHECKOUT.ORDER.APPROVED", "WH-2"), leaf) == 200
    assert asked() == 1
    assert order.payments.get().state == "captured"


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff\xfe", b'{"id": 1}', b"null"])
def test_a_signed_text_that_is_no_notice_is_refused(
    client: Client, leaf: Party, body: bytes, order: Order
) -> None:
    assert deliver(client, body, leaf) == 400
    assert not PaymentNotice.objects.exists()


def test_what_is_not_paypals_is_refused_and_leaves_no_trace(
    client: Client, order: Order, leaf: Party
) -> None:
    body = notice(order)
    stranger = party("leaf", authority=False)
    attempts: list[dict[str, Any]] = [
        {"body": body, "signer": stranger},
        {"body": body + b" ", "signer": leaf, "signed": body},
        {"body": body, "signer": leaf, "PAYPAL-TRANSMISSION-ID": "other"},
        {"body": body, "signer": leaf, "PAYPAL-CERT-URL": "https://evil.test/cert.pem"},
        {"body": body, "signer": leaf, "PAYPAL-CERT-URL": "file:///etc/passwd"},
        {"body": body, "signer": leaf, "PAYPAL-AUTH-ALGO": "none"},
        {"body": body, "signer": leaf, "PAYPAL-TRANSMISSION-SIG": ""},
        {"body": body, "signer": leaf, "PAYPAL-TRANSMISSION-SIG": "\u00e9"},
        {"body": body, "signer": leaf, "PAYPAL-CERT-URL": "http://[localhost:8302/x"},
        {"body": body, "signer": leaf, "PAYPAL-CERT-URL": "https://api.paypal.com"},
        {"body": body, "signer": leaf, "PAYPAL-CERT-URL": f"{CERT_URL}?x=1"},
        {"body": body, "signer": leaf, "PAYPAL-CERT-URL": f"{CERT_URL}/../../orders"},
    ]
    for attempt in attempts:
        assert deliver(client, **attempt) == 400, attempt
    assert client.post("/hooks/payments/paypal/", body, "application/json").status_code == 400
    assert (asked(), PaymentNotice.objects.count()) == (0, 0)


def test_a_delivery_recorded_long_ago_is_refused(client: Client, order: Order, leaf: Party) -> None:
    body = notice(order)
    old = headers(
        body, leaf, webhook_id=WEBHOOK, at=clock.now() - timedelta(days=6), cert_url=CERT_URL
    )
    response = client.post("/hooks/payments/paypal/", body, "application/json", headers=old)
    assert response.status_code == 400


def test_a_genuine_notice_about_somebody_elses_order_is_taken_and_ignored(
    client: Client, leaf: Party, order: Order
) -> None:
    body = json.dumps(
        {"id": "WH-9", "event_type": "CHECKOUT.ORDER.APPROVED", "resource": {"id": "UNKNOWN"}}
    ).encode()
    assert deliver(client, body, leaf) == 200
    assert asked() == 0


def test_unknown_certificates_are_asked_for_a_few_times_an_hour_and_nobody_waits(
    client: Client, order: Order, leaf: Party
) -> None:
    def asked_for() -> int:
        return Outbox.objects.filter(topic="paypal.certificate").count()

    for number in range(20):
        elsewhere = {"PAYPAL-CERT-URL": CERT_URL.replace("CERT-1", f"CERT-X{number}")}
        assert deliver(client, notice(order), leaf, **elsewhere) == 503
    assert asked_for() == 5
    assert deliver(client, notice(order), leaf) == 200


def test_a_certificate_that_came_makes_the_repeated_notice_believed(
    client: Client, order: Order, leaf: Party
) -> None:
    ProviderCertificate.objects.all().delete()
    assert deliver(client, notice(order), leaf) == 503
    row = Outbox.objects.get(topic="paypal.certificate")
    Reply.objects.create(
        outbox=row, attempt=1, outcome="delivered", status=200, body=leaf.pem.encode()
    )
    replies.handle(outbox_id=row.id)
    assert deliver(client, notice(order), leaf) == 200
    assert asked() == 1


def test_only_posts_are_heard(client: Client) -> None:
    assert client.get("/hooks/payments/paypal/").status_code == 405
