"""Documents on paper: a Typst source and its values in, the bytes of a PDF out. Tagged and archival
(PDF/UA-1, PDF/A-2a as Typst writes them), with no font from outside, so that a document looks the
same in ten years.
"""

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typst

FONTS = Path(__file__).with_name("fonts")
FAMILIES = ("Source Serif 4", "Libertinus Serif")
"""The type of the site; a second one (Typst brings it) for letters that the first lacks."""
PRINTABLE = frozenset(map(chr, (*range(0x20, 0x7F), *range(0xC0, 0x100))))
"""Letters that are known to print, so that a process that only asks about a usual name need not
load Typst."""
_threads = threading.local()


class Unprintable(ValueError):
    """The font lacks characters of a text that the document must show."""


def typeset(source: bytes, values: Mapping[str, str], *, at: datetime) -> bytes:
    """The document as PDF, dated `at`. The source reads the values as `sys.inputs`. The same
    source, values and time give the same bytes. Raises Unprintable."""
    import typst  # large, and most web workers set no document

    try:
        pdf = _compiler().compile(
            input=source,
            format="pdf",
            sys_inputs=dict(values),
            pdf_standards=["ua-1", "a-2a"],
            timestamp=at,
        )
    except typst.TypstError as error:
        if "could not be displayed" in error.message:
            raise Unprintable(error.message) from error
        raise
    assert isinstance(pdf, bytes)
    return pdf


def unprintable(text: str) -> tuple[str, ...]:
    """The characters of a text that our documents cannot show, in order, each once; empty for a
    text that prints. Ask when it is typed, not when its document is due."""
    if PRINTABLE.issuperset(text) or _prints(text):
        return ()
    return tuple(char for char in dict.fromkeys(text) if not char.isspace() and not _prints(char))


def _prints(text: str) -> bool:
    if not all(sign.isprintable() or sign.isspace() for sign in text):
        return False
    source = (
        f"#set text(font: ({', '.join(map(json.dumps, FAMILIES))}), fallback: false)\n"
        '#set document(title: "x")\n#sys.inputs.t'
    )
    try:
        typeset(source.encode(), {"t": text}, at=datetime(2026, 1, 1, tzinfo=UTC))
    except Unprintable:
        return False
    return True


def _compiler() -> "typst.Compiler":
    """Typst's compiler holds the fonts, is quick to use again and belongs to one thread."""
    compiler = getattr(_threads, "compiler", None)
    if compiler is None:
        import typst

        fonts = typst.Fonts(include_system_fonts=False, font_paths=[FONTS])
        compiler = _threads.compiler = typst.Compiler(font_paths=fonts)
    return compiler
