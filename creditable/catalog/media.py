"""Files that come with a course: what may be taken, judged by the bytes and not by the name.

A drawing (SVG) is a document that could run scripts, load strangers' files or hide text in
entities; it is taken when it can do none of that. Everything else is listed with its line.
"""

import struct
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NoReturn
from xml.parsers import expat

from creditable.catalog import video

LARGEST = {
    "image/svg+xml": 512 * 1024,
    "image/png": 2 * 1024 * 1024,
    "image/jpeg": 2 * 1024 * 1024,
    "application/pdf": 10 * 1024 * 1024,
    "video/webm": 64 * 1024 * 1024,
    "video/mp4": 64 * 1024 * 1024,
    "text/vtt": 512 * 1024,
}
SUFFIXES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".pdf": "application/pdf",
    ".webm": "video/webm",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt",
}
VIDEOS = {"video/webm": video.webm, "video/mp4": video.mp4}
MOST_PIXELS = 20_000_000

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
ELEMENTS = frozenset(
    "svg g path rect circle ellipse line polyline polygon text tspan textPath title desc "  # noqa: SIM905
    "defs "
    "linearGradient radialGradient stop clipPath mask pattern marker use symbol style".split()
)


@dataclass(frozen=True)
class Fault:
    """Why a file is not taken: where, what, and what would cure it."""

    line: int
    message: str
    cure: str


@dataclass(frozen=True)
class Looked:
    """What a file turned out to be; a picture and a video have a size in pixels, a video also
    its length."""

    content_type: str
    width: int = 0
    height: int = 0
    milliseconds: int = 0


def look(path: str, content: bytes) -> Looked | list[Fault]:
    """What the bytes are, or everything that speaks against them."""
    expected = SUFFIXES.get(PurePosixPath(path).suffix.lower())
    if expected is None:
        known = ", ".join(sorted(SUFFIXES))
        return [Fault(1, "a file of this kind is not taken", f"Use one of: {known}.")]
    if len(content) > LARGEST[expected]:
        most = LARGEST[expected] // 1024
        return [Fault(1, f"the file has {len(content) // 1024} KB", f"Keep it below {most} KB.")]
    found = _sniff(content)
    if found != expected:
        return [
            Fault(
                1,
                f"the name says {expected}, the content is {found or 'something else'}",
                "Export it again in the format that its name says.",
            )
        ]
    if found == "image/svg+xml":
        return _Drawing().read(content)
    if found in VIDEOS:
        try:
            seen = VIDEOS[found](content)
        except video.Unreadable as error:
            return [Fault(1, str(error), "Export it again as WebM (VP9) or MP4 (H.264).")]
        return Looked(found, seen.width, seen.height, seen.milliseconds)
    size = {"image/png": _png_size, "image/jpeg": _jpeg_size}.get(found, lambda _: (0, 0))(content)
    if size is None:
        return [Fault(1, "the picture is damaged", "Export it again.")]
    if size[0] * size[1] > MOST_PIXELS:
        return [
            Fault(1, f"the picture has {size[0]} x {size[1]} pixels", "Scale it below 20 million.")
        ]
    return Looked(found, *size)


def _sniff(content: bytes) -> str:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm"
    if content[4:8] == b"ftyp":
        return "video/mp4"
    if content.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT"):
        return "text/vtt"
    start = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return "image/svg+xml" if start.startswith((b"<svg", b"<?xml", b"<!--")) else ""


def _png_size(content: bytes) -> tuple[int, int] | None:
    if content[12:16] != b"IHDR" or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return (width, height) if width and height else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return (width, height) if width and height else None
        if length < 2:
            return None
        at += 2 + length
    return None


class _Stop(Exception):
    """Reading the rest would be unsafe."""


class _Drawing:
    """Reads an SVG without following anything, and notes what it may not hold."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.size = (0, 0)
        self.depth = 0
        self.sheet: list[str] | None = None
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.ProcessingInstructionHandler = self._instruction

    def read(self, content: bytes) -> Looked | list[Fault]:
        try:
            self.parser.Parse(content, True)  # noqa: FBT003 - expat's own signature
        except _Stop:
            pass
        except expat.ExpatError as error:
            message = f"not readable as SVG: {expat.ErrorString(error.code)}"
            self.faults.append(Fault(error.lineno, message, "Correct or export it again."))
        return self.faults or Looked("image/svg+xml", *self.size)

    def _fault(self, message: str, cure: str) -> None:
        self.faults.append(Fault(self.parser.CurrentLineNumber, message, cure))

    def _doctype(self, *declared: object) -> NoReturn:
        self._fault("a document type is declared", "Remove the <!DOCTYPE> line.")
        raise _Stop

    def _instruction(self, target: str, data: str) -> None:
        self._fault(f"an instruction to load '{target}' stands here", "Remove it.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, element = name.rpartition(" ")
        if self.depth == 0:
            if (space, element) != (SVG, "svg"):
                self._fault(f"the root is <{element}>", f'Begin with <svg xmlns="{SVG}">.')
                raise _Stop
            self._measure(attributes)
        self.depth += 1
        if self.sheet is not None:
            self._fault(f"<{element}> stands within a style", "Remove it.")
        elif element == "style":
            self.sheet = []
        if space != SVG or element not in ELEMENTS:
            self._fault(f"<{element}> is not taken in a drawing", "Remove it or draw it.")
        for key, value in attributes.items():
            self._attribute(key.rpartition(" ")[2], value)

    def _attribute(self, name: str, value: str) -> None:
        if name.lower().startswith("on"):
            self._fault(f"'{name}' would run a script", "Remove it.")
        elif name == "href" and not value.startswith("#"):
            self._fault("a link leads out of the drawing", "Link to '#an-id' within the drawing.")
        else:
            self._style(value)

    def _text(self, text: str) -> None:
        if self.sheet is not None:
            self.sheet.append(text)

    def _style(self, value: str) -> None:
        squeezed = "".join(value.split()).lower().replace('"', "").replace("'", "")
        outside = squeezed.count("url(") != squeezed.count("url(#")
        if outside or "@import" in squeezed or "\\" in squeezed or "javascript:" in squeezed:
            self._fault("a style reaches out of the drawing", "Keep every url() to '#an-id'.")

    def _end(self, name: str) -> None:
        self.depth -= 1
        if name == f"{SVG} style" and self.sheet is not None:
            self._style("".join(self.sheet))
            self.sheet = None

    def _measure(self, attributes: dict[str, str]) -> None:
        box = attributes.get("viewBox", "").replace(",", " ").split()
        try:
            width, height = (round(float(number)) for number in box[2:])
        except ValueError:
            width = height = 0
        if not (0 < width < 100_000 and 0 < height < 100_000):
            self._fault("the drawing has no size", 'Give <svg> a viewBox="0 0 width height".')
        self.size = (width, height)
