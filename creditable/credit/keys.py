"""The provider's signing keys: one for documents and tokens (P-256), one for the proofs inside
badges (Ed25519).

A key lies beside the self-issued certificate that names it, in one file of the data folder (PEM:
key, then certificate; 0600), made on first use. A key that is replaced signs no more; its
certificate stays, and is published, so that what it signed can still be checked.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from threading import get_ident

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

BOUNDARY = b"-----BEGIN CERTIFICATE-----"
LIFE = timedelta(days=365 * 30)


class Use(StrEnum):
    """What a key signs; its file is named by it."""

    DOCUMENTS = "certificates"
    BADGES = "badges"


@dataclass(frozen=True, slots=True)
class Key:
    """A key in use. `private` and `certificate` are PEM."""

    private: bytes
    certificate: bytes

    @property
    def public(self) -> "Public":
        return Public(x509.load_pem_x509_certificate(self.certificate))


@dataclass(frozen=True, slots=True)
class Public:
    """What everybody may know of a key, in use or replaced."""

    certificate: x509.Certificate

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate: what a stranger compares to know the signer."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def use(self) -> Use:
        signs_badges = isinstance(self.certificate.public_key(), ed25519.Ed25519PublicKey)
        return Use.BADGES if signs_badges else Use.DOCUMENTS

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()


def current(folder: Path, use: Use, *, organization: str, at: datetime) -> Key:
    """The key in use. Processes that start together make one."""
    path = folder / f"{use}.pem"
    if not path.exists():
        _create(path, _new(use, organization, at))
    pem = path.read_bytes()
    start = pem.index(BOUNDARY)
    return Key(pem[:start], pem[start:])


def replace(folder: Path, use: Use, *, organization: str, at: datetime) -> Public:
    """Puts a new key in the place of the one in use, of which only the certificate is kept: what
    it signed stays valid, and nobody can sign with it any more. The new key."""
    old = current(folder, use, organization=organization, at=at)
    retired = folder / "replaced" / f"{use}-{old.public.fingerprint}.pem"
    _create(retired, old.certificate)
    new = _new(use, organization, at)
    following = folder / f".{use}.next"
    following.unlink(missing_ok=True)
    _create(following, new)
    following.replace(folder / f"{use}.pem")
    return Public(x509.load_pem_x509_certificate(new[new.index(BOUNDARY) :]))


def published(folder: Path) -> Iterator[Public]:
    """Every key that ever signed, those in use first."""
    in_use = [path for use in Use if (path := folder / f"{use}.pem").exists()]
    for path in [*in_use, *sorted((folder / "replaced").glob("*.pem"))]:
        pem = path.read_bytes()
        yield Public(x509.load_pem_x509_certificate(pem[pem.index(BOUNDARY) :]))


def _new(use: Use, organization: str, at: datetime) -> bytes:
    key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    if use is Use.BADGES:
        key, digest = ed25519.Ed25519PrivateKey.generate(), None
    else:
        key, digest = ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{organization} {use}"[:64]),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=False,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, digest)
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)


def _create(path: Path, content: bytes) -> None:
    """The file, whole or not at all; one that is there already stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
