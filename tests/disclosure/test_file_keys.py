"""A file with a key of its own is gone when its key is gone."""

from uuid import uuid4

import pytest
from django.conf import settings

from creditable.disclosure.file_keys import FileKey, Keyring, Locked


def key(kind: str = "photo") -> FileKey:
    return FileKey(kind, uuid4())


def test_what_was_encrypted_is_read_with_its_key_and_no_other() -> None:
    one, other = key(), key()
    one.create()
    other.create()
    encrypted = one.encrypt(b"a picture")
    assert b"a picture" not in encrypted
    assert encrypted != one.encrypt(b"a picture")
    assert one.decrypt(encrypted) == b"a picture"
    assert FileKey.named(str(one)).decrypt(encrypted) == b"a picture"
    with pytest.raises(Locked):
        other.decrypt(encrypted)
    with pytest.raises(Locked):
        one.decrypt(encrypted[:-1] + bytes([encrypted[-1] ^ 1]))
    with pytest.raises(Locked):
        one.decrypt(b"")


def test_a_key_is_a_file_of_this_user_alone_and_made_once() -> None:
    one = key()
    one.create()
    path = settings.DATA / "keys" / "files" / "photo" / str(one.id)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert one.id in Keyring("photo", lock=0).kept()
    assert one.id not in Keyring("other", lock=0).kept()
    with pytest.raises(FileExistsError):
        one.create()


def test_without_its_key_nothing_is_read() -> None:
    one = key()
    one.create()
    encrypted = one.encrypt(b"a picture")
    one.destroy()
    one.destroy()
    assert one.id not in Keyring("photo", lock=0).kept()
    with pytest.raises(Locked):
        one.decrypt(encrypted)
    with pytest.raises(Locked):
        one.encrypt(b"another")
