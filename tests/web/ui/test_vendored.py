"""Files made by others are the ones we say they are."""

from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from creditable.web import ui

STATIC = Path(ui.__file__).parent / "static" / "ui"
VENDORED = yaml.safe_load((STATIC / "vendored.yaml").read_text(encoding="utf-8"))
BINARY = {".woff2", ".woff", ".ttf", ".otf", ".wasm", ".png", ".jpg"}


@pytest.mark.parametrize("entry", VENDORED, ids=lambda entry: entry["file"])
def test_the_file_is_the_published_one_and_its_license_lies_beside_it(
    entry: dict[str, str],
) -> None:
    assert sha256((STATIC / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert "SIL Open Font License" in (STATIC / entry["license_file"]).read_text(encoding="utf-8")
    assert entry["license"] == "OFL-1.1"
    assert entry["version"]
    assert entry["package"]


def test_nothing_comes_from_elsewhere_unlisted() -> None:
    foreign = {
        path.relative_to(STATIC).as_posix()
        for path in STATIC.rglob("*")
        if path.suffix in BINARY or ".min." in path.name
    }

    assert foreign == {entry["file"] for entry in VENDORED}
