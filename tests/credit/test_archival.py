"""A certificate, signed or not, lacks nothing that our evidence for PDF/A and PDF/UA looks at; and
the evidence notices files that do."""

from io import BytesIO
from pathlib import Path

import outloud
import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from creditable.credit import signing
from tests.credit import archival, tampering
from tests.credit.test_signing import AT, identity, plain, signed

SAMPLES = Path(__file__).parent / "data" / "pdf"
__all__ = ["identity", "plain", "signed"]

BAD_TO_KEEP = {
    "a-6-1-2-t01-fail-e": "6.1.2 header",
    "a-6-1-7-1-t01-fail-a": "6.1.7.1 stream keyword",
    "a-6-1-10-t01-fail-a": "6.1.10 inline image",
    "a-6-6-2-1-t01-fail-a": "6.6.2.1 metadata",
}
GOOD_TO_KEEP = ["a-6-6-2-3-1-t01-pass-n", "a-6-6-2-3-1-t05-pass-m"]
BAD_TO_READ = {
    "ua-5-t01-fail-a": "DOC-012",
    "ua-7.1-t07-fail-a": "TAG-012",
    "ua-7.1-t10-fail-a": "DOC-011",
    "ua-7.18.3-t01-fail-a": "LNK-005",
    "ua-7.2-t29-fail-d": "DOC-013",
}
GOOD_TO_READ = ["ua-7.18.1-t02-pass-c", "ua-7.2-t29-pass-f"]


def read_aloud(path: Path) -> set[str]:
    found = outloud.check(str(path)).findings
    return {finding.rule for finding in found if finding.severity == "error"}


def test_every_sample_is_used() -> None:
    used = {*BAD_TO_KEEP, *GOOD_TO_KEEP, *BAD_TO_READ, *GOOD_TO_READ}
    assert {path.stem for path in SAMPLES.glob("*.pdf")} == used


@pytest.mark.parametrize("name", BAD_TO_KEEP)
def test_a_file_that_fails_pdf_a_is_noticed(name: str) -> None:
    assert archival.findings((SAMPLES / f"{name}.pdf").read_bytes()) == {BAD_TO_KEEP[name]}


@pytest.mark.parametrize("name", GOOD_TO_KEEP)
def test_a_file_that_passes_pdf_a_passes(name: str) -> None:
    assert archival.findings((SAMPLES / f"{name}.pdf").read_bytes()) == set()


@pytest.mark.parametrize("name", BAD_TO_READ)
def test_a_file_that_fails_pdf_ua_is_noticed(name: str) -> None:
    assert read_aloud(SAMPLES / f"{name}.pdf") == {BAD_TO_READ[name]}


@pytest.mark.parametrize("name", GOOD_TO_READ)
def test_a_file_that_passes_pdf_ua_passes(name: str) -> None:
    assert read_aloud(SAMPLES / f"{name}.pdf") == set()


def test_a_signed_certificate_lacks_nothing_that_we_look_at(
    plain: bytes, signed: bytes, tmp_path: Path
) -> None:
    for pdf in (plain, signed):
        assert archival.claims(pdf) == ("2A", "1")
        assert archival.findings(pdf) == set()
        path = tmp_path / "read.pdf"
        path.write_bytes(pdf)
        assert read_aloud(path) == set()
        with pikepdf.open(path) as opened:  # the second library's own look, that of qpdf
            assert opened.check_pdf_syntax() == []


@pytest.mark.parametrize(
    ("way", "finding"),
    [
        ("metadata_removed", "6.6.2.1 metadata"),
        ("note_laid_on_top", "6.3.3 appearance"),
    ],
)
def test_what_tampering_takes_is_noticed(signed: bytes, way: str, finding: str) -> None:
    assert finding in archival.findings(tampering.WAYS[way](signed))


def test_the_signature_is_of_the_baseline_profile(
    signed: bytes, identity: signing.Identity
) -> None:
    """PAdES B-B (EN 319 142-1, 6.3): CAdES in the PDF's own wrapping, the signer's certificate
    bound by its hash, the time in the dictionary and not in the signature. B-T would take a
    time-stamp from an authority outside, and there is none."""
    seal = signing.read_seal(signed, identity=identity)
    assert seal.genuine
    assert seal.signed_at == AT
    (signature,) = PdfFileReader(BytesIO(signed)).embedded_regular_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert "/Cert" not in signature.sig_object
    attributes = {one["type"].native for one in signature.signer_info["signed_attrs"]}
    assert {"content_type", "message_digest", "signing_certificate_v2"} <= attributes
    assert "signing_time" not in attributes
    unsigned = signature.signer_info["unsigned_attrs"].native or []
    assert not unsigned
