"""Notices that a stand-in posts to its customer: kept on disk, retried with a growing delay.

A notice is `due` until the customer has answered with a 2xx (`delivered`) or the stand-in has
tried often enough (`given up`). `held` waits until a later notice was delivered, which is how
an out-of-order delivery is made.
"""

import http.client
import threading
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from creditable.standins.records import Records

ATTEMPTS = 25
LONGEST_DELAY = 3600.0
TIMEOUT = 15.0

Clock = Callable[[], float]
Headers = dict[str, str]


class Notices:
    """`sign` gives the headers of one transmission of a body: each transmission is signed for
    itself. `first_delay` is the wait before the first repetition; it doubles each time."""

    def __init__(
        self,
        records: Records,
        *,
        url: str,
        sign: Callable[[bytes], Headers],
        clock: Clock,
        first_delay: float = 1.0,
    ) -> None:
        self._records = records
        self._url = url
        self._sign = sign
        self._clock = clock
        self._first_delay = first_delay
        self._posting = threading.Lock()
        self._wake = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped = True
        self._wake.set()

    def queue(
        self, *, name: str, event_id: str, body: str, wait: float = 0.0, held: bool = False
    ) -> str:
        """Keeps a notice for delivery after `wait` seconds. Answers its id; the caller's
        transaction, if there is one, decides whether it was ever queued."""
        now = self._clock()
        notice_id = uuid.uuid4().hex
        self._records.put(
            "notice",
            notice_id,
            {
                "id": notice_id,
                "name": name,
                "event_id": event_id,
                "body": body,
                "state": "held" if held else "due",
                "created_at": now,
                "due_at": now + wait,
                "attempts": [],
            },
        )
        self._wake.set()
        return notice_id

    def deliver(self, notice_id: str) -> bool:
        """Posts a notice now, in the caller's thread. False when it was not taken; it will be
        tried again."""
        with self._posting:
            notice = self._records.get("notice", notice_id)
            if notice is None or notice["state"] in ("delivered", "given up"):
                return False
            status, error = self._post(notice["body"].encode())
            taken = status is not None and 200 <= status < 300
            now = self._clock()
            notice["attempts"].append({"at": now, "status": status, "error": error})
            if taken:
                notice["state"] = "delivered"
            elif len(notice["attempts"]) >= ATTEMPTS:
                notice["state"] = "given up"
            else:
                delay = self._first_delay * 2 ** (len(notice["attempts"]) - 1)
                notice["state"] = "due"
                notice["due_at"] = now + min(delay, LONGEST_DELAY)
            with self._records.transaction():
                self._records.put("notice", notice_id, notice)
                if taken:
                    self._release(now)
            return taken

    def listed(self, limit: int = 50) -> list[dict[str, Any]]:
        """Newest first."""
        return self._records.newest("notice", limit)

    def _release(self, now: float) -> None:
        for notice in self._records.all("notice"):
            if notice["state"] == "held":
                self._records.put("notice", notice["id"], {**notice, "state": "due", "due_at": now})

    def _run(self) -> None:
        while not self._stopped:
            self._wake.clear()
            due = [n for n in self._records.all("notice") if n["state"] == "due"]
            now = self._clock()
            for notice in due:
                if notice["due_at"] <= now and not self._stopped:
                    self.deliver(notice["id"])
            waiting = [n["due_at"] for n in self._records.all("notice") if n["state"] == "due"]
            pause = min(waiting, default=now + 5.0) - self._clock()
            if pause > 0:
                self._wake.wait(min(pause, 5.0))

    def _post(self, body: bytes) -> tuple[int | None, str]:
        if not self._url:
            return None, "no address is configured"
        address = urlsplit(self._url)
        connect = (
            http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        )
        connection = connect(address.hostname or "", address.port, timeout=TIMEOUT)
        try:
            headers = {"Content-Type": "application/json", "Accept": "*/*", **self._sign(body)}
            connection.request("POST", address.path or "/", body, headers)
            response = connection.getresponse()
            response.read(65536)
            return response.status, ""
        except (OSError, http.client.HTTPException) as error:
            return None, f"{type(error).__name__}: {error}"
        finally:
            connection.close()
