"""What a value may be wrapped in, and still is found."""

import base64
import gzip
import html
import io
import json
import quopri
import zipfile
import zlib
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
import typst

from tests.microscope import found, seen

VALUE = "Zoë Canaria & Sons"


def page(value: bytes) -> bytes:
    """A PDF whose one page says it, as our certificates and invoices are set."""
    made = typst.compile(b"Given to #" + json.dumps(value.decode()).encode() + b" today.")
    assert isinstance(made, bytes)
    return made


def archive(value: bytes) -> bytes:
    with io.BytesIO() as whole:
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as files:
            files.writestr("evidence.json", value * 20)
        return whole.getvalue()


WRAPPINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda value: b"before " + value + b" behind",
    "upper case": lambda value: value.decode().upper().encode(),
    "a line broken": lambda value: value.replace(b" ", b"\n   "),
    "percent signs": lambda value: f"?q={quote(value)}&x=1".encode(),
    "plus signs": lambda value: f"?q={quote_plus(value)}&x=1".encode(),
    "entities": lambda value: html.escape(value.decode()).encode(),
    "quoted printable": quopri.encodestring,
    "json": lambda value: json.dumps({"name": value.decode()}).encode(),
    "base64": base64.b64encode,
    "base64, one sign off": lambda value: base64.b64encode(b"a" + value),
    "base64, two signs off": lambda value: base64.b64encode(b"ab" + value),
    "base64, folded": lambda value: base64.encodebytes(b"x" * 70 + value + b"y" * 70),
    "base64 for addresses": lambda value: (
        b"/t/" + base64.urlsafe_b64encode(value).rstrip(b"=") + b"/"
    ),
    "hexadecimal": lambda value: b"id=" + value.hex().encode(),
    "zlib": lambda value: b"stream\n" + zlib.compress(value) + b"\nendstream",
    "gzip": lambda value: b"body:" + gzip.compress(value),
    "a page of a PDF": page,
    "a PDF attached to a mail": lambda value: b"\r\n\r\n" + base64.encodebytes(page(value)),
    "an archive": archive,
    "a PDF in an archive": lambda value: archive(page(value)),
}


@pytest.mark.parametrize("name", WRAPPINGS)
def test_it_is_found_in(name: str) -> None:
    wrapped = WRAPPINGS[name](VALUE.encode())
    assert seen(VALUE, wrapped)
    assert not seen("Somebody Else", wrapped)


@pytest.mark.parametrize("outer", ["base64", "gzip", "percent signs", "hexadecimal"])
def test_it_is_found_in_a_wrapping_within_another(outer: str) -> None:
    assert seen(VALUE, WRAPPINGS[outer](base64.b64encode(VALUE.encode())))


def test_each_value_is_told_apart() -> None:
    assert found(["one here", "none there"], b"this one here") == {"one here"}
