"""PayPal's notices: believed only as hints to ask PayPal, and only when they are genuine."""

import json
import re
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from uuid import UUID

import certifi
from cryptography import x509
from django.conf import settings
from django.db import transaction

from creditable.audit import clock
from creditable.disclosure import gate
from creditable.disclosure.models import Outbox
from creditable.lib.actor import Actor
from creditable.store.models import Payment, PaymentNotice, ProviderCertificate, Refund
from creditable.store.payments.paypal import flow, messages, refunds, verify
from creditable.store.payments.paypal.releases import CERTIFICATE
from creditable.store.payments.paypal.verify import Forged, Transmission

CERTIFICATE_PATH = re.compile(r"/v1/notifications/certs/[A-Za-z0-9-]{1,60}")
MOST_UNKNOWN = 5


class NotYet(Exception):
    """The certificate is not here yet, so nothing can be said of the notice; PayPal repeats it."""


def genuine(*, body: bytes, transmission: Transmission) -> None:
    """Raises Forged when the notice is not PayPal's for our webhook, NotYet when the certificate
    has first to be fetched."""
    now = clock.now()
    verify.check_time(transmission, now=now)
    verify.check(
        body,
        transmission,
        webhook_id=settings.PAYPAL_WEBHOOK_ID,
        chain=_chain(transmission.cert_url, now),
        anchors=_anchors(),
        now=now,
    )


@transaction.atomic
def receive(*, body: bytes) -> None:
    """Notes a genuine notice, once, and asks PayPal about the order or refund it names. Raises
    Forged for a signed text that is no notice."""
    try:
        event = json.loads(body)
        event_id, kind = str(event["id"]), str(event["event_type"])
    except (ValueError, KeyError, TypeError) as error:
        raise Forged("not a notice") from error
    order_ref = messages.order_in_notice(event)
    refund = _refund(messages.refund_in_notice(event))
    payment = Payment.objects.filter(provider=flow.PROVIDER, provider_ref=order_ref).first()
    if payment is None and refund is not None:
        payment = refund.payment
    _, new = PaymentNotice.objects.get_or_create(
        provider=flow.PROVIDER,
        event_id=event_id[:80],
        defaults={"kind": kind[:60], "payment": payment},
    )
    if new and payment is not None:
        flow.ask_status(payment=payment, by=flow.PAYPAL, hint=event_id[:80])
    if new and refund is not None:
        refunds.ask_status(refund=refund, by=flow.PAYPAL, hint=event_id[:80])


def _refund(text: str) -> Refund | None:
    try:
        refund_id = UUID(text)
    except ValueError:
        return None
    return Refund.objects.select_related("payment__order").filter(id=refund_id).first()


def readable(pem: bytes) -> bool:
    """Whether the text holds certificates."""
    try:
        return bool(x509.load_pem_x509_certificates(pem))
    except ValueError:
        return False


def _chain(url: str, now: datetime) -> list[x509.Certificate]:
    base = settings.EGRESS_DESTINATIONS["paypal-certificates"]["base_url"]
    path = url.removeprefix(base)
    if base + path != url or not CERTIFICATE_PATH.fullmatch(path):
        raise Forged("PayPal keeps its certificates elsewhere")
    known = ProviderCertificate.objects.filter(url=url).first()
    if known is None:
        _ask_for(url, path, now)
        raise NotYet(url)
    return x509.load_pem_x509_certificates(known.pem.encode())


def _ask_for(url: str, path: str, now: datetime) -> None:
    """Queues the certificate's fetching. Anybody can name certificates that do not exist, so
    only a few unknown ones are asked for in an hour; PayPal itself needs a new one every year
    or so, and repeats its notice for three days."""
    asked = Outbox.objects.filter(
        topic=CERTIFICATE.topic, created_at__gte=now - timedelta(hours=1)
    ).count()
    if asked >= MOST_UNKNOWN:
        return
    release = gate.open(
        template=CERTIFICATE,
        by=Actor.system("hooks"),
        key=f"paypal.certificate:{path}:{now:%Y%m%d%H}",
    )
    release.add(None, {"path": path})
    release.commit(reference=url)


def _anchors() -> list[x509.Certificate]:
    return _load(settings.PAYPAL_WEBHOOK_ANCHOR or certifi.where())


@lru_cache(maxsize=2)
def _load(path: str) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(Path(path).read_bytes())
