"""How webhooks are signed: RSA over transmission id, time, webhook id and the CRC-32 of the
body, by a leaf certificate of the stand-in's own authority, whose `ca.pem` is the trust anchor."""

import base64
import os
import uuid
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from creditable.standins.paypal.numbers import moment

# The name that PayPal's own sandbox puts into its certificate.
SIGNER = "messageverificationcerts.sandbox.paypal.com"
LEAF_DAYS = 397
RENEW_DAYS = 30
CA_DAYS = 3650


class Signer:
    """Makes its authority and its leaf on the first start and keeps them in `folder`. A leaf
    that is about to end is replaced; the old one can still be fetched."""

    def __init__(
        self, folder: Path, *, webhook_id: str, base: str, clock: Callable[[], float]
    ) -> None:
        self._folder = folder
        self._webhook_id = webhook_id
        self._base = base
        self._clock = clock
        now = datetime.fromtimestamp(clock(), UTC)
        if not (folder / "ca.pem").exists():
            self._found_authority(now)
        self._certificate_id, self._key = self._leaf(now)

    def headers(self, body: bytes) -> dict[str, str]:
        """Of one transmission of the body."""
        transmission_id = str(uuid.uuid1())
        at = moment(self._clock())
        signed = f"{transmission_id}|{at}|{self._webhook_id}|{zlib.crc32(body)}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return {
            "PAYPAL-AUTH-ALGO": "SHA256withRSA",
            "PAYPAL-AUTH-VERSION": "v2",
            "PAYPAL-CERT-URL": f"{self._base}/v1/notifications/certs/{self._certificate_id}",
            "PAYPAL-TRANSMISSION-ID": transmission_id,
            "PAYPAL-TRANSMISSION-SIG": base64.b64encode(signature).decode(),
            "PAYPAL-TRANSMISSION-TIME": at,
        }

    def certificate(self, certificate_id: str) -> bytes | None:
        """The leaf as PEM, as PayPal serves it at the address that each transmission names."""
        if not certificate_id.startswith("CERT-") or not certificate_id[5:].isalnum():
            return None
        path = self._folder / f"{certificate_id}.pem"
        return path.read_bytes() if path.exists() else None

    def _found_authority(self, now: datetime) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Stand-in, not PayPal"),
                x509.NameAttribute(NameOID.COMMON_NAME, "Stand-in root for payment notices"),
            ]
        )
        certificate = (
            _builder(name, name, key, now, CA_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        _write(self._folder / "ca.key", _private(key), secret=True)
        _write(self._folder / "ca.pem", certificate.public_bytes(serialization.Encoding.PEM))

    def _leaf(self, now: datetime) -> tuple[str, rsa.RSAPrivateKey]:
        for path in sorted(self._folder.glob("CERT-*.pem")):
            certificate = x509.load_pem_x509_certificate(path.read_bytes())
            fresh = certificate.not_valid_after_utc - now > timedelta(days=RENEW_DAYS)
            if fresh and path.with_suffix(".key").exists():
                return path.stem, _load(path.with_suffix(".key"))
        ca = x509.load_pem_x509_certificate((self._folder / "ca.pem").read_bytes())
        ca_key = _load(self._folder / "ca.key")
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SIGNER)])
        certificate = (
            _builder(name, ca.subject, key, now, LEAF_DAYS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(SIGNER)]), critical=False)
            .add_extension(_usage(certificates=False), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage(
                    [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
                ),
                critical=False,
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()),
                critical=False,
            )
            .sign(ca_key, hashes.SHA256())
        )
        certificate_id = f"CERT-{uuid.uuid4().hex}"
        _write(self._folder / f"{certificate_id}.key", _private(key), secret=True)
        _write(
            self._folder / f"{certificate_id}.pem",
            certificate.public_bytes(serialization.Encoding.PEM),
        )
        return certificate_id, key


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        key_encipherment=not certificates,
        key_cert_sign=certificates,
        crl_sign=certificates,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _load(path: Path) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path.name} holds no RSA key")
    return key


def _write(path: Path, content: bytes, *, secret: bool = False) -> None:
    """Whole or not at all: a kill in between leaves no half file."""
    part = path.with_suffix(path.suffix + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if secret else 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
