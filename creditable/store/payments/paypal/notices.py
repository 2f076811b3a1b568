"""PayPal's notices: believed only as hints to ask PayPal, and only when they are genuine."""

import json
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import certifi
from cryptography import x509
from django.conf import settings
from django.db import transaction

from creditable.audit import clock
from creditable.disclosure import gate, lane
from creditable.lib.actor import Actor
from creditable.store.models import Payment, PaymentNotice, ProviderCertificate
from creditable.store.payments.paypal import flow, messages, verify
from creditable.store.payments.paypal.releases import CERTIFICATE
from creditable.store.payments.paypal.verify import Forged, Transmission

LONGEST_URL = 80


class NotYet(Exception):
    """The certificate is not here yet, so nothing can be said of the notice; PayPal repeats it."""


def genuine(*, body: bytes, transmission: Transmission) -> None:
    """Raises Forged when the notice is not PayPal's for our webhook, NotYet when the certificate
    has first to be fetched. Not to be called inside a transaction."""
    verify.check(
        body,
        transmission,
        webhook_id=settings.PAYPAL_WEBHOOK_ID,
        chain=_chain(transmission.cert_url),
        anchors=_anchors(),
        now=clock.now(),
    )


@transaction.atomic
def receive(*, body: bytes) -> None:
    """Notes a genuine notice, once, and asks PayPal about the order it names. Raises Forged for
    a signed text that is no notice."""
    try:
        event = json.loads(body)
        event_id, kind = str(event["id"]), str(event["event_type"])
    except (ValueError, KeyError, TypeError) as error:
        raise Forged("not a notice") from error
    order_ref = messages.order_in_notice(event)
    payment = Payment.objects.filter(provider=flow.PROVIDER, provider_ref=order_ref).first()
    _, new = PaymentNotice.objects.get_or_create(
        provider=flow.PROVIDER,
        event_id=event_id[:80],
        defaults={"kind": kind[:60], "payment": payment},
    )
    if new and payment is not None:
        flow.ask_status(payment=payment, by=flow.PAYPAL, hint=event_id[:80])


def readable(pem: bytes) -> bool:
    """Whether the text holds certificates."""
    try:
        return bool(x509.load_pem_x509_certificates(pem))
    except ValueError:
        return False


def _chain(url: str) -> list[x509.Certificate]:
    _check_host(url)
    known = ProviderCertificate.objects.filter(url=url).first() or _fetch(url)
    return x509.load_pem_x509_certificates(known.pem.encode())


def _check_host(url: str) -> None:
    base = settings.EGRESS_DESTINATIONS["paypal-certificates"]["base_url"]
    if len(url) > LONGEST_URL * 3 or not messages.is_at(url, base):
        raise Forged("the certificate lies elsewhere")


def _fetch(url: str) -> ProviderCertificate:
    with transaction.atomic():
        key = f"paypal.certificate:{url}:{clock.now():%Y%m%d%H%M}"[:200]
        release = gate.open(template=CERTIFICATE, by=Actor.system("hooks"), key=key)
        release.add(None, {"path": urlsplit(url).path})
        released = release.commit(reference=url)
    assert released.outbox_id is not None
    lane.wait(released.outbox_id)
    known = ProviderCertificate.objects.filter(url=url).first()
    if known is None:
        raise NotYet(url)
    return known


def _anchors() -> list[x509.Certificate]:
    return _load(settings.PAYPAL_WEBHOOK_ANCHOR or certifi.where())


@lru_cache(maxsize=2)
def _load(path: str) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(Path(path).read_bytes())
