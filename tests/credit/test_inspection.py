"""A stranger's file is read in a process that can open nothing and gets little."""

import io
import random
import subprocess
import zlib
from pathlib import Path

import pikepdf
import pytest

from creditable.credit import document, inspection
from creditable.credit.inspection import Contents
from creditable.lib import capped
from creditable.lib.capped import Unreadable
from tests.credit import tampering
from tests.credit.test_document import CERTIFICATE


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return document.render(CERTIFICATE)


def reason(pdf: bytes) -> str:
    with pytest.raises(Unreadable) as unreadable:
        inspection.inspect(pdf)
    return unreadable.value.reason


def test_the_capped_process_reads_what_we_read(pdf: bytes) -> None:
    told = inspection.inspect(pdf)
    assert told == inspection.read(pdf)
    assert CERTIFICATE.holder_name in told.lines
    assert told.links == (CERTIFICATE.check_url,)
    assert told.tagged
    assert not told.active


def test_what_is_no_pdf_is_said_without_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    assert reason(b"\x89PNG and so on") == "not_pdf"
    assert reason(b"") == "not_pdf"


def test_a_locked_file_and_a_damaged_one_are_told_apart(pdf: bytes) -> None:
    assert reason(tampering.locked(pdf)) == "encrypted"
    assert reason(b"%PDF-1.7\nnonsense") == "broken"


def bomb(content: bytes, *, filters: list[str]) -> bytes:
    made = pikepdf.new()
    page = made.add_blank_page()
    stream = pikepdf.Stream(made, b"")
    for _ in filters:
        content = zlib.compress(content, 9)
    stream.write(content, filter=pikepdf.Array([pikepdf.Name(name) for name in filters]))
    page.Contents = stream
    out = io.BytesIO()
    made.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


def test_a_bomb_costs_no_more_than_its_cap() -> None:
    packed = bomb(b"(x) Tj " * 60_000_000, filters=["/FlateDecode", "/FlateDecode"])
    assert len(packed) < inspection.LARGEST
    assert reason(packed) in {"too_much", "broken"}


def test_nothing_can_be_opened_from_inside(tmp_path: Path) -> None:
    """The planted fault: a reader that tries to open a file and a socket after the caps."""
    planted = tmp_path / "planted.py"
    attempts = (
        "def read(pdf):\n"
        "    told = {}\n"
        "    for name, deed in (('file', lambda: open('/etc/hostname')),"
        " ('socket', socket.socket)):\n"
        "        try: deed()\n"
        "        except OSError as error: told[name] = error.errno\n"
        "    raise Unreadable(str(told))\n"
    )
    source = Path(inspection.__file__).read_text()
    planted.write_text(f"{source}\nimport socket\n{attempts}")
    with pytest.raises(Unreadable) as told:
        capped.run(str(planted), b"%PDF-", seconds=inspection.WAIT_SECONDS)
    assert "'file': 24" in told.value.reason
    assert "'socket': 24" in told.value.reason


def test_random_damage_is_read_or_refused_and_nothing_else(pdf: bytes) -> None:
    chance = random.Random(20261229)
    for _ in range(8):
        damaged = bytearray(pdf)
        for place in chance.sample(range(len(pdf)), 12):
            damaged[place] ^= 1 << chance.randrange(8)
        try:
            told: object = inspection.inspect(bytes(damaged))
        except Unreadable as unreadable:
            told = unreadable
        assert isinstance(told, Contents | Unreadable)
