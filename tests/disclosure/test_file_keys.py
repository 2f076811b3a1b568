"""A file with a key of its own is gone when its key is gone."""

from uuid import uuid4

import pytest
from django.conf import settings

from creditable.disclosure import file_keys
from creditable.disclosure.file_keys import Locked


def test_what_was_encrypted_is_read_with_its_key_and_no_other() -> None:
    one, other = uuid4(), uuid4()
    file_keys.create(one)
    file_keys.create(other)
    encrypted = file_keys.encrypt(one, b"a picture")
    assert b"a picture" not in encrypted
    assert encrypted != file_keys.encrypt(one, b"a picture")
    assert file_keys.decrypt(one, encrypted) == b"a picture"
    with pytest.raises(Locked):
        file_keys.decrypt(other, encrypted)
    with pytest.raises(Locked):
        file_keys.decrypt(one, encrypted[:-1] + bytes([encrypted[-1] ^ 1]))
    with pytest.raises(Locked):
        file_keys.decrypt(one, b"")


def test_a_key_is_a_file_of_this_user_alone_and_made_once() -> None:
    id = uuid4()
    file_keys.create(id)
    path = settings.DATA / "keys" / "files" / str(id)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert id in file_keys.kept()
    with pytest.raises(FileExistsError):
        file_keys.create(id)


def test_without_its_key_nothing_is_read() -> None:
    id = uuid4()
    file_keys.create(id)
    encrypted = file_keys.encrypt(id, b"a picture")
    file_keys.destroy(id)
    file_keys.destroy(id)
    assert id not in file_keys.kept()
    with pytest.raises(Locked):
        file_keys.decrypt(id, encrypted)
    with pytest.raises(Locked):
        file_keys.encrypt(id, b"another")
