"""A picture that somebody hands in is made anew in a process that can open nothing."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from creditable.lib import capped
from creditable.lib.capped import Unreadable
from creditable.people import picture
from tests.factories import pictures
from tests.promises import promise


def reason(content: bytes) -> str:
    with pytest.raises(Unreadable) as unreadable:
        picture.anew(content)
    return unreadable.value.reason


def seen(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@promise("A12")
def test_nothing_but_the_pixels_is_left_and_they_stand_upright() -> None:
    handed_in = pictures.photo()
    before = seen(handed_in)
    assert before.getexif().get_ifd(0x8825)[2] == (40.0, 26.0, 46.0)
    made = picture.anew(handed_in)
    after = seen(made)
    assert not after.getexif()
    assert set(after.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert after.format == "JPEG"
    assert after.size == (before.height, before.width)
    for trace in (b"Exif", b"Telephone 9", b"taken at home"):
        assert trace in handed_in
        assert trace not in made


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_every_kind_of_png_becomes_a_jpeg(mode: str) -> None:
    made = picture.anew(pictures.file("PNG", pictures.card().convert("L").convert(mode)))
    assert (seen(made).format, seen(made).mode) == ("JPEG", "RGB")


def test_what_shines_through_is_white() -> None:
    clear = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    assert seen(picture.anew(pictures.file("PNG", clear))).getpixel((200, 200)) == (255, 255, 255)


def test_a_large_photo_is_made_smaller_and_a_tiny_one_refused() -> None:
    made = picture.anew(pictures.file("JPEG", pictures.card(4000, 3000)))
    assert seen(made).size == (2000, 1500)
    assert reason(pictures.file("JPEG", pictures.card(900, 200))) == "too_small"


def test_a_bomb_is_refused() -> None:
    packed = pictures.bomb()
    assert len(packed) < 1000
    assert reason(packed) == "too_much"


def test_a_bomb_in_the_words_beside_the_pixels_is_not_read() -> None:
    plain = pictures.file("PNG")
    words = b"Comment\0\0" + zlib.compress(b"x" * 300_000_000, 9)
    chunk = struct.pack(">I", len(words)) + b"zTXt" + words
    chunk += struct.pack(">I", zlib.crc32(b"zTXt" + words))
    end = plain.index(b"IDAT") - 4
    assert reason(plain[:end] + chunk + plain[end:]) in {"broken", "too_much"}


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_a_truncated_file_is_refused(format: str, part: float) -> None:
    whole = pictures.file(format, Image.effect_noise((600, 600), 80))
    assert reason(whole[: int(len(whole) * part)]) == "broken"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a" + bytes(100),
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xd8\xff<!doctype html><script>alert(1)</script>",
    ],
)
def test_what_is_no_picture_is_refused_whatever_it_claims(content: bytes) -> None:
    assert reason(content) == "not_picture"


def test_what_hangs_on_behind_a_picture_is_left_behind() -> None:
    made = picture.anew(pictures.file("PNG") + b"<script>alert(1)</script>")
    assert b"<script>" not in made


def test_the_words_are_drawn_across_all_of_it() -> None:
    """Every part of the marked picture differs from the plain one."""
    plain = picture.anew(pictures.file("PNG", Image.new("RGB", (1200, 800), "white")))
    marked = seen(picture.marked(plain, "Sam Office, November 30, 2026, 13:05 UTC"))
    for left in range(0, 1200, 300):
        for top in range(0, 800, 200):
            darkest, _ = marked.crop((left, top, left + 300, top + 200)).convert("L").getextrema()
            assert darkest < 160, (left, top)


def test_nothing_can_be_opened_from_inside(tmp_path: Path) -> None:
    """The planted fault: a decoder that opens a file and a socket after the caps."""
    source = Path(picture.__file__).read_text()
    attempts = (
        "def draw(content, mark, font):\n"
        "    told = []\n"
        "    for deed in (lambda: open('/etc/hostname'), socket.socket):\n"
        "        try: deed()\n"
        "        except OSError as error: told.append(str(error.errno))\n"
        "    return ' '.join(told).encode()\n"
    )
    planted = tmp_path / "planted.py"
    placed = repr(str(Path(picture.__file__).parents[1]))
    source = source.replace("Path(__file__).parents[1]", f"Path({placed})")
    planted.write_text(f"{source}\nimport socket\n{attempts}")
    assert capped.run(str(planted), b"\n", seconds=picture.WAIT_SECONDS) == b"24 24"
