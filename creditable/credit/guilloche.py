"""The border and rosettes of a certificate as one SVG: fine woven lines, as engraved on bonds.

Lengths are points (1/72 inch), the sheet is US Letter, landscape. A sine is drawn as one cubic
curve for each half wave, a rosette as one ellipse turned around its center.
"""

from collections.abc import Iterator
from functools import lru_cache

WIDE, HIGH = 792.0, 612.0
RAIL = 37.5
"""From the edge of the sheet to the middle of the woven border."""
SWING = 9.6
ARCH = 22.0
CONTROL = (0.4244, 0.5756, 4 / 3)
"""Where a cubic's inner points stand so that it follows half a sine: along, along, above."""

Color = tuple[int, int, int]
Point = tuple[float, float]


@lru_cache(maxsize=8)
def sheet(accent: str, band: str) -> str:
    """The sheet in two colors (#rrggbb), everything but the words."""
    main, dark = _color(accent), _color(band)
    strands = (
        (SWING, 6, _toward_white(main, 0.15)),
        (0.62 * SWING, 5, _toward_white(dark, 0.4)),
        (0.27 * SWING, 2, _toward_white(main, 0.5)),
    )
    corners = [(x, y) for x in (RAIL, WIDE - RAIL) for y in (RAIL, HIGH - RAIL)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE:g} {HIGH:g}">',
        '<g fill="none">',
        *_rosette(WIDE / 2, 318, 214, 0.46, 44, _toward_white(main, 0.87), 0.5),
        *(_frame(inset, main, 0.35) for inset in (24.2, 50.8)),
        *(_frame(inset, dark, 0.9) for inset in (21.6, 53.4)),
        *(_braid(rise, count, paint) for rise, count, paint in strands),
        *_rosette(WIDE / 2, 106, 39, 0.64, 30, _toward_white(main, 0.2), 0.35),
        f'<circle cx="{WIDE / 2:g}" cy="106" r="24.5" fill="#ffffff" stroke="{accent}"/>',
    ]
    for x, y in corners:
        parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="22" fill="#ffffff" stroke="{accent}"/>')
        parts += _rosette(x, y, 20.5, 0.42, 14, main, 0.35)
        parts += _rosette(x, y, 10.5, 0.5, 10, dark, 0.35)
    return "".join([*parts, "</g></svg>"])


def _braid(rise: float, strands: int, paint: Color) -> str:
    """Waves of one height along all four sides, shifted against each other. What they reach
    beyond a side is less than an arch, and a corner's rosette covers it."""
    across, down = WIDE - 2 * RAIL, HIGH - 2 * RAIL
    drawn: list[str] = []
    for shift in (2 * strand / strands for strand in range(strands)):
        for rail in (RAIL, HIGH - RAIL):
            drawn += (
                command + " ".join(f"{RAIL + along:.1f} {rail + off:.1f}" for along, off in points)
                for command, points in _wave(across, shift, rise)
            )
        for rail in (RAIL, WIDE - RAIL):
            drawn += (
                command + " ".join(f"{rail + off:.1f} {RAIL + along:.1f}" for along, off in points)
                for command, points in _wave(down, shift, rise)
            )
    return f'<path stroke="{_hex(paint)}" stroke-width="0.32" d="{"".join(drawn)}"/>'


def _wave(length: float, shift: float, rise: float) -> Iterator[tuple[str, list[Point]]]:
    """Path commands with their points, along the side and off it; begun up to one arch before."""
    step = length / round(length / ARCH)
    x, side = (shift % 1 - 1) * step, 1 if shift < 1 else -1
    yield "M", [(x, 0.0)]
    one, two, above = CONTROL
    while x < length - 0.01:
        top = above * side * rise
        yield "C", [(x + one * step, top), (x + two * step, top), (x + step, 0.0)]
        x, side = x + step, -side


def _rosette(
    x: float, y: float, radius: float, flat: float, petals: int, paint: Color, weight: float
) -> Iterator[str]:
    yield f'<g stroke="{_hex(paint)}" stroke-width="{weight}">'
    for petal in range(petals):
        yield (
            f'<ellipse rx="{radius:g}" ry="{radius * flat:.2f}" '
            f'transform="translate({x:g} {y:g}) rotate({petal * 180 / petals:.2f})"/>'
        )
    yield "</g>"


def _frame(inset: float, paint: Color, weight: float) -> str:
    return (
        f'<rect x="{inset}" y="{inset}" width="{WIDE - 2 * inset:g}" '
        f'height="{HIGH - 2 * inset:g}" stroke="{_hex(paint)}" stroke-width="{weight}"/>'
    )


def _color(text: str) -> Color:
    red, green, blue = bytes.fromhex(text.removeprefix("#"))
    return red, green, blue


def _toward_white(color: Color, share: float) -> Color:
    red, green, blue = (round(part + (255 - part) * share) for part in color)
    return red, green, blue


def _hex(color: Color) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)
