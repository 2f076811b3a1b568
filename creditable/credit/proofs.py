"""Signatures on verifiable credentials, in the two forms that readers know.

As a proof inside the document: Data Integrity with the suite eddsa-rdfc-2022 (W3C, Data Integrity
EdDSA Cryptosuites 1.0, section 3.2): the document and the proof's own options as canonical RDF,
the two hashes signed with Ed25519. As a token: a JSON Web Token by ES256 whose claims are the
document (Open Badges 3.0, section 8.2). Pure: contexts come from this folder, never from a network.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from jwt.algorithms import ECAlgorithm

from creditable.credit.keys import Key

VC = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CONTEXTS = {VC: "credentials-v2.json", OPEN_BADGES: "ob-v3p0-3.0.3.json"}
SUITE = "eddsa-rdfc-2022"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ED25519_PUBLIC = b"\xed\x01"  # multicodec of a public key


def with_proof(
    document: Mapping[str, Any], *, key: Key, method: str, at: datetime
) -> dict[str, Any]:
    """The document with a proof by this key, whose public part stands at the address `method`.
    `proof` is a list of one, as the schema of Open Badges wants it."""
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": instant(at),
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    private = serialization.load_pem_private_key(key.private, None)
    assert isinstance(private, ed25519.Ed25519PrivateKey)
    signature = private.sign(signed_bytes(document, options))
    return {**document, "proof": [{**options, "proofValue": f"z{base58(signature)}"}]}


def signed_bytes(document: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    """What the suite signs: the hash of the proof's options, then that of the document."""
    given = {"@context": document["@context"], **options}
    return b"".join(hashlib.sha256(canonical(one).encode()).digest() for one in (given, document))


def canonical(document: Mapping[str, Any]) -> str:
    """The document's RDF in the one order and naming that everybody arrives at (RDFC-1.0)."""
    from pyld import jsonld  # is large, and only those who sign badges or check one need it

    settings = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": _load,
    }
    return str(jsonld.normalize(dict(document), settings))


def token(document: Mapping[str, Any], *, key: Key, method: str, subject: str = "") -> str:
    """The document as a signed token; `method` is the address of the public key as a JWK."""
    claims = {
        **document,
        "iss": document["issuer"]["id"],
        "jti": document["id"],
        "nbf": int(datetime.fromisoformat(document["validFrom"]).timestamp()),
        **({"sub": subject} if subject else {}),
    }
    return jwt.encode(claims, key.private.decode(), algorithm="ES256", headers={"kid": method})


def multikey(public: ed25519.Ed25519PublicKey) -> str:
    """An Ed25519 public key as Data Integrity writes it (`publicKeyMultibase`)."""
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return f"z{base58(ED25519_PUBLIC + raw)}"


def jwk(certificate: x509.Certificate, *, kid: str) -> dict[str, Any]:
    """A P-256 public key as a JSON Web Key, with the certificate that names it (RFC 7517)."""
    public = certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    written: dict[str, Any] = ECAlgorithm.to_jwk(public, as_dict=True)
    chain = [b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()]
    return {**written, "kid": kid, "use": "sig", "alg": "ES256", "x5c": chain}


def base58(content: bytes) -> str:
    """Bytes in the alphabet of Bitcoin, a leading zero byte as `1`."""
    number, digits = int.from_bytes(content, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        digits = BASE58[rest] + digits
    zeros = len(content) - len(content.lstrip(b"\0"))
    return "1" * zeros + digits


def instant(at: datetime) -> str:
    """An instant as credentials write it, in whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def _context(name: str) -> Mapping[str, Any]:
    path = Path(__file__).parent / "contexts" / name
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _load(url: str, _: object = None) -> Mapping[str, Any]:
    if url not in CONTEXTS:
        raise ValueError(f"{url} is not a context of ours")
    return {
        "contextUrl": None,
        "documentUrl": url,
        "document": _context(CONTEXTS[url]),
        "contentType": "application/ld+json",
    }
