"""A processor's signing key, its authority, and notices signed with it, for tests."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zlib import crc32

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Party:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()


def party(name: str, issuer: Party | None = None, *, authority: bool, end: datetime = END) -> Party:
    key = rsa.generate_private_key(65537, 2048)
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(issuer.certificate.subject if issuer else own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    return Party(builder.sign(issuer.key if issuer else key, SHA256()), key)


def headers(
    body: bytes,
    signer: Party,
    *,
    webhook_id: str,
    at: datetime,
    cert_url: str,
    transmission_id: str = "t-1",
) -> dict[str, str]:
    """The headers of a genuine delivery of this body."""
    time = (at - timedelta(seconds=1)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    signed = f"{transmission_id}|{time}|{webhook_id}|{crc32(body)}".encode()
    signature = signer.key.sign(signed, PKCS1v15(), SHA256())
    return {
        "PAYPAL-AUTH-ALGO": "SHA256withRSA",
        "PAYPAL-TRANSMISSION-ID": transmission_id,
        "PAYPAL-TRANSMISSION-TIME": time,
        "PAYPAL-TRANSMISSION-SIG": base64.b64encode(signature).decode(),
        "PAYPAL-CERT-URL": cert_url,
    }
