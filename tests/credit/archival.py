"""What a PDF must not lack to be kept and to be read aloud, as far as we check it ourselves.

This is evidence, not a verdict on conformity: no validator of PDF/A (ISO 19005-2) or PDF/UA
(ISO 14289-1) can be had here. It is calibrated on files of the veraPDF corpus, good and bad. It
does not look at the types of metadata properties (19005-2, 6.6.2.3), the implementation limits of
6.1.13, color spaces or glyph widths.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Pdf

FORBIDDEN_ACTIONS = {
    "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/JavaScript", "/Hide",
    "/SetOCGState", "/Rendition", "/Trans", "/GoTo3DView",
}  # fmt: skip
PRINTED, HIDDEN = 4, 1 | 2 | 32


def findings(pdf: bytes) -> set[str]:
    """What is wrong, by the clause of ISO 19005-2; empty for nothing found."""
    opened = pikepdf.open(io.BytesIO(pdf))
    return {*_bytes(pdf), *_whole(opened), *_pages(opened)}


def claims(pdf: bytes) -> tuple[str, str]:
    """What the file's metadata says that it is: part and level of PDF/A, part of PDF/UA."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        text = opened.Root.Metadata.read_bytes().decode()

    def said(name: str) -> str:
        found = re.search(rf"{name}(?:>|=[\"'])(\w+)", text)
        return found.group(1) if found else ""

    return said("pdfaid:part") + said("pdfaid:conformance"), said("pdfuaid:part")


def _bytes(pdf: bytes) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.[0-7](\r\n|\r|\n)%[\x80-\xff]{4}", pdf):
        yield "6.1.2 header"
    if re.search(rb">>\s*stream(?!\r\n|\n)", pdf):
        yield "6.1.7.1 stream keyword"


def _whole(opened: Pdf) -> Iterator[str]:
    root = opened.Root
    if "/ID" not in opened.trailer or "/Encrypt" in opened.trailer:
        yield "6.1.3 trailer"
    if opened.pdf_version > "1.7" or "/Version" in root:
        yield "6.1.2 version"
    metadata = root.get("/Metadata")
    if metadata is None or "/Filter" in metadata:
        yield "6.6.2.1 metadata"
    elif b"pdfaid:part" not in metadata.read_bytes():
        yield "6.6.4 identification"
    if not any(intent.get("/S") == "/GTS_PDFA1" for intent in root.get("/OutputIntents", [])):
        yield "6.2.3 output intent"
    if "/AA" in root or "/JavaScript" in root.get("/Names", Dictionary()):
        yield "6.5.2 actions"
    if root.get("/AcroForm", Dictionary()).get("/NeedAppearances", False):
        yield "6.4.1 forms"


def _pages(opened: Pdf) -> Iterator[str]:
    for page in opened.pages:
        for content in _contents(page.obj):
            yield from _content(content)
        for font in _fonts(page.obj):
            inner = font.get("/DescendantFonts", [font])[0]
            described = inner.get("/FontDescriptor", Dictionary())
            embedded = {"/FontFile", "/FontFile2", "/FontFile3"} & set(described.keys())
            if font.get("/Subtype") != "/Type3" and not embedded:
                yield "6.2.11.4.1 fonts"
        for note in page.get("/Annots", []):
            flags = int(note.get("/F", 0))
            if note.Subtype != "/Popup" and (not flags & PRINTED or flags & HIDDEN):
                yield "6.3.2 annotation flags"
            rect = [float(side) for side in note.Rect]
            empty = rect[0] == rect[2] and rect[1] == rect[3]
            if note.Subtype not in ("/Popup", "/Link") and "/AP" not in note and not empty:
                yield "6.3.3 appearance"
            if str(note.get("/A", Dictionary()).get("/S", "")) in FORBIDDEN_ACTIONS:
                yield "6.5.1 actions"


def _content(content: Any) -> Iterator[str]:
    for instruction in pikepdf.parse_content_stream(content):
        image = getattr(instruction, "iimage", None)
        if image is not None and any("LZW" in name for name in image.filters):
            yield "6.1.10 inline image"


def _resources(place: Any, seen: set[tuple[int, int]] | None = None) -> Iterator[Any]:
    """The place itself and every form that is drawn in it."""
    seen = set() if seen is None else seen
    yield place
    for form in place.get("/Resources", Dictionary()).get("/XObject", Dictionary()).values():
        if form.get("/Subtype") == Name.Form and form.objgen not in seen:
            seen.add(form.objgen)
            yield from _resources(form, seen)


def _contents(page: Any) -> Iterator[Any]:
    first, *forms = _resources(page)
    return iter([pikepdf.Page(first), *forms])


def _fonts(page: Any) -> Iterator[Any]:
    for place in _resources(page):
        yield from place.get("/Resources", Dictionary()).get("/Font", Dictionary()).values()
