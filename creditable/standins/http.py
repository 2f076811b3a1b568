"""A small HTTP server for the stand-ins: routes, recorded requests, faults, one page style."""

import json
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from creditable.standins.faults import Faults, Kind, UnknownFault
from creditable.standins.records import Records

MAX_BODY = 2_000_000
STYLESHEET = Path(__file__).with_name("standin.css")
SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization"}
KEPT_OUT = "(kept out)"


class BadRequest(Exception):
    """What came cannot be read. The text says why."""


class Dropped(Exception):
    """Close the connection without an answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """What came in. `parameters` are the named parts of the path; header names are in lower
    case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    parameters: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise BadRequest(f"The body is not JSON: {error}.") from error

    def form(self) -> dict[str, str]:
        try:
            return dict(parse_qsl(self.body.decode(), keep_blank_values=True))
        except ValueError as error:
            raise BadRequest("The body is not a form.") from error

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(slots=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def as_json(value: object, *, status: int = 200, headers: Mapping[str, str] = {}) -> Answer:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status, body, {"Content-Type": "application/json", **headers})


def as_text(text: str, *, status: int = 200, content_type: str = "text/plain") -> Answer:
    return Answer(status, text.encode(), {"Content-Type": f"{content_type}; charset=utf-8"})


def see_other(address: str) -> Answer:
    return Answer(303, b"", {"Location": address})


Handler = Callable[[Request], Answer]


class Standin:
    """One stand-in: its routes, what it remembers, its faults. Requests whose path starts with
    one of `recorded` are kept for tests and for the control page, without authorization and
    without the answers to the paths in `secret`."""

    def __init__(
        self,
        name: str,
        records: Records,
        *,
        faults: Mapping[str, Kind],
        recorded: tuple[str, ...] = (),
        secret: tuple[str, ...] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.records = records
        self.faults = Faults(records, faults)
        self.clock = clock
        self._recorded = recorded
        self._secret = secret
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []
        self.route("GET", "/livez", lambda _: as_text("ok\n"))
        self.route("GET", "/standin.css", _stylesheet)
        self.route("GET", "/standin/recorded", self._show_recorded)
        self.route("GET", "/standin/faults", self._show_faults)
        self.route("POST", "/standin/faults", self._arm)
        self.route("DELETE", "/standin/faults", self._clear_faults)

    def route(self, method: str, path: str, handler: Handler) -> None:
        """`path` may name parts in braces: "/v2/checkout/orders/{id}"."""
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
        self._routes.append((method, re.compile(pattern), handler))

    def answer(self, request: Request) -> Answer:
        recorded = request.path.startswith(self._recorded) if self._recorded else False
        if not recorded:
            return self._dispatch(request)
        entry = self._record(request)
        answer = self._dispatch(request)
        entry["answer"] = {
            "status": answer.status,
            "headers": dict(answer.headers),
            "body": KEPT_OUT
            if request.path in self._secret
            else answer.body.decode(errors="replace"),
        }
        self.records.put("request", entry["id"], entry)
        return answer

    def recorded(self) -> list[dict[str, Any]]:
        """Oldest first. `answer` is null where none was given."""
        return self.records.all("request")

    def _dispatch(self, request: Request) -> Answer:
        allowed: list[str] = []
        method = "GET" if request.method == "HEAD" else request.method
        for route_method, pattern, handler in self._routes:
            match = pattern.fullmatch(request.path)
            if match is None:
                continue
            if route_method != method:
                allowed.append(route_method)
                continue
            parameters = {name: unquote(value) for name, value in match.groupdict().items()}
            try:
                return handler(_with(request, parameters))
            except BadRequest as error:
                return as_json({"error": str(error)}, status=400)
        if allowed:
            answer = as_json({"error": "This method is not for this address."}, status=405)
            answer.headers["Allow"] = ", ".join(sorted(set(allowed)))
            return answer
        return as_json({"error": "There is nothing at this address."}, status=404)

    def _record(self, request: Request) -> dict[str, Any]:
        with self.records.transaction():
            number = self.records.count("request") + 1
            entry: dict[str, Any] = {
                "id": str(number),
                "at": self.clock(),
                "method": request.method,
                "path": request.path,
                "query": dict(request.query),
                "headers": {
                    name: KEPT_OUT if name in SECRET_HEADERS else value
                    for name, value in request.headers.items()
                },
                "body": request.body.decode(errors="replace"),
                "answer": None,
            }
            self.records.put("request", entry["id"], entry)
        return entry

    def _show_recorded(self, request: Request) -> Answer:
        return as_json(self.recorded())

    def _show_faults(self, request: Request) -> Answer:
        kinds = {name: kind.label for name, kind in self.faults.kinds.items()}
        return as_json({"known": kinds, "armed": self.faults.armed()})

    def _arm(self, request: Request) -> Answer:
        from_page = request.content_type == "application/x-www-form-urlencoded"
        asked: Any = request.form() if from_page else request.json()
        if from_page and asked.get("clear"):
            self.faults.clear()
            return see_other("/standin/")
        try:
            self.faults.arm(
                str(asked["fault"]),
                seconds=float(asked.get("seconds") or 0),
                times=int(asked["times"]) if str(asked.get("times", "")) else 1,
            )
        except UnknownFault as error:
            return as_json({"error": str(error)}, status=400)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadRequest('Send {"fault": name, "seconds": number, "times": number}.') from error
        return see_other("/standin/") if from_page else as_json(self.faults.armed(), status=201)

    def _clear_faults(self, request: Request) -> Answer:
        self.faults.clear()
        return as_json([])


def server(standin: Standin, *, host: str, port: int) -> ThreadingHTTPServer:
    """Listens at once; port 0 takes a free one. The caller serves and shuts down. A request that
    makes the stand-in fail is printed, and its connection closed."""
    handler = type("Handler", (_Handler,), {"standin": standin})
    return _Server((host, port), handler)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    standin: Standin
    protocol_version = "HTTP/1.1"
    server_version = "creditable-standin"
    sys_version = ""
    timeout = 60

    def _serve(self) -> None:
        try:
            request = self._read()
            answer = self.standin.answer(request) if isinstance(request, Request) else request
        except Dropped:
            self.close_connection = True
            return
        self.send_response(answer.status)
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
            "Content-Length": str(len(answer.body)),
            **answer.headers,
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def _read(self) -> Request | Answer:
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = headers.get("content-length", "0")
        if not length.isdigit() or "transfer-encoding" in headers:
            self.close_connection = True
            return as_text("Send a Content-Length.\n", status=HTTPStatus.LENGTH_REQUIRED)
        if int(length) > MAX_BODY:
            self.close_connection = True
            return as_text("The body is too large.\n", status=413)
        body = self.rfile.read(int(length))
        if self.command == "POST" and headers.get("sec-fetch-site") == "cross-site":
            return as_text("Forms are taken from this stand-in's own pages.\n", status=403)
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        return Request(self.command, address.path, query, headers, body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: what came is recorded, and the console belongs to the supervisor."""


def _with(request: Request, parameters: Mapping[str, str]) -> Request:
    return Request(
        request.method, request.path, request.query, request.headers, request.body, parameters
    )


def _stylesheet(request: Request) -> Answer:
    return as_text(STYLESHEET.read_text(encoding="utf-8"), content_type="text/css")
