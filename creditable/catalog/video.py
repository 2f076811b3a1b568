"""How long a video is and how large its picture: read out of its container, strictly.

Nothing is decoded and nothing is guessed. WebM is the subset of Matroska (RFC 9559, on EBML, RFC
8794) that browsers play; MP4 is ISO/IEC 14496-12. A file that does not say its length, is cut
off, or holds a kind of picture that browsers do not show, is not taken.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 12 * 3_600_000
WEBM_CODECS = {"V_VP8", "V_VP9", "V_AV1"}
MP4_CODECS = {"avc1", "avc3", "av01", "vp09"}


@dataclass(frozen=True, slots=True)
class Video:
    """The length in milliseconds and the picture's size in pixels."""

    milliseconds: int
    width: int
    height: int


class Unreadable(Exception):
    """Why a file cannot be taken as a video, in words."""


def webm(content: bytes) -> Video:
    """Reads a WebM file."""
    whole = memoryview(content)
    top = list(_elements(whole))
    if not top or top[0][0] != _EBML:
        raise Unreadable("the file does not begin as WebM does")
    if _words(dict(_elements(top[0][1])).get(_DOC_TYPE)) != "webm":
        raise Unreadable("the file is Matroska, but not WebM")
    segment = dict(top[1:]).get(_SEGMENT)
    if segment is None:
        raise Unreadable("the file has no content")
    parts = {name: body for name, body in _elements(segment) if name in {_INFO, _TRACKS}}
    info = dict(_elements(parts.get(_INFO, memoryview(b""))))
    tracks = [
        dict(_elements(body))
        for name, body in _elements(parts.get(_TRACKS, memoryview(b"")))
        if name == _TRACK
    ]
    picture = next((track for track in tracks if _number(track.get(_TRACK_TYPE)) == 1), None)
    if picture is None:
        raise Unreadable("the file has no picture")
    codec = _words(picture.get(_CODEC))
    if codec not in WEBM_CODECS:
        raise Unreadable(f"the picture is written as {codec or 'nothing known'}")
    size = dict(_elements(picture.get(_VIDEO, memoryview(b""))))
    scale = _number(info.get(_SCALE)) or 1_000_000
    return _checked(
        _float(info.get(_DURATION)) * scale / 1_000_000,
        _number(size.get(_WIDTH)),
        _number(size.get(_HEIGHT)),
    )


def mp4(content: bytes) -> Video:
    """Reads an MP4 file."""
    whole = memoryview(content)
    top = list(_boxes(whole))
    if not top or top[0][0] != "ftyp":
        raise Unreadable("the file does not begin as MP4 does")
    movie = next((body for name, body in top if name == "moov"), None)
    if movie is None:
        raise Unreadable("the file has no list of its content")
    scale, length = _movie_header(_inner(movie, "mvhd"))
    for name, track in _boxes(movie):
        if name == "trak" and bytes(_inner(track, "mdia", "hdlr")[8:12]) == b"vide":
            break
    else:
        raise Unreadable("the file has no picture")
    codec = bytes(_inner(track, "mdia", "minf", "stbl", "stsd")[12:16]).decode("latin-1")
    if codec not in MP4_CODECS:
        raise Unreadable(f"the picture is written as {codec}")
    header = _inner(track, "tkhd")
    if len(header) < 8:
        raise Unreadable("the file is damaged")
    width, height = struct.unpack(">II", header[-8:])
    return _checked(length * 1000 / scale if scale else 0, width >> 16, height >> 16)


def _checked(milliseconds: float, width: int, height: int) -> Video:
    if not 1000 <= milliseconds <= LONGEST:  # also when it is no number
        raise Unreadable("the file does not say how long it is, from one second to 12 hours")
    if not (16 <= width <= 4096 and 16 <= height <= 4096):
        raise Unreadable(f"the picture has {width} x {height} pixels")
    return Video(int(milliseconds), width, height)


# WebM: an element is its name, the size of its body, its body.

_EBML, _DOC_TYPE, _SEGMENT = 0x1A45DFA3, 0x4282, 0x18538067
_INFO, _SCALE, _DURATION = 0x1549A966, 0x2AD7B1, 0x4489
_TRACKS, _TRACK, _TRACK_TYPE, _CODEC = 0x1654AE6B, 0xAE, 0x83, 0x86
_VIDEO, _WIDTH, _HEIGHT = 0xE0, 0xB0, 0xBA
_CLUSTER = 0x1F43B675


def _elements(body: memoryview) -> Iterator[tuple[int, memoryview]]:
    at = 0
    while at < len(body):
        name, at = _varying(body, at, most=4, keep_marker=True)
        size, at = _varying(body, at, most=8, keep_marker=False)
        if size is None:  # open-ended: a segment, or a cluster after which we need nothing
            size = len(body) - at
        if size > len(body) - at:
            raise Unreadable("the file is cut off")
        yield name or 0, body[at : at + size]
        at += size


def _varying(body: memoryview, at: int, *, most: int, keep_marker: bool) -> tuple[int | None, int]:
    """A number whose first byte tells by its leading zeros how many bytes it has; None for the
    size that says "unknown"."""
    length = 9 - body[at].bit_length() if at < len(body) else 9
    if length > most or at + length > len(body):
        raise Unreadable("the file is damaged")
    number = int.from_bytes(body[at : at + length])
    if keep_marker:
        return number, at + length
    number &= (1 << 7 * length) - 1
    return (None if number == (1 << 7 * length) - 1 else number), at + length


def _number(body: memoryview | None) -> int:
    return int.from_bytes(body) if body is not None and len(body) <= 8 else 0


def _float(body: memoryview | None) -> float:
    kind = {4: ">f", 8: ">d"}.get(len(body)) if body is not None else None
    return float(struct.unpack(kind, body)[0]) if kind and body is not None else 0.0


def _words(body: memoryview | None) -> str:
    return bytes(body or b"").rstrip(b"\0").decode("latin-1")


# MP4: a box is its size, its name, its body.


def _boxes(body: memoryview) -> Iterator[tuple[str, memoryview]]:
    at = 0
    while at < len(body):
        if at + 8 > len(body):
            raise Unreadable("the file is cut off")
        size, start = int.from_bytes(body[at : at + 4]), at + 8
        if size == 1:
            size, start = int.from_bytes(body[at + 8 : at + 16]), at + 16
        elif size == 0:
            size = len(body) - at
        if at + size > len(body):
            raise Unreadable("the file is cut off")
        if at + size < start:
            raise Unreadable("the file is damaged")
        yield bytes(body[at + 4 : at + 8]).decode("latin-1"), body[start : at + size]
        at += size


def _inner(body: memoryview, *names: str) -> memoryview:
    for wanted in names:
        found = next((inner for name, inner in _boxes(body) if name == wanted), None)
        if found is None:
            raise Unreadable("the file is damaged")
        body = found
    return body


def _movie_header(body: memoryview) -> tuple[int, int]:
    """Units a second, and the length in units."""
    if len(body) < 32:
        raise Unreadable("the file is damaged")
    if body[0] == 1:
        return struct.unpack(">IQ", body[20:32])
    return struct.unpack(">II", body[12:20])
