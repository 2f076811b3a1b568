"""Files of strangers are judged by their bytes; a drawing is taken when it can do nothing."""

import struct

import pytest

from creditable.catalog.media import Fault, Looked, look

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360">'
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 640, 360)
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 360, 640) + b"\x03\x01\x22\x00"
)


def drawing(body: str, head: str = HEAD) -> bytes:
    return f"{head}{body}</svg>".encode()


def faults(content: bytes, path: str = "media/a.svg") -> list[Fault]:
    found = look(path, content)
    assert isinstance(found, list)
    assert found
    return found


def test_a_plain_drawing_is_taken_with_its_size() -> None:
    plain = drawing('<style>.a{fill:url(#g)}</style><g class="a"><path d="M0 0h9"/></g>')
    assert look("media/a.svg", plain) == Looked("image/svg+xml", 640, 360)


@pytest.mark.parametrize(("path", "content"), [("media/a.png", PNG), ("media/a.jpg", JPEG)])
def test_a_picture_is_taken_with_its_size(path: str, content: bytes) -> None:
    looked = look(path, content)
    assert isinstance(looked, Looked)
    assert (looked.width, looked.height) == (640, 360)


def test_a_document_is_taken_and_has_no_size() -> None:
    assert look("media/a.pdf", b"%PDF-1.7\n") == Looked("application/pdf", 0, 0)


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        '<g onload="alert(1)"/>',
        '<g ONCLICK="alert(1)"/>',
        "<foreignObject><p>x</p></foreignObject>",
        '<image href="https://elsewhere.example/a.png"/>',
        '<use href="https://elsewhere.example/a.svg#x"/>',
        '<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="data:image/svg+xml,x"/>',
        '<a href="javascript:alert(1)"><text>x</text></a>',
        '<set attributeName="href" to="javascript:alert(1)"/>',
        '<animate attributeName="href" values="javascript:alert(1)"/>',
        "<style>@import 'https://elsewhere.example/a.css';</style>",
        "<style>path{fill:url(https://elsewhere.example/a)}</style>",
        "<style>path{fill:u\\72l(https://elsewhere.example/a)}</style>",
        "<style>path{fill:u<g/>rl(https://elsewhere.example/a)}</style>",
        "<path style=\"fill: URL( 'https://elsewhere.example/a' )\"/>",
        '<path fill="url(//elsewhere.example/a)"/>',
        '<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>',
        '<iframe xmlns="http://www.w3.org/1999/xhtml"/>',
    ],
)
def test_a_drawing_that_could_do_something_is_refused(body: str) -> None:
    assert faults(drawing(f"\n{body}"))[0].line == 2


def test_every_fault_of_a_drawing_is_listed_with_its_line() -> None:
    listed = faults(drawing('\n<script/>\n<g onclick="x"/>\n<image/>'))
    assert [fault.line for fault in listed] == [2, 3, 4]


def test_a_drawing_with_entities_is_not_even_read() -> None:
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>'
    (fault,) = faults(f"<?xml version='1.0'?>{bomb}".encode() + drawing("<text>&b;</text>"))
    assert "document type" in fault.message


def test_a_style_sheet_from_elsewhere_is_refused() -> None:
    sheet = b"<?xml-stylesheet href='https://elsewhere.example/a.css'?>"
    assert "instruction" in faults(sheet + drawing(""))[0].message


def test_a_broken_drawing_says_where() -> None:
    assert faults(f"{HEAD}\n<g>\n</svg>".encode())[0].line == 3


def test_a_drawing_without_a_size_is_refused() -> None:
    bare = '<svg xmlns="http://www.w3.org/2000/svg">'
    assert "size" in faults(drawing("", head=bare))[0].message


@pytest.mark.parametrize(
    ("path", "content", "words"),
    [
        ("media/a.exe", b"MZ", "kind"),
        ("media/a.html", b"<p>", "kind"),
        ("media/a.png", JPEG, "image/jpeg"),
        ("media/a.svg", PNG, "image/png"),
        ("media/a.png", b"hello", "something else"),
        ("media/a.png", PNG[:18], "damaged"),
        ("media/a.jpg", JPEG[:20], "damaged"),
        ("media/a.png", PNG[:16] + struct.pack(">II", 20000, 20000), "pixels"),
        ("media/a.svg", drawing("<!-- " + "x" * 600_000 + " -->"), "KB"),
    ],
)
def test_other_files_are_refused_with_the_reason(path: str, content: bytes, words: str) -> None:
    assert words in faults(content, path)[0].message
