"""The many ways to alter a signed certificate: each takes the file and gives another."""

import io
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, Pdf, String
from pyhanko.pdf_utils.generic import TextStringObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

NAME_SIZE = 34
"""The size in which the holder's name is printed, in points."""

WAYS: dict[str, Callable[[bytes], bytes]] = {}


def way(function: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    WAYS[function.__name__] = function
    return function


def _saved(pdf: Pdf, **how: object) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **how)
    return out.getvalue()


def _open(pdf: bytes) -> Pdf:
    return pikepdf.open(io.BytesIO(pdf))


@way
def bytes_appended(pdf: bytes) -> bytes:
    return pdf + b"\n% and more"


@way
def cut_off(pdf: bytes) -> bytes:
    return pdf[:-40]


@way
def one_byte_flipped(pdf: bytes) -> bytes:
    place = pdf.index(b"0", pdf.index(b"/Contents <") + 200)  # within the signature
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


@way
def written_anew(pdf: bytes) -> bytes:
    """As a program does that only opens and saves."""
    return _saved(_open(pdf))


@way
def packed_anew(pdf: bytes) -> bytes:
    how = {"recompress_flate": True, "object_stream_mode": pikepdf.ObjectStreamMode.generate}
    return _saved(_open(pdf), **how)


@way
def name_of_the_same_length(pdf: bytes) -> bytes:
    """The first two letters of the name change places in the page's drawing."""
    opened = _open(pdf)
    page, drawn, size = opened.pages[0], [], 0
    for found, operator in pikepdf.parse_content_stream(page):
        operands = found
        if str(operator) == "Tf":
            size = int(operands[1])
        if str(operator) == "TJ" and size == NAME_SIZE:
            letters = list(operands[0])
            first, second, *_ = (at for at, part in enumerate(letters) if isinstance(part, String))
            letters[first], letters[second] = letters[second], letters[first]
            operands = [Array(letters)]
        drawn.append((operands, operator))
    page.Contents = opened.make_stream(pikepdf.unparse_content_stream(drawn))
    return _saved(opened)


@way
def words_drawn_over(pdf: bytes) -> bytes:
    """A white field over the page, as editors do that cannot change the text itself."""
    opened = _open(pdf)
    page = opened.pages[0]
    over = b" q 1 1 1 rg 200 280 400 40 re f Q "
    page.Contents = opened.make_stream(page.Contents.read_bytes() + over)
    return _saved(opened)


@way
def page_without_words(pdf: bytes) -> bytes:
    opened = _open(pdf)
    opened.pages[0].Contents = opened.make_stream(b"q Q")
    return _saved(opened)


@way
def fonts_exchanged(pdf: bytes) -> bytes:
    """The letters are drawn otherwise, the words read the same."""
    opened = _open(pdf)
    font = next(iter(opened.pages[0].resources.Font.values()))
    file = font.DescendantFonts[0].FontDescriptor
    kind = "/FontFile3" if "/FontFile3" in file else "/FontFile2"
    file[kind].write(file[kind].read_bytes() + b"\0")
    return _saved(opened)


@way
def signature_removed(pdf: bytes) -> bytes:
    opened = _open(pdf)
    del opened.Root["/AcroForm"]
    page = opened.pages[0]
    page.Annots = Array([note for note in page.Annots if note.Subtype != "/Widget"])
    return _saved(opened)


@way
def title_changed(pdf: bytes) -> bytes:
    opened = _open(pdf)
    opened.docinfo["/Title"] = "Certificate of completion: Something harder"
    return _saved(opened)


@way
def metadata_removed(pdf: bytes) -> bytes:
    opened = _open(pdf)
    del opened.Root["/Metadata"]
    return _saved(opened)


@way
def tags_removed(pdf: bytes) -> bytes:
    opened = _open(pdf)
    del opened.Root["/StructTreeRoot"]
    return _saved(opened)


@way
def note_laid_on_top(pdf: bytes) -> bytes:
    opened = _open(pdf)
    note = Dictionary(
        Type=Name.Annot,
        Subtype=Name.FreeText,
        Rect=[200, 280, 600, 320],
        Contents=String("40 hours"),
    )
    opened.pages[0].Annots.append(opened.make_indirect(note))
    return _saved(opened)


@way
def changed_in_an_update(pdf: bytes) -> bytes:
    """An incremental update: every signed byte stays, and what comes behind them counts."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    root = writer.root
    root[pdf_name("/Lang")] = TextStringObject("de-DE")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@way
def page_added(pdf: bytes) -> bytes:
    opened = _open(pdf)
    opened.add_blank_page()
    return _saved(opened)


@way
def link_led_elsewhere(pdf: bytes) -> bytes:
    opened = _open(pdf)
    for note in opened.pages[0].Annots:
        if "/A" in note:
            note.A.URI = String("https://evil.example/verify/")
    return _saved(opened)


@way
def script_put_in(pdf: bytes) -> bytes:
    opened = _open(pdf)
    opened.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    return _saved(opened)


@way
def file_attached(pdf: bytes) -> bytes:
    opened = _open(pdf)
    opened.attachments["more.txt"] = b"more"
    return _saved(opened)


@way
def bookmark_added(pdf: bytes) -> bytes:
    opened = _open(pdf)
    with opened.open_outline() as outline:
        outline.root.append(OutlineItem("More", 0))
    return _saved(opened)


def locked(pdf: bytes) -> bytes:
    return _saved(_open(pdf), encryption=pikepdf.Encryption(owner="o", user="u"))
