"""`./do messages`: collects every sentence that pages and mail show, for translators.

Templates are turned into Python by Django itself (`templatize`) and read by Babel, like the
Python sources. The result is a catalog in gettext's form; a translation of it is compiled by
Babel into the folder that settings.LOCALE_PATHS names.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from creditable.ops.processes import ROOT

LOCALE = ROOT / "creditable" / "locale"
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),  # type: ignore[dict-item]
    "say": None,
    "say_many": (1, 2),
}


def collect() -> Catalog:
    """Everything that is marked for translation, with the places where it stands."""
    catalog = Catalog(project="Creditable", charset="utf-8", fuzzy=False)
    for file, source in _sources():
        for line, message, comments, context in extract(
            "python", BytesIO(source.encode()), KEYWORDS, options={"encoding": "utf-8"}
        ):
            catalog.add(
                message,
                locations=[(file.relative_to(ROOT).as_posix(), line)],
                auto_comments=comments,
                context=context,
            )
    return catalog


def _sources() -> Iterator[tuple[Path, str]]:
    for file in sorted((ROOT / "creditable").rglob("*.py")):
        if "migrations" not in file.parts:
            yield file, file.read_text(encoding="utf-8")
    for suffix in ("html", "txt"):
        for file in sorted((ROOT / "creditable").rglob(f"templates/**/*.{suffix}")):
            lines = templatize(file.read_text(encoding="utf-8")).splitlines()
            yield file, "\n".join(line.strip() for line in lines)


def compile_all(folder: Path) -> int:
    """Compiles each translation in the folder (`<language>/LC_MESSAGES/django.po`); how many."""
    files = sorted(folder.glob("*/LC_MESSAGES/django.po"))
    for file in files:
        with file.open("rb") as written, file.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(written))
    return len(files)


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./do messages")
    parser.add_argument("--out", type=Path, default=LOCALE / "django.pot", help="where they go")
    chosen = parser.parse_args(words)
    catalog = collect()
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    with chosen.out.open("wb") as written:
        write_po(written, catalog, width=100, sort_by_file=True)
    compiled = compile_all(LOCALE)
    print(f"{len(catalog)} sentences in {chosen.out}; {compiled} translations compiled.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
