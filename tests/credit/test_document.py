"""A certificate prints everything it must, the same way each time, and reads aloud well."""

from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from io import BytesIO

import pikepdf
import pytest

from creditable.credit import document
from creditable.credit.document import Certificate, Provider
from creditable.lib import pdf as typesetting
from creditable.lib.pdf import Unprintable

MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle r="4" cx="4" cy="4"/></svg>'
)
PROVIDER = Provider(
    name="Wirewright Academy",
    legal_name="Wirewright Academy LLC",
    lines=("Fernley Springs, TX", "wirewright.example.com"),
    mark=MARK,
    band="#16222f",
    accent="#8f4310",
    signatory_name="Marguerite Okafor",
    signatory_title="Director of Education",
)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
CERTIFICATE = Certificate(
    serial="7K3QX-9M2ZT-0V8PN-4RBCD-1FGH5J",
    holder_name="Dana Whitfield",
    license_line="Journeyman Electrician, license 0123456",
    statement="has completed the continuing-education course",
    course_title="Electrical safety on the job",
    facts=(("Credit", "2 hours"), ("Completed on", "December 28, 2026")),
    issued_on=date(2026, 12, 29),
    check_url="https://example.com/verify/7K3QX-9M2ZT-0V8PN-4RBCD-1FGH5J/",
    footer="Issued December 29, 2026.",
    provider=PROVIDER,
)


def test_the_same_certificate_is_the_same_bytes() -> None:
    assert document.render(CERTIFICATE) == document.render(CERTIFICATE)


def test_it_is_one_tagged_archival_page() -> None:
    pdf = pikepdf.open(BytesIO(document.render(CERTIFICATE)))
    assert len(pdf.pages) == 1
    assert str(pdf.pdf_version) == "1.7"
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == "en-US"
    metadata = pdf.Root.Metadata.read_bytes().decode()
    assert "pdfuaid:part" in metadata
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    fonts = {str(font.BaseFont) for page in pdf.pages for font in page.resources.Font.values()}
    assert fonts
    assert all("SourceSerif4" in font for font in fonts)


def test_fonts_that_lie_beside_it_are_the_published_ones() -> None:
    listed = (typesetting.FONTS / "SHA256SUMS").read_text().splitlines()
    found = [
        f"{sha256(path.read_bytes()).hexdigest()}  {path.name}"
        for path in typesetting.FONTS.glob("*.ttf")
    ]
    assert len(listed) == 3
    assert sorted(found) == sorted(listed)
    assert "SIL Open Font License" in (typesetting.FONTS / "source-serif-4-LICENSE.txt").read_text()


def test_letters_that_the_first_font_lacks_come_from_the_second() -> None:
    pdf = pikepdf.open(BytesIO(document.render(replace(CERTIFICATE, holder_name="Ἀνδρέας ℓ"))))
    fonts = {str(font.BaseFont) for page in pdf.pages for font in page.resources.Font.values()}
    assert any("Libertinus" in font for font in fonts)


def test_the_qr_code_and_the_link_open_the_check_page() -> None:
    pdf = pikepdf.open(BytesIO(document.render(CERTIFICATE)))
    links = [str(note.A.URI) for note in pdf.pages[0].Annots if "/A" in note]
    assert set(links) == {CERTIFICATE.check_url}
    assert "<svg" in document.qr_svg(CERTIFICATE.check_url)


def test_the_printed_address_holds_no_character_that_is_not_part_of_it() -> None:
    def drawn(check_url: str) -> bytes:
        pdf = pikepdf.open(BytesIO(document.render(replace(CERTIFICATE, check_url=check_url))))
        return pdf.pages[0].Contents.read_bytes().upper()

    assert b"200B" not in drawn(CERTIFICATE.check_url)
    assert b"200B" in drawn("https://example.com/\u200bverify/")


@pytest.mark.parametrize(
    "name",
    ["José Ñandú", "Łukasz Dvořák", "Nguyễn Thị Ánh", "Zoë O’Neill-Smith", "Κώστας", "Андрей"],
)
def test_names_of_many_languages_print(name: str) -> None:
    assert typesetting.unprintable(name) == ()
    document.render(replace(CERTIFICATE, holder_name=name))


def test_letters_that_are_said_to_print_do() -> None:
    letters = "".join(sorted(typesetting.PRINTABLE))
    source = '#set text(font: "Source Serif 4", fallback: false)\n#set document(title: "x")\n'
    values = {"t": letters}
    assert typesetting.typeset(f"{source}#sys.inputs.t".encode(), values, at=NOON)


def test_a_name_without_letters_in_the_font_is_known_before_it_is_needed() -> None:
    assert typesetting.unprintable("山田 Dana 太") == ("山", "田", "太")
    assert typesetting.unprintable("😀") == ("😀",)
    assert typesetting.unprintable("Dana\ud83d\x00\u202e Whitfield") == ("\ud83d", "\x00", "\u202e")
    with pytest.raises(Unprintable):
        document.render(replace(CERTIFICATE, holder_name="山田"))


@pytest.mark.parametrize(
    ("holder", "course"),
    [
        ("A" + "b" * 60, "Short"),
        ("Maximiliana Featherstonehaugh-Villanueva de la Rosa Jr.", "Word " * 40),
        ("#panic() $x$ *b* \\ <l> @r", 'Title with #hash, $ and "quotes"'),
    ],
)
def test_long_and_odd_texts_stay_on_one_page(holder: str, course: str) -> None:
    pdf = document.render(replace(CERTIFICATE, holder_name=holder, course_title=course.strip()))
    assert len(pikepdf.open(BytesIO(pdf)).pages) == 1
