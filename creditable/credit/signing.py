"""The provider's signature on a certificate, and what it says of a file that comes back.

The signature is PAdES at level B-B (CAdES detached) over P-256 in an incremental update that
leaves the document what it was: PDF 1.7, tagged, every annotation in the structure tree. Level B-T
would take a time-stamp authority outside; the time is the one that we say.
"""

import io
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NumberObject,
    TextStringObject,
    pdf_name,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD = "provider_signature"
VERSION = (1, 7)
BOUNDARY = b"-----BEGIN CERTIFICATE-----"
LIFE = timedelta(days=365 * 30)
RESERVED = 4096
"""Room for the signature in hexadecimal digits; it takes about 2,800. Asking pyHanko to find out
would sign twice."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The provider's signing key and the self-issued certificate that names it, as pyHanko
    holds them."""

    certificate: Any
    key: Any

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate: what a stranger compares to know the signer."""
        return str(self.certificate.sha256.hex())


@dataclass(frozen=True, slots=True)
class Seal:
    """What the signature says of a file: `intact` when no signed byte differs and the signature
    covers the whole file, `ours` when it was made with this identity."""

    intact: bool
    ours: bool
    signed_at: datetime | None

    @property
    def genuine(self) -> bool:
        return self.intact and self.ours


NO_SEAL = Seal(intact=False, ours=False, signed_at=None)


def identity(path: Path, *, organization: str, at: datetime) -> Identity:
    """The identity in the file (PEM: key, then certificate; 0600), made on first use. Processes
    that start together get the same one."""
    if not path.exists():
        _create(path, _new(organization, at))
    pem = path.read_bytes()
    key, certificate = pem[: pem.index(BOUNDARY)], pem[pem.index(BOUNDARY) :]
    (found,) = load_certs_from_pemder_data(certificate)
    return Identity(found, load_private_key_from_pemder_data(key, passphrase=None))


def sign(pdf: bytes, *, identity: Identity, at: datetime, signer: str, reason: str) -> bytes:
    """The document with the provider's signature, its old bytes untouched at the front."""
    writer = _Writer(io.BytesIO(pdf))
    fields.append_signature_field(
        writer,
        fields.SigFieldSpec(FIELD, readable_field_name=f"Digital signature of {signer}"),
    )
    _tag_widget(writer)
    store = SimpleCertificateStore()
    store.register(identity.certificate)
    pdf_signer = _SignerAt(
        signers.PdfSignatureMetadata(
            field_name=FIELD,
            name=signer,
            reason=reason,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        ),
        signer=signers.SimpleSigner(
            signing_cert=identity.certificate, signing_key=identity.key, cert_registry=store
        ),
    )
    pdf_signer.at = at
    signed: io.BytesIO = pdf_signer.sign_pdf(
        writer, existing_fields_only=True, bytes_reserved=RESERVED
    )
    return signed.getvalue()


def read_seal(pdf: bytes, *, identity: Identity) -> Seal:
    """What the signature says of this file. A file without a readable signature is not intact."""
    trusted = ValidationContext(trust_roots=[identity.certificate], allow_fetching=False)
    try:
        signatures = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
        if len(signatures) != 1:
            return NO_SEAL
        signature = signatures[0]
        status = validate_pdf_signature(signature, trusted)
    except (PdfError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return NO_SEAL  # not a PDF any more, or one that was cut or patched
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    unchanged = status.modification_level in (None, ModificationLevel.NONE)
    return Seal(
        intact=bool(status.intact and status.valid and whole and unchanged),
        ours=signature.signer_cert.sha256 == identity.certificate.sha256,
        signed_at=signature.self_reported_timestamp,
    )


class _Writer(IncrementalPdfFileWriter):
    """An incremental update that stays at version 1.7: pyHanko would raise the catalog to 2.0
    and register an ISO extension for the curve, and the file would stop being PDF/A-2."""

    output_version = VERSION

    def ensure_output_version(self, version: tuple[int, int]) -> None:
        return

    def _update_meta(self) -> None:
        """Title, dates and XMP stay as the document was written; the signature has its own."""

    def register_extension(self, ext: Any) -> None:
        if str(ext.base_version) == "/1.7":
            super().register_extension(ext)


class _SignerAt(signers.PdfSigner):
    """Signs with the time of issue, which is the program's clock, not this machine's."""

    at: datetime

    def init_signing_session(self, *args: Any, **kwargs: Any) -> Any:
        session = super().init_signing_session(*args, **kwargs)
        session.system_time = self.at
        return session


def _tag_widget(writer: IncrementalPdfFileWriter) -> None:
    """Puts the signature's widget into the structure tree, last in reading order (ISO 14289-1,
    7.18.4): a Form element with a reference to the widget, and the way back by StructParent."""
    widget = writer.root["/AcroForm"]["/Fields"].raw_get(0)
    tree = writer.root["/StructTreeRoot"]
    document = tree["/K"]
    document_ref = tree.raw_get("/K")
    if isinstance(document, ArrayObject):
        document_ref, document = document.raw_get(0), document[0]
    page = writer.root["/Pages"]["/Kids"].raw_get(0)
    form = writer.add_object(
        DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/StructElem"),
                pdf_name("/S"): pdf_name("/Form"),
                pdf_name("/P"): document_ref,
                pdf_name("/Pg"): page,
                pdf_name("/Alt"): TextStringObject("Digital signature"),
                pdf_name("/K"): DictionaryObject(
                    {
                        pdf_name("/Type"): pdf_name("/OBJR"),
                        pdf_name("/Obj"): widget,
                        pdf_name("/Pg"): page,
                    }
                ),
            }
        )
    )
    kids = document["/K"]
    if not isinstance(kids, ArrayObject):
        kids = document[pdf_name("/K")] = ArrayObject([document.raw_get("/K")])
    kids.append(form)
    writer.update_container(kids)

    number = tree["/ParentTreeNextKey"]
    numbers = tree["/ParentTree"]["/Nums"]
    numbers.extend([NumberObject(number), form])
    tree[pdf_name("/ParentTreeNextKey")] = NumberObject(number + 1)
    writer.update_container(numbers)
    writer.update_container(tree)
    field = widget.get_object()
    field[pdf_name("/StructParent")] = NumberObject(number)
    assert isinstance(widget, IndirectObject)
    writer.mark_update(widget)


def _new(organization: str, at: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{organization} certificates"[:64]),
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
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)


def _create(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
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
