"""A key for each file that must be gone one day, also from every copy.

The file is encrypted (AES-256-GCM) wherever it is kept: in its row, in the outbox, in a backup of
the database. Its key is `keys/files/<id>` in the data folder (0600), which no backup holds. Whoever
destroys the key has destroyed the file, in all these places.
"""

import os
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE = 12


class Locked(Exception):
    """What was encrypted cannot be read: its key is gone, or it is not what the key encrypted."""


def create(id: UUID) -> None:
    """Makes the key of a file. FileExistsError when the file has one."""
    path = _path(id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(AESGCM.generate_key(256))
        file.flush()
        os.fsync(file.fileno())
    _sync(path.parent)


def encrypt(id: UUID, content: bytes) -> bytes:
    """The content, readable with the key of this file alone."""
    nonce = os.urandom(NONCE)
    return nonce + _cipher(id).encrypt(nonce, content, id.bytes)


def decrypt(id: UUID, encrypted: bytes) -> bytes:
    try:
        return _cipher(id).decrypt(encrypted[:NONCE], encrypted[NONCE:], id.bytes)
    except (InvalidTag, ValueError) as altered:
        raise Locked("it is not what this key encrypted") from altered


def destroy(id: UUID) -> None:
    """The key is gone when this returns; destroying it again changes nothing."""
    path = _path(id)
    path.unlink(missing_ok=True)
    if path.parent.exists():
        _sync(path.parent)


def kept() -> list[UUID]:
    """Of which files there are keys."""
    return [UUID(path.name) for path in _folder().glob("*")]


def _cipher(id: UUID) -> AESGCM:
    try:
        return AESGCM(_path(id).read_bytes())
    except FileNotFoundError as gone:
        raise Locked("its key is gone") from gone


def _path(id: UUID) -> Path:
    return _folder() / str(id)


def _folder() -> Path:
    folder: Path = settings.DATA / "keys" / "files"
    return folder


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
