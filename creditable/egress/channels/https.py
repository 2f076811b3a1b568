"""Calls over HTTPS, with a bearer key or OAuth 2.0 client credentials. Redirects are not
followed, nothing of the environment (proxies, netrc) is heeded, and each message has connections of
its own, so that each connection is explained by a message."""

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import quote_plus, urlencode
from xml.sax.saxutils import escape

import httpx

from creditable.egress.destinations import (
    Bearer,
    ClientCredentials,
    ClientSecret,
    Web,
    XmlForm,
)
from creditable.egress.outbox import Message
from creditable.egress.outcome import Delivered, Failed, Outcome, Refused, Unsendable

T = TypeVar("T")

TIMEOUT = httpx.Timeout(20.0, connect=5.0)
MAX_ANSWER = 1_000_000
NOT_NOW = frozenset({408, 425, 429})
LONGEST_WAIT = 3600.0
EARLY = 60.0
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
PATH = re.compile(r"/[!-~]*")
HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
HEADER_VALUE = re.compile(r"[ -~]*")
NOT_KEPT = frozenset({"set-cookie"})


class NoToken(Exception):
    """The token was not given; the call itself was never made."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.error)
        self.failed = failed


class TooLarge(Exception):
    """The answer is longer than anything that is expected here."""


class Https:
    def __init__(self, destination: Web) -> None:
        self._destination = destination
        self._client = httpx.Client(
            timeout=TIMEOUT,
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": "Creditable", "Accept": "application/json"},
        )
        self._token = Token(destination, self._client)

    def carry(self, message: Message) -> Outcome:
        try:
            outcome = self._attempt(message)
            if isinstance(outcome, Refused) and outcome.status == 401 and self._token.renewable:
                self._token.forget()
                outcome = self._attempt(message)
        except NoToken as missing:
            return missing.failed
        return outcome

    def close(self) -> None:
        self._client.close()

    def _attempt(self, message: Message) -> Outcome:
        request = self._request(message)
        try:
            status, headers, body = _send(self._client, request)
        except TooLarge:
            return Failed("the answer is too large", arrived=True)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Failed(_name(error), arrived=False)
        except httpx.HTTPError as error:
            return Failed(_name(error), arrived=True)
        if 200 <= status < 300:
            return Delivered(status, headers, body)
        if status in NOT_NOW or status in self._destination.busy:
            return Failed(f"answered {status}", arrived=False, status=status, wait=_wait(headers))
        if status >= 500:
            return Failed(f"answered {status}", arrived=True, status=status, wait=_wait(headers))
        return Refused(status, f"answered {status}", headers, body)

    def _request(self, message: Message) -> httpx.Request:
        head = message.head
        try:
            method, path, headers = head["method"], head["path"], dict(head["headers"])
        except (KeyError, TypeError, ValueError) as error:
            raise Unsendable(f"the message has no {error}") from error
        if method not in METHODS:
            raise Unsendable(f"no method {method!r}")
        if not isinstance(path, str) or not PATH.fullmatch(path):
            raise Unsendable("the path is not one")
        if not all(map(_is_header, headers.items())):
            raise Unsendable("a header is not one")
        if {name.lower() for name in headers} & {"authorization", "host", "cookie"}:
            raise Unsendable("credentials are the sender's")
        if authorization := self._token.header():
            headers["Authorization"] = authorization
        body = self._with_secrets(message.body) if method == "POST" else message.body
        try:
            return self._client.build_request(
                method, self._destination.base + path, headers=headers, content=body
            )
        except (httpx.InvalidURL, ValueError, TypeError) as error:
            raise Unsendable(f"the call cannot be made: {error}") from error

    def _with_secrets(self, body: bytes) -> bytes:
        """The body with what this destination wants in each form."""
        match self._destination.auth:
            case ClientSecret() as auth:
                client_id, client_secret = _read_secret(auth.read)
                pair = urlencode({"client_id": client_id, "client_secret": client_secret})
                return body + f"&{pair}".encode()
            case XmlForm() as auth:
                for name, value in _read_secret(auth.read).items():
                    place = quote_plus(f"{{{name}}}").encode()
                    filled = quote_plus(escape(value, {'"': "&quot;"})).encode()
                    # The document's root comes first: what a person is named has no such place.
                    body = body.replace(place, filled, 1)
                return body
        return body


class Token:
    """What the destination wants in Authorization. An OAuth token is kept until shortly before
    its end, in memory alone; one thread at a time asks for a new one."""

    def __init__(self, destination: Web, client: httpx.Client) -> None:
        self._destination = destination
        self._client = client
        self._lock = threading.Lock()
        self._value = ""
        self._until = 0.0

    @property
    def renewable(self) -> bool:
        return isinstance(self._destination.auth, ClientCredentials)

    def forget(self) -> None:
        with self._lock:
            self._value = ""

    def header(self) -> str:
        match self._destination.auth:
            case None | ClientSecret() | XmlForm():
                return ""
            case Bearer(file):
                return f"Bearer {_read_secret(lambda: file.read_text(encoding='utf-8').strip())}"
            case ClientCredentials() as credentials:
                with self._lock:
                    if not self._value or time.monotonic() >= self._until:
                        self._value, seconds = self._ask(credentials)
                        self._until = time.monotonic() + max(seconds - EARLY, 0.0)
                    return f"Bearer {self._value}"

    def _ask(self, credentials: ClientCredentials) -> tuple[str, float]:
        client_id, client_secret = _read_secret(credentials.read)
        request = self._client.build_request(
            "POST",
            self._destination.base + credentials.token_path,
            data={"grant_type": "client_credentials"},
        )
        flow = httpx.BasicAuth(client_id, client_secret).auth_flow(request)
        try:
            status, headers, body = _send(self._client, next(flow))
            if status != 200:
                wait = _wait(headers)
                raise NoToken(Failed(f"no token: answered {status}", arrived=False, wait=wait))
            answer = httpx.Response(200, content=body).json()
            return str(answer["access_token"]), float(answer.get("expires_in", 0))
        except httpx.HTTPError as error:
            raise NoToken(Failed(f"no token: {_name(error)}", arrived=False)) from error
        except (TooLarge, ValueError, KeyError, TypeError, AttributeError) as error:
            raise NoToken(Failed("no token: the answer is not one", arrived=False)) from error


def _is_header(header: tuple[object, object]) -> bool:
    name, value = header
    return (
        isinstance(name, str)
        and isinstance(value, str)
        and HEADER_NAME.fullmatch(name) is not None
        and HEADER_VALUE.fullmatch(value) is not None
    )


def _send(client: httpx.Client, request: httpx.Request) -> tuple[int, dict[str, str], bytes]:
    response = client.send(request, stream=True)
    try:
        body = b""
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_ANSWER:
                raise TooLarge
    finally:
        response.close()
    headers = {k.lower(): v for k, v in response.headers.items() if k.lower() not in NOT_KEPT}
    return response.status_code, headers, body


def _read_secret(read: Callable[[], T]) -> T:
    try:
        return read()
    except (OSError, ValueError, KeyError, TypeError) as error:
        failed = Failed(f"the credentials cannot be read: {type(error).__name__}", arrived=False)
        raise NoToken(failed) from error


def _wait(headers: Mapping[str, str]) -> float:
    """Seconds that Retry-After asks for, in whole seconds; a date is not worth a clock here."""
    asked = headers.get("retry-after", "").strip()
    return min(float(asked), LONGEST_WAIT) if asked.isdigit() else 0.0


def _name(error: httpx.HTTPError) -> str:
    return f"{type(error).__name__}: {error}"[:200]
