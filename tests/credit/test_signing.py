"""The signature leaves the document what it was, and any altered byte is noticed.

No PDF/A validator is to be had, so this is evidence and no certificate of conformity: the
version and metadata that the writer declared, an independent reader of tags (outloud), which is
first shown to fail on a file signed the ordinary way, and a second PDF library.
"""

import io
import random
from datetime import UTC, datetime
from pathlib import Path

import outloud
import pikepdf
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers

from creditable.credit import document, signing
from creditable.credit.signing import Identity
from tests.credit.test_document import CERTIFICATE
from tests.factories.keys import make_identity

AT = datetime(2026, 12, 29, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return make_identity(tmp_path_factory.mktemp("keys"), at=AT)


@pytest.fixture(scope="module")
def plain() -> bytes:
    return document.render(CERTIFICATE)


@pytest.fixture(scope="module")
def signed(identity: Identity, plain: bytes) -> bytes:
    return signing.sign(
        plain, identity=identity, at=AT, signer="Wirewright Academy", reason="Certificate"
    )


def errors(pdf: bytes, folder: Path) -> list[str]:
    path = folder / "read.pdf"
    path.write_bytes(pdf)
    result = outloud.check(str(path))
    assert result.stats["pages"] == 1
    assert result.stats["tagged"]
    return [finding.rule for finding in result.findings if finding.severity == "error"]


def test_a_signed_certificate_is_genuine(signed: bytes, identity: Identity) -> None:
    seal = signing.read_seal(signed, identity=identity)
    assert seal.genuine
    assert seal.signed_at == AT


def test_the_signature_is_appended_and_changes_nothing_before_it(
    signed: bytes, plain: bytes
) -> None:
    assert signed.startswith(plain)
    before, after = pikepdf.open(io.BytesIO(plain)), pikepdf.open(io.BytesIO(signed))
    assert after.pdf_version == before.pdf_version == "1.7"
    assert "/Version" not in after.Root
    assert set(after.Root.Extensions.keys()) == {"/ESIC"}
    assert after.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
    assert dict(after.docinfo) == dict(before.docinfo)
    assert not after.check_pdf_syntax()


def test_the_signature_is_part_of_what_is_read_aloud(signed: bytes, tmp_path: Path) -> None:
    assert errors(signed, tmp_path) == []
    pdf = pikepdf.open(io.BytesIO(signed))
    (field,) = pdf.Root.AcroForm.Fields
    assert str(field.TU) == "Digital signature of Wirewright Academy"
    numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
    form = numbers[numbers.index(field.StructParent) + 1]
    assert form.S == "/Form"
    assert form.K.Obj.T == field.T


def test_the_reader_of_tags_notices_a_file_signed_the_ordinary_way(
    plain: bytes, identity: Identity, tmp_path: Path
) -> None:
    ordinary = signers.PdfSigner(
        signers.PdfSignatureMetadata(field_name="Signature"),
        signer=signers.SimpleSigner(identity.certificate, identity.key, None),
    ).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(plain)))
    assert set(errors(ordinary.getvalue(), tmp_path)) == {"FRM-001", "FRM-003"}
    assert pikepdf.open(io.BytesIO(ordinary.getvalue())).Root.Version == "/2.0"


def test_every_altered_byte_is_noticed(signed: bytes, identity: Identity) -> None:
    start = signed.index(b"/Contents <") + len(b"/Contents <")
    gap = range(start, signed.index(b">", start))  # the signature itself, with its padding
    chance = random.Random(20261229)
    places = [place for place in chance.sample(range(len(signed)), 60) if place not in gap]
    assert len(places) > 30
    for place in places:
        altered = bytearray(signed)
        altered[place] ^= 1 << chance.randrange(8)
        assert not signing.read_seal(bytes(altered), identity=identity).genuine, place


@pytest.mark.parametrize("cut", [0, 100, 5000, -1, -600])
def test_a_cut_file_is_not_genuine(signed: bytes, identity: Identity, cut: int) -> None:
    assert not signing.read_seal(signed[:cut], identity=identity).genuine


def test_what_is_added_behind_the_signature_is_noticed(
    signed: bytes, plain: bytes, identity: Identity
) -> None:
    assert not signing.read_seal(signed + b"\n% and more", identity=identity).genuine
    assert not signing.read_seal(plain, identity=identity).genuine


def test_somebody_elses_signature_is_not_ours(
    plain: bytes, identity: Identity, tmp_path: Path
) -> None:
    other = make_identity(tmp_path, at=AT)
    forged = signing.sign(plain, identity=other, at=AT, signer="Wirewright Academy", reason="x")
    seal = signing.read_seal(forged, identity=identity)
    assert not seal.ours
    assert not seal.genuine
