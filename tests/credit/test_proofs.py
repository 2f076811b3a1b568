"""Proofs as their standard's own examples have them (W3C, vc-di-eddsa, test vectors; W3C Software
and Document License), and as a second implementation checks them."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519
from pyld import jsonld

from creditable.credit import keys, proofs
from creditable.credit.keys import Key, Use

AT = datetime(2026, 12, 29, 15, 30, tzinfo=UTC)
PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
DOCUMENT = {
    "@context": ["https://www.w3.org/ns/credentials/v2", EXAMPLES],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
OPTIONS = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-rdfc-2022",
    "created": "2023-02-24T23:36:38Z",
    "verificationMethod": f"did:key:{PUBLIC}#{PUBLIC}",
    "proofPurpose": "assertionMethod",
}
DOCUMENT_HASH = "517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017"
OPTIONS_HASH = "bea7b7acfbad0126b135104024a5f1733e705108f42d59668b05c0c50004c6b0"
VALUE = "z2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9iseabecm3ijx4K1FBTQsCZahKZme"


@pytest.fixture
def examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """The context of the standard's examples, in which every word that is not known is one."""
    ours = proofs._load

    def load(url: str, options: object = None) -> Any:
        if url != EXAMPLES:
            return ours(url)
        words = {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}
        return {**ours(proofs.VC), "documentUrl": url, "document": words}

    monkeypatch.setattr(proofs, "_load", load)


@pytest.fixture
def badge_key(tmp_path: Path) -> Key:
    return keys.current(tmp_path, Use.BADGES, organization="Wirewright", at=AT)


def from_base58(text: str) -> bytes:
    number = 0
    for digit in text:
        number = number * 58 + proofs.BASE58.index(digit)
    zeros = len(text) - len(text.lstrip(proofs.BASE58[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def test_a_leading_zero_is_kept() -> None:
    for content in (b"", b"\0", b"\0\0signed", b"signed\0"):
        assert from_base58(proofs.base58(content)) == content


def public(key: Key) -> ed25519.Ed25519PublicKey:
    found = x509.load_pem_x509_certificate(key.certificate).public_key()
    assert isinstance(found, ed25519.Ed25519PublicKey)
    return found


@pytest.mark.usefixtures("examples")
def test_the_standards_example_has_the_standards_hashes() -> None:
    given = {"@context": DOCUMENT["@context"], **OPTIONS}
    assert hashlib.sha256(proofs.canonical(DOCUMENT).encode()).hexdigest() == DOCUMENT_HASH
    assert hashlib.sha256(proofs.canonical(given).encode()).hexdigest() == OPTIONS_HASH
    assert proofs.signed_bytes(DOCUMENT, OPTIONS).hex() == OPTIONS_HASH + DOCUMENT_HASH


@pytest.mark.usefixtures("examples")
def test_the_standards_signature_holds_over_what_we_say_is_signed() -> None:
    raw = from_base58(PUBLIC[1:])
    assert raw[:2] == proofs.ED25519_PUBLIC
    key = ed25519.Ed25519PublicKey.from_public_bytes(raw[2:])
    key.verify(from_base58(VALUE[1:]), proofs.signed_bytes(DOCUMENT, OPTIONS))
    assert proofs.multikey(key) == PUBLIC
    assert f"z{proofs.base58(from_base58(VALUE[1:]))}" == VALUE


@pytest.mark.usefixtures("examples")
def test_a_proof_is_a_list_of_one_and_fails_for_another_document(badge_key: Key) -> None:
    signed = proofs.with_proof(DOCUMENT, key=badge_key, method="https://x.example/key", at=AT)
    (proof,) = signed["proof"]
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    signature = from_base58(proof["proofValue"][1:])
    public(badge_key).verify(signature, proofs.signed_bytes(DOCUMENT, options))
    other = {**DOCUMENT, "name": "Another"}
    with pytest.raises(InvalidSignature):
        public(badge_key).verify(signature, proofs.signed_bytes(other, options))


def test_no_context_is_fetched() -> None:
    with pytest.raises(jsonld.JsonLdError) as error:
        proofs.canonical({"@context": "https://example.com/context", "name": "x"})
    assert "not a context of ours" in str(error.getrepr(style="long"))


def test_a_token_carries_the_document_and_names_its_key(tmp_path: Path) -> None:
    key = keys.current(tmp_path, Use.DOCUMENTS, organization="Wirewright", at=AT)
    document = {**DOCUMENT, "issuer": {"id": "https://x.example/issuer"}}
    token = proofs.token(document, key=key, method="https://x.example/keys/1/")
    certificate = x509.load_pem_x509_certificate(key.certificate)
    published = jwt.PyJWK(json.loads(json.dumps(proofs.jwk(certificate, kid="1"))))
    claims = jwt.decode(token, published.key, algorithms=["ES256"])
    assert jwt.get_unverified_header(token)["kid"] == "https://x.example/keys/1/"
    assert claims["iss"] == "https://x.example/issuer"
    assert claims["jti"] == document["id"]
    assert {name: claims[name] for name in document} == document


@pytest.mark.parametrize(
    ("content", "written"),
    [(b"", ""), (b"\0\0\1", "112"), (b"Hello World!", "2NEpo7TZRRrLZSi2U")],
)
def test_base_58(content: bytes, written: str) -> None:
    assert proofs.base58(content) == written
