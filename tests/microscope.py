"""Finding a value in whatever it was wrapped in: other case, percent signs, entities, quoted
printable, base64, hexadecimal digits, zlib and gzip, an archive, the pages of a PDF (which hold
numbers of glyphs, not letters), also one in another."""

import base64
import binascii
import html
import io
import quopri
import re
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import pypdf
from pypdf.errors import PyPdfError

DEEP = 3
"""So many wrappings in one another are opened."""
_BASE64 = re.compile(rb"[A-Za-z0-9+/_\-]{8,}={0,2}")
_FOLDED = re.compile(rb"(?<=[A-Za-z0-9+/])\r?\n(?=[A-Za-z0-9+/=])")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){6,}")
_GZIP = re.compile(rb"\x1f\x8b\x08")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_ESCAPED = re.compile(rb"\\u([0-9a-fA-F]{4})")
_SPACE = re.compile(r"\s+")


def seen(value: str, content: bytes) -> bool:
    """Whether the value is anywhere in the content, however often it was wrapped."""
    return bool(found([value], content))


def found(values: list[str], content: bytes) -> set[str]:
    """Those of the values that are in the content."""
    wanted = {value: _plain(value) for value in values}
    left = set(wanted)
    for text in _texts(content):
        left -= {value for value in left if wanted[value] in text}
        if not left:
            break
    return set(wanted) - left


def _texts(content: bytes) -> Iterator[str]:
    known: set[bytes] = set()
    layer = [content]
    for _ in range(DEEP + 1):
        inner: list[bytes] = []
        for one in layer:
            if one in known:
                continue
            known.add(one)
            yield _plain(one.decode(errors="replace"))
            inner += _unwrapped(one)
        layer = inner


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text).casefold()


def _unwrapped(content: bytes) -> Iterator[bytes]:
    if content.startswith(b"%PDF-"):
        yield from _pages(content)
    elif content.startswith(b"PK\x03\x04"):
        yield from _unpacked(content)
    else:
        yield from _rewritten(content)
    for run in _BASE64.findall(_FOLDED.sub(b"", content)):
        yield from _from_base64(run)
    for run in _HEX.findall(content):
        yield binascii.unhexlify(run)
    for start in _GZIP.finditer(content):
        yield _inflated(content[start.start() :], 31)
    for start in _ZLIB.finditer(content):
        yield _inflated(content[start.start() :], 15)


def _rewritten(text: bytes) -> Iterator[bytes]:
    for other in (
        unquote_to_bytes(text),
        unquote_to_bytes(text.replace(b"+", b" ")),
        html.unescape(text.decode(errors="replace")).encode(),
        quopri.decodestring(text),
        _ESCAPED.sub(lambda found: chr(int(found[1], 16)).encode(errors="replace"), text),
    ):
        if other != text:
            yield other


def _from_base64(run: bytes) -> Iterator[bytes]:
    """From each of the four places at which a group may begin."""
    plain = run.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    for start in range(4):
        part = plain[start:]
        if len(part) % 4 == 1:
            part = part[:-1]
        yield base64.b64decode(part + b"=" * (-len(part) % 4))


def _inflated(stream: bytes, window: int) -> bytes:
    try:
        return zlib.decompressobj(window).decompress(stream, 10_000_000)
    except zlib.error:
        return b""


def _unpacked(archive: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            for file in files.infolist():
                yield file.filename.encode()
                with files.open(file) as content:
                    yield content.read(10_000_000)
    except (zipfile.BadZipFile, zlib.error):
        return


def _pages(pdf: bytes) -> Iterator[bytes]:
    try:
        for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
            yield page.extract_text().encode()
    except PyPdfError:
        return
