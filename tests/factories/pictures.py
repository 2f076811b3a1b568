"""Pictures such as people hand in."""

import io
import zlib
from typing import Any

from PIL import Image, ImageDraw

PLACE = {0x8825: {1: "N", 2: (40.0, 26.0, 46.0), 3: "W", 4: (79.0, 58.0, 56.0)}}
"""Where an EXIF block says that a photo was taken."""


def card(width: int = 900, height: int = 560) -> Image.Image:
    """A card with a face and some lines."""
    picture = Image.new("RGB", (width, height), "#dfe9f2")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((width * 0.1, height * 0.2, width * 0.35, height * 0.7), fill="#d8b49a")
    for line in range(4):
        top = height * (0.25 + line * 0.15)
        pen.rectangle((width * 0.45, top, width * 0.9, top + height * 0.05), fill="#123456")
    return picture


def file(format: str = "JPEG", picture: Image.Image | None = None, **more: Any) -> bytes:
    out = io.BytesIO()
    (picture or card()).save(out, format, **more)
    return out.getvalue()


def photo() -> bytes:
    """As a telephone makes it: on its side, with the place and the camera in it."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by a quarter to see it upright
    exif[0x0110] = "Telephone 9"
    exif.get_ifd(0x8825).update(PLACE[0x8825])
    return file("JPEG", exif=exif, comment=b"taken at home")


def bomb() -> bytes:
    """A small PNG of a billion pixels."""
    picture = bytearray(file("PNG", Image.new("1", (8, 8))))
    picture[16:24] = (32_000).to_bytes(4) * 2
    picture[29:33] = zlib.crc32(picture[12:29]).to_bytes(4)
    return bytes(picture)
