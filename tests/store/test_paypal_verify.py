"""A notice is PayPal's, for us, unaltered and recent, or it is nothing."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from creditable.store.payments.paypal import verify
from creditable.store.payments.paypal.verify import Forged, Transmission
from tests.store.signing import Party, headers, party

BODY = b'{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED"}'
AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GENUINE = Path(__file__).parent.parent / "standins" / "published" / "paypal-signed-webhook.json"


@pytest.fixture(scope="module")
def root() -> Party:
    return party("Root", authority=True)


@pytest.fixture(scope="module")
def leaf(root: Party) -> Party:
    return party("messageverificationcerts.paypal.com", root, authority=False)


def judge(
    root: Party,
    leaf: Party,
    *,
    body: bytes = BODY,
    webhook: str = "WH-ID",
    now: datetime = AT,
    **changed: str,
) -> None:
    told = headers(BODY, leaf, webhook_id="WH-ID", at=AT, cert_url="https://x.test/c") | changed
    verify.check(
        body,
        Transmission.of(told),
        webhook_id=webhook,
        chain=[leaf.certificate],
        anchors=[root.certificate],
        now=now,
    )


def test_a_genuine_notice_is_believed(root: Party, leaf: Party) -> None:
    judge(root, leaf)


def test_one_altered_byte_is_noticed(root: Party, leaf: Party) -> None:
    for position in range(len(BODY)):
        altered = BODY[:position] + bytes([BODY[position] ^ 1]) + BODY[position + 1 :]
        with pytest.raises(Forged):
            judge(root, leaf, body=altered)


def test_a_notice_for_another_webhook_is_not_ours(root: Party, leaf: Party) -> None:
    with pytest.raises(Forged):
        judge(root, leaf, webhook="WH-OTHER")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("PAYPAL-TRANSMISSION-ID", "t-2"),
        ("PAYPAL-TRANSMISSION-TIME", "2026-11-22T11:59:58Z"),
        ("PAYPAL-TRANSMISSION-TIME", "yesterday"),
        ("PAYPAL-TRANSMISSION-TIME", "2026-11-22T11:59:59"),
        ("PAYPAL-TRANSMISSION-SIG", base64.b64encode(b"x" * 256).decode()),
        ("PAYPAL-TRANSMISSION-SIG", "%%%"),
        ("PAYPAL-AUTH-ALGO", "none"),
    ],
)
def test_altered_headers_are_noticed(root: Party, leaf: Party, header: str, value: str) -> None:
    with pytest.raises(Forged):
        judge(root, leaf, **{header: value})


@pytest.mark.parametrize(
    "header", ["PAYPAL-TRANSMISSION-ID", "PAYPAL-CERT-URL", "PAYPAL-AUTH-ALGO"]
)
def test_a_missing_header_is_noticed(header: str) -> None:
    told = headers(BODY, party("x", authority=False), webhook_id="W", at=AT, cert_url="u")
    del told[header]
    with pytest.raises(Forged):
        Transmission.of(told)


def test_an_old_notice_played_again_and_one_from_the_future_are_refused(
    root: Party, leaf: Party
) -> None:
    for now in (AT + timedelta(days=5), AT - timedelta(hours=1)):
        with pytest.raises(Forged, match="old or from the future"):
            judge(root, leaf, now=now)


def test_a_certificate_that_somebody_made_for_himself_is_refused(root: Party) -> None:
    with pytest.raises(Forged, match="vouches"):
        judge(root, party("messageverificationcerts.paypal.com", authority=False))


def test_a_certificate_issued_by_another_leaf_is_refused(root: Party, leaf: Party) -> None:
    child = party("messageverificationcerts.paypal.com", leaf, authority=False)
    told = headers(BODY, child, webhook_id="W", at=AT, cert_url="u")
    with pytest.raises(Forged, match="vouches"):
        verify.check(
            BODY,
            Transmission.of(told),
            webhook_id="W",
            chain=[child.certificate, leaf.certificate],
            anchors=[root.certificate],
            now=AT,
        )


def test_a_certificate_that_had_ended_when_it_signed_is_refused(root: Party) -> None:
    ended = party("old", root, authority=False, end=datetime(2026, 6, 1, tzinfo=UTC))
    with pytest.raises(Forged, match="not valid"):
        judge(root, ended)


def test_a_chain_through_an_authority_in_between_is_believed(root: Party) -> None:
    between = party("Between", root, authority=True)
    leaf = party("leaf", between, authority=False)
    told = headers(BODY, leaf, webhook_id="W", at=AT, cert_url="u")
    verify.check(
        BODY,
        Transmission.of(told),
        webhook_id="W",
        chain=[leaf.certificate, between.certificate],
        anchors=[root.certificate],
        now=AT,
    )


def test_a_real_delivery_of_paypals_own_sandbox_verifies() -> None:
    """The event is of another kind and the certificate has long ended, so it proves the
    signature alone."""
    (genuine,) = json.loads(GENUINE.read_text())[:1]
    transmission = Transmission(
        id=genuine["transmission_id"],
        time=genuine["transmission_time"],
        signature=base64.b64decode(genuine["transmission_sig"]),
        cert_url=genuine["cert_url"],
    )
    certificate = x509.load_pem_x509_certificate(genuine["leaf_certificate_pem"].encode())
    body = genuine["body"].encode()
    verify.check_signature(
        body, transmission, webhook_id=genuine["webhook_id"], certificate=certificate
    )
    with pytest.raises(Forged):
        verify.check_signature(
            body + b" ", transmission, webhook_id=genuine["webhook_id"], certificate=certificate
        )
