"""A photo or scan that somebody hands us, made anew from its pixels.

It is decoded in a capped process (`lib.capped`), of which this is the program: given a line with
the words that shall stand across it (UTF-8, may be empty) and the picture. What comes out is a JPEG
of the pixels alone: place, camera and whatever else the file carried stay behind.
"""

import importlib
import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from creditable.lib import capped
from creditable.lib.capped import Unreadable

LARGEST = 10 * 1024 * 1024
PIXELS = 50_000_000
LEAST = 300
"""Nobody can read a card of fewer pixels across."""
LONGEST = 2000
MEMORY = 768 * 1024 * 1024
CPU_SECONDS = 10
WAIT_SECONDS = 40
STARTS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
FONT = Path(__file__).parents[1] / "lib" / "fonts" / "SourceSerif4_600SemiBold.ttf"


def anew(content: bytes) -> bytes:
    """The picture as a JPEG of nothing but its pixels, upright. Raises Unreadable: it is neither
    JPEG nor PNG (not_picture), takes more than we spend on one (too_much), is too small to read
    (too_small), or is damaged (broken)."""
    return _in_its_process(content, "")


def marked(content: bytes, mark: str) -> bytes:
    """The picture with these words, one line, across all of it. Raises Unreadable, as `anew`."""
    return _in_its_process(content, mark)


def _in_its_process(content: bytes, mark: str) -> bytes:
    if not content.startswith(tuple(STARTS)):
        raise Unreadable("not_picture")
    if len(content) > LARGEST:
        raise Unreadable("too_much")
    return capped.run(
        __file__, " ".join(mark.splitlines()).encode() + b"\n" + content, seconds=WAIT_SECONDS
    )


def draw(content: bytes, mark: str, font: ImageFont.FreeTypeFont) -> bytes:
    """The new picture, made here and now. One that is not well made may raise anything."""
    with Image.open(io.BytesIO(content), formats=sorted(STARTS.values())) as opened:
        width, height = opened.size
        if width * height > PIXELS:
            raise Unreadable("too_much")
        if min(width, height) < LEAST:
            raise Unreadable("too_small")
        opened.draft("RGB", (LONGEST, LONGEST))
        picture: Image.Image = ImageOps.exif_transpose(opened)
    picture.thumbnail((LONGEST, LONGEST))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture)
    # A new one, so that nothing but the pixels comes along.
    pixels = Image.new("RGB", picture.size)
    pixels.paste(picture.convert("RGB"))
    if mark:
        pixels = _marked(pixels, mark, font)
    out = io.BytesIO()
    pixels.save(out, "JPEG", quality=85)
    return out.getvalue()


def _marked(picture: Image.Image, mark: str, font: ImageFont.FreeTypeFont) -> Image.Image:
    """The words in slanting lines from edge to edge, dark on a light rim, so that they are read on
    any ground and no part can be cut out without them."""
    font = font.font_variant(size=max(picture.width, picture.height) // 45)
    across = int(font.getlength(mark))
    side = 2 * max(picture.size)
    sheet = Image.new("RGBA", (side, side))
    pen = ImageDraw.Draw(sheet)
    step, gap = font.size * 6, font.size * 3
    for line, top in enumerate(range(0, side, int(step))):
        for left in range(-(line % 2) * across // 2, side, across + int(gap)):
            pen.text(
                (left, top),
                mark,
                font=font,
                fill=(20, 20, 20, 130),
                stroke_width=max(1, int(font.size) // 14),
                stroke_fill=(255, 255, 255, 110),
            )
    sheet = sheet.rotate(30)
    left, top = (side - picture.width) // 2, (side - picture.height) // 2
    cut = sheet.crop((left, top, left + picture.width, top + picture.height))
    return Image.alpha_composite(picture.convert("RGBA"), cut).convert("RGB")


def prepared() -> Callable[[bytes], bytes]:
    Image.preinit()  # now, since nothing can be opened later
    importlib.import_module("PIL.TiffImagePlugin")  # reads how a photo was held
    Image.MAX_IMAGE_PIXELS = PIXELS
    font = ImageFont.truetype(io.BytesIO(FONT.read_bytes()), 24)

    def work(given: bytes) -> bytes:
        mark, _, content = given.partition(b"\n")
        try:
            return draw(content, mark.decode(), font)
        except Image.DecompressionBombError as bomb:
            raise Unreadable("too_much") from bomb
        except UnidentifiedImageError as nothing:
            raise Unreadable("not_picture") from nothing

    return work
