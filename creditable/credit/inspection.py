"""What a PDF that somebody hands us holds.

It is read in a capped process (`lib.capped`), of which this is the program: out come its Contents
as JSON.
"""

import codecs
import hashlib
import importlib
import io
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    StreamObject,
    TextStringObject,
)

from creditable.lib import capped
from creditable.lib.capped import Unreadable

LARGEST = 5 * 1024 * 1024
MEMORY = 384 * 1024 * 1024
CPU_SECONDS = 5
WAIT_SECONDS = 20
PAGES = 20
LINES, LINE = 400, 2000
ENCODINGS = ("charmap", "cp1252", "latin-1", "mac-roman", "utf-16", "utf-16-be", "utf-16-le")
MODULES = ("pypdf.filters", "pypdf._codecs._codecs", "pypdf.generic._image_inline")
"""What Python and pypdf look for when they first need it."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a reader of the file would meet, as plain values. Drawings, fonts, pictures and
    signatures are SHA-256 of their bytes, so that two files can be compared."""

    pages: int
    lines: tuple[str, ...]
    properties: dict[str, str]
    described: str
    links: tuple[str, ...]
    notes: tuple[str, ...]
    drawings: tuple[str, ...]
    parts: tuple[str, ...]
    signatures: tuple[str, ...]
    attachments: int
    active: bool
    tagged: bool


def inspect(pdf: bytes) -> Contents:
    """The contents of a file that nobody vouches for. Raises Unreadable: it is no PDF (not_pdf),
    needs a password (encrypted), takes more than we spend on a certificate (too_much), or is
    damaged (broken)."""
    if b"%PDF-" not in pdf[:1024]:
        raise Unreadable("not_pdf")
    if len(pdf) > LARGEST:
        raise Unreadable("too_much")
    told = json.loads(capped.run(__file__, pdf, seconds=WAIT_SECONDS))
    return Contents(**{name: _frozen(value) for name, value in told.items()})


def read(pdf: bytes) -> Contents:
    """The contents of a file, read here and now: for our own. A file that is not well made may
    raise anything."""
    reader = PdfReader(io.BytesIO(pdf))
    if reader.is_encrypted:
        raise Unreadable("encrypted")
    root = _dictionary(reader.trailer["/Root"])
    pages = list(reader.pages[:PAGES])
    annotations = [note for page in pages for note in _annotations(page)]
    metadata = root.get("/Metadata")
    names = _dictionary(root.get("/Names"))
    return Contents(
        pages=len(reader.pages),
        lines=tuple(_lines("\n".join(page.extract_text() for page in pages))),
        properties={
            str(key)[1:LINE]: " ".join(str(value).split())[:LINE]
            for key, value in sorted((reader.metadata or {}).items())
        },
        described=_digest(metadata) if metadata is not None else "",
        links=tuple(sorted(_link(note) for note in annotations if note.get("/Subtype") == "/Link")),
        notes=tuple(sorted(_note(note) for note in annotations if _is_note(note))),
        drawings=tuple(_drawing(page) for page in pages),
        parts=tuple(sorted({part for page in pages for part in _parts(page)})),
        signatures=tuple(sorted(_signatures(root))),
        attachments=len(_dictionary(names.get("/EmbeddedFiles")).get("/Names", ())) // 2,
        active=_is_active(root, names, [*pages, *annotations]),
        tagged="/StructTreeRoot" in root,
    )


def prepared() -> Callable[[bytes], bytes]:
    logging.disable()
    for encoding in ENCODINGS:  # now, since nothing can be opened later
        codecs.lookup(encoding)
    for module in MODULES:
        importlib.import_module(module)
    return lambda pdf: json.dumps(asdict(read(pdf))).encode()


def _lines(text: str) -> Iterator[str]:
    lines = (" ".join(line.split())[:LINE] for line in text.splitlines())
    return (line for number, line in zip(range(LINES), filter(None, lines), strict=False))


def _dictionary(value: Any) -> DictionaryObject:
    found = value.get_object() if value is not None else None
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _annotations(page: DictionaryObject) -> Iterator[DictionaryObject]:
    listed = page.get("/Annots")
    found = listed.get_object() if listed is not None else ()
    return (_dictionary(note) for note in (found if isinstance(found, ArrayObject) else ()))


def _is_note(note: DictionaryObject) -> bool:
    signs = note.get("/Subtype") == "/Widget" and note.get("/FT") == "/Sig"
    return note.get("/Subtype") not in ("/Link", "/Popup") and not signs


def _note(note: DictionaryObject) -> str:
    said = note.get("/Contents", "")
    return f"{str(note.get('/Subtype', ''))[1:]}: {said}"[:LINE]


def _link(note: DictionaryObject) -> str:
    return str(_dictionary(note.get("/A")).get("/URI", ""))[:LINE]


def _drawing(page: Any) -> str:
    drawn = page.get_contents()
    return hashlib.sha256(drawn.get_data() if drawn is not None else b"").hexdigest()


def _parts(page: DictionaryObject) -> Iterator[str]:
    """Digests of the fonts, pictures and drawings that a page uses."""
    seen: set[int] = set()
    waiting = [page.get("/Resources")]
    while waiting:
        value = waiting.pop()
        if isinstance(value, IndirectObject):
            if value.idnum in seen:
                continue
            seen.add(value.idnum)
            value = value.get_object()
        if isinstance(value, StreamObject):
            yield _digest(value)
        if isinstance(value, DictionaryObject):
            waiting += [value.raw_get(key) for key in value if key != "/Parent"]
        elif isinstance(value, ArrayObject):
            waiting += list(value)


def _digest(value: Any) -> str:
    found = value.get_object()
    data = found.get_data() if isinstance(found, StreamObject) else b""
    return hashlib.sha256(data).hexdigest()


def _signatures(root: DictionaryObject) -> Iterator[str]:
    form = _dictionary(root.get("/AcroForm"))
    for field in form.get("/Fields", ()):
        value = _dictionary(_dictionary(field).get("/V"))
        signed = value.get("/Contents")
        if isinstance(signed, ByteStringObject | TextStringObject):
            yield hashlib.sha256(signed.original_bytes).hexdigest()


def _is_active(
    root: DictionaryObject, names: DictionaryObject, places: list[DictionaryObject]
) -> bool:
    """Whether opening or clicking does more than following a link."""
    if "/OpenAction" in root or "/AA" in root or "/JavaScript" in names:
        return True
    actions = (_dictionary(place.get("/A")).get("/S", "/URI") for place in places)
    return any("/AA" in place for place in places) or any(
        action not in ("/URI", "/GoTo") for action in actions
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
