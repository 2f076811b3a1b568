"""Is a notice really PayPal's? Judged on the raw bytes, before anything in them is believed. Pure.

PayPal signs `transmission id|transmission time|webhook id|CRC-32 of the body` with the key of a
certificate that it names in a header (Webhooks guide and webhooks description v1, checked
2026-11-22).
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

TOLERANCE = timedelta(days=4)
LONGEST_CHAIN = 4


class Forged(Exception):
    """The notice is not PayPal's, or not for us, or was altered, or is too old to believe."""


@dataclass(frozen=True, slots=True)
class Transmission:
    """What PayPal says of one delivery, from its headers."""

    id: str
    time: str
    signature: bytes
    cert_url: str

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Transmission":
        """Read from the request's headers. Raises Forged when one is missing or unreadable."""
        try:
            if headers["PAYPAL-AUTH-ALGO"] != "SHA256withRSA":
                raise Forged("an algorithm that PayPal does not use")
            return cls(
                id=headers["PAYPAL-TRANSMISSION-ID"],
                time=headers["PAYPAL-TRANSMISSION-TIME"],
                signature=base64.b64decode(headers["PAYPAL-TRANSMISSION-SIG"], validate=True),
                cert_url=headers["PAYPAL-CERT-URL"],
            )
        except KeyError as error:
            raise Forged(f"the header {error} is missing") from error
        except ValueError as error:
            raise Forged("the signature is not base 64") from error

    def instant(self) -> datetime:
        try:
            instant = datetime.fromisoformat(self.time)
        except ValueError as error:
            raise Forged("the transmission time cannot be read") from error
        if instant.tzinfo is None:
            raise Forged("the transmission time has no zone")
        return instant


def check_time(transmission: Transmission, *, now: datetime) -> None:
    """Raises Forged when the notice is older than PayPal retries (three days), or from the
    future."""
    if not now - TOLERANCE <= transmission.instant() <= now + timedelta(minutes=10):
        raise Forged("the notice is too old or from the future")


def check(
    body: bytes,
    transmission: Transmission,
    *,
    webhook_id: str,
    chain: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    now: datetime,
) -> None:
    """Raises Forged unless the body was signed for our webhook, lately, with a certificate that
    the anchors vouch for at the time of transmission."""
    check_time(transmission, now=now)
    _check_chain(chain, anchors, transmission.instant())
    check_signature(body, transmission, webhook_id=webhook_id, certificate=chain[0])


def check_signature(
    body: bytes, transmission: Transmission, *, webhook_id: str, certificate: x509.Certificate
) -> None:
    """The signature alone. Raises Forged."""
    signed = f"{transmission.id}|{transmission.time}|{webhook_id}|{crc32(body)}"
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise Forged("the certificate holds another kind of key")
    try:
        key.verify(transmission.signature, signed.encode(), PKCS1v15(), SHA256())
    except InvalidSignature as error:
        raise Forged("the signature does not fit the body") from error


def _check_chain(
    chain: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate], at: datetime
) -> None:
    if not chain:
        raise Forged("no certificate")
    known = {anchor.fingerprint(SHA256()) for anchor in anchors}
    certificate = chain[0]
    for _ in range(LONGEST_CHAIN):
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise Forged("a certificate was not valid when the notice was sent")
        if certificate.fingerprint(SHA256()) in known:
            return
        issuer = _issuer(certificate, [*chain[1:], *anchors])
        if issuer is None:
            break
        certificate = issuer
    raise Forged("nobody we trust vouches for the certificate")


def _issuer(
    certificate: x509.Certificate, candidates: Sequence[x509.Certificate]
) -> x509.Certificate | None:
    for candidate in candidates:
        if candidate.subject != certificate.issuer or not _may_issue(candidate):
            continue
        try:
            certificate.verify_directly_issued_by(candidate)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return candidate
    return None


def _may_issue(certificate: x509.Certificate) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return constraints.value.ca
