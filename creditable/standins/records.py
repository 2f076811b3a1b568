"""What a stand-in remembers: small documents in one SQLite file, so that a kill loses nothing."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]


class Records:
    """Documents by kind and key, in the order in which they first came. Threads may share it:
    one writes at a time, and what `transaction()` encloses happens whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS document ("
            " sequence INTEGER PRIMARY KEY AUTOINCREMENT,"
            " kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (kind, key))"
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            if self._depth:
                yield
                return
            self._depth = 1
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth = 0

    def put(self, kind: str, key: str, document: Document) -> int:
        """Writes the document, over an earlier one of the same key. Answers its place in the
        order of arrival, which never changes."""
        with self._lock:
            row = self._db.execute(
                "INSERT INTO document (kind, key, body) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body RETURNING sequence",
                (kind, key, json.dumps(document)),
            ).fetchone()
            return int(row[0])

    def get(self, kind: str, key: str) -> Document | None:
        with self._lock:
            row = self._db.execute(
                "SELECT body FROM document WHERE kind = ? AND key = ?", (kind, key)
            ).fetchone()
            return None if row is None else dict(json.loads(row[0]))

    def all(self, kind: str) -> list[Document]:
        """Oldest first."""
        return self._read("SELECT body FROM document WHERE kind = ? ORDER BY sequence", (kind,))

    def newest(self, kind: str, limit: int) -> list[Document]:
        """Newest first."""
        statement = "SELECT body FROM document WHERE kind = ? ORDER BY sequence DESC LIMIT ?"
        return self._read(statement, (kind, limit))

    def count(self, kind: str) -> int:
        with self._lock:
            row = self._db.execute(
                "SELECT count(*) FROM document WHERE kind = ?", (kind,)
            ).fetchone()
            return int(row[0])

    def delete(self, kind: str, key: str) -> None:
        with self._lock:
            self._db.execute("DELETE FROM document WHERE kind = ? AND key = ?", (kind, key))

    def clear(self, kind: str) -> None:
        with self._lock:
            self._db.execute("DELETE FROM document WHERE kind = ?", (kind,))

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _read(self, statement: str, arguments: tuple[object, ...]) -> list[Document]:
        with self._lock:
            rows = self._db.execute(statement, arguments).fetchall()
            return [dict(json.loads(body)) for (body,) in rows]
