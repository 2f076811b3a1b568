"""A key for each file that must be gone one day, also from every copy.

The file is encrypted (AES-256-GCM) wherever it is kept: in its row, in the outbox, in a backup of
the database. Its key is `keys/files/<kind>/<id>` in the data folder (0600), which no backup holds.
Whoever destroys the key has destroyed the file, in all these places.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, transaction

from creditable.lib.ids import uuid7

NONCE = 12


class Locked(Exception):
    """What was encrypted cannot be read: its key is gone, or it is not what the key encrypted."""


@dataclass(frozen=True, slots=True)
class FileKey:
    """The key of one file."""

    kind: str
    id: UUID

    @classmethod
    def named(cls, name: str) -> "FileKey":
        """The key of that name, as `str` writes it."""
        kind, _, id = name.partition("/")
        return cls(kind, UUID(id))

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"

    def create(self) -> None:
        """Makes the key. FileExistsError when it is there."""
        folder = self._path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(AESGCM.generate_key(256))
            file.flush()
            os.fsync(file.fileno())
        _sync(folder)

    def encrypt(self, content: bytes) -> bytes:
        """The content, readable with this key alone."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher().encrypt(nonce, content, self.id.bytes)

    def decrypt(self, encrypted: bytes) -> bytes:
        try:
            return self._cipher().decrypt(encrypted[:NONCE], encrypted[NONCE:], self.id.bytes)
        except (InvalidTag, ValueError) as altered:
            raise Locked("it is not what this key encrypted") from altered

    def destroy(self) -> None:
        """The key is gone when this returns; destroying it again changes nothing."""
        self._path.unlink(missing_ok=True)
        if self._path.parent.exists():
            _sync(self._path.parent)

    def _cipher(self) -> AESGCM:
        try:
            return AESGCM(self._path.read_bytes())
        except FileNotFoundError as gone:
            raise Locked("its key is gone") from gone

    @property
    def _path(self) -> Path:
        return _folder(self.kind) / str(self.id)


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys of a kind. Whoever keeps the files looks after them: under the advisory lock a key
    is seen with its row, or neither is."""

    kind: str
    lock: int

    def key(self, id: UUID) -> FileKey:
        return FileKey(self.kind, id)

    def kept(self) -> set[UUID]:
        """Of which files there are keys."""
        return {UUID(path.name) for path in _folder(self.kind).glob("*")}

    @contextmanager
    def new(self) -> Iterator[FileKey]:
        """A new key, in a transaction that writes its row. Where that fails, the key is gone."""
        key = self.key(uuid7())
        try:
            with transaction.atomic():
                self._take("pg_advisory_xact_lock_shared")
                key.create()
                yield key
        except BaseException:
            key.destroy()
            raise

    def hold(self) -> None:
        """Until the transaction ends nobody is between a key and its row."""
        self._take("pg_advisory_xact_lock")

    def _take(self, function: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [self.lock])


def _folder(kind: str) -> Path:
    folder: Path = settings.DATA / "keys" / "files" / kind
    return folder


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
