"""The provider's signature on a certificate, and what it says of a file that comes back.

The signature is PAdES at level B-B (CAdES detached) over P-256 in an incremental update that
leaves the document what it was: PDF 1.7, tagged, every annotation in the structure tree. Level B-T
would take a time-stamp authority outside; the time is the one that we say.
"""

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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

from creditable.credit import keys

FIELD = "provider_signature"
VERSION = (1, 7)
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


def identity(key: keys.Key) -> Identity:
    """The key and its certificate as pyHanko reads them."""
    (certificate,) = load_certs_from_pemder_data(key.certificate)
    return Identity(certificate, load_private_key_from_pemder_data(key.private, passphrase=None))


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
