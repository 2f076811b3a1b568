"""The provider's keys are its own alone, and one that was replaced is still known."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from creditable.credit import keys
from creditable.credit.keys import Use

AT = datetime(2026, 12, 29, 15, 30, tzinfo=UTC)


def key(folder: Path, use: Use = Use.DOCUMENTS, organization: str = "Wirewright") -> keys.Key:
    return keys.current(folder, use, organization=organization, at=AT)


@pytest.mark.parametrize("use", Use)
def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path, use: Use) -> None:
    folder = tmp_path / "keys"
    first = key(folder, use)
    again = key(folder, use, "Another Name")
    assert first == again
    assert first.public.use is use
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_replaced_key_stays_published_and_cannot_sign(tmp_path: Path) -> None:
    first = key(tmp_path)
    badges = key(tmp_path, Use.BADGES)
    new = keys.replace(tmp_path, Use.DOCUMENTS, organization="Wirewright", at=AT)
    assert key(tmp_path).public.fingerprint == new.fingerprint != first.public.fingerprint
    published = [one.fingerprint for one in keys.published(tmp_path)]
    assert published == [
        new.fingerprint,
        badges.public.fingerprint,
        first.public.fingerprint,
    ]
    kept = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not any(first.private in content for content in kept)
