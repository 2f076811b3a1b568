"""The channels against the stand-ins: what each answer, silence and broken line is taken for."""

import json
import threading
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from creditable.egress.channels import Channel, open_channel
from creditable.egress.destinations import (
    Auth,
    Bearer,
    ClientCredentials,
    ClientSecret,
    Folder,
    MailServer,
    Web,
    XmlForm,
)
from creditable.egress.outbox import Message
from creditable.egress.outcome import Delivered, Failed, Refused, Unsendable
from tests.standins.running import Running, free_port, order


def message(head: Mapping[str, Any], body: bytes = b"") -> Message:
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    return Message(uuid.uuid4(), uuid.uuid4(), "c", "d", head, body, now, now, 1, False)


def call(method: str, path: str, body: object = None, **headers: str) -> Message:
    content = b"" if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if content:
        named["Content-Type"] = "application/json"
    return message({"method": method, "path": path, "headers": named}, content)


def create(request_id: str = "attempt-1") -> Message:
    return call("POST", "/v2/checkout/orders", order(), PayPal_Request_Id=request_id)


class TestPayPal:
    @pytest.fixture
    def paypal(self, launch: Callable[..., Running]) -> Running:
        return launch("paypal")

    @pytest.fixture
    def channel(self, paypal: Running, tmp_path: Path) -> Iterator[Any]:
        file = tmp_path / "paypal.json"
        file.write_text('{"client_id": "standin-client", "client_secret": "standin-secret"}')
        credentials = ClientCredentials("/v1/oauth2/token", file)
        base = f"http://127.0.0.1:{paypal.port}"
        channel = open_channel(Web("paypal", base, credentials, frozenset()))
        yield channel
        channel.close()

    def test_one_token_serves_many_calls(self, paypal: Running, channel: Channel) -> None:
        for number in range(3):
            outcome = channel.carry(create(f"attempt-{number}"))
            assert isinstance(outcome, Delivered)
            assert outcome.status == 201
            assert json.loads(outcome.body)["status"] == "PAYER_ACTION_REQUIRED"
        paths = [entry["path"] for entry in paypal.recorded()]
        assert paths == ["/v1/oauth2/token", *["/v2/checkout/orders"] * 3]

    def test_a_revoked_token_is_replaced_within_the_attempt(
        self, paypal: Running, channel: Channel
    ) -> None:
        channel.carry(create())
        paypal.arm("token.revoked")
        assert isinstance(channel.carry(create()), Delivered)

    def test_wrong_credentials_are_our_fault_and_nothing_left(
        self, channel: Channel, tmp_path: Path, paypal: Running
    ) -> None:
        (tmp_path / "paypal.json").write_text('{"client_id": "x", "client_secret": "y"}')
        outcome = channel.carry(create())
        assert isinstance(outcome, Failed)
        assert not outcome.arrived
        (tmp_path / "paypal.json").write_text("no json")
        assert isinstance(channel.carry(create()), Failed)
        assert [e["path"] for e in paypal.recorded()] == ["/v1/oauth2/token"]

    def test_a_refusal_keeps_its_reason(self, channel: Channel) -> None:
        order_id = json.loads(channel.carry(create()).body)["id"]
        outcome = channel.carry(call("POST", f"/v2/checkout/orders/{order_id}/capture", {}))
        assert isinstance(outcome, Refused)
        assert outcome.status == 422
        assert json.loads(outcome.body)["details"][0]["issue"] == "ORDER_NOT_APPROVED"

    def test_a_500_and_a_broken_line_may_have_arrived(
        self, paypal: Running, channel: Channel
    ) -> None:
        for fault in ("create.500", "create.drop"):
            paypal.arm(fault)
            outcome = channel.carry(create())
            assert isinstance(outcome, Failed)
            assert outcome.arrived, fault
        assert isinstance(channel.carry(create()), Delivered)


class TestHttps:
    @pytest.fixture
    def server(self) -> Iterator[Any]:
        class Handler(BaseHTTPRequestHandler):
            answer: tuple[int, dict[str, str], bytes] = (200, {}, b"")
            seen: list[tuple[str, str, dict[str, str], bytes]] = []

            def reply(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = dict(self.headers.items())
                type(self).seen.append((self.command, self.path, headers, body))
                status, headers, body = type(self).answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = reply  # noqa: N815

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        Handler.port = httpd.server_address[1]  # type: ignore[attr-defined]
        yield Handler
        httpd.shutdown()
        httpd.server_close()

    @pytest.fixture
    def reach(self) -> Iterator[Callable[..., Channel]]:
        opened: list[Channel] = []

        def reach(port: int, auth: Auth | None = None, busy: Collection[int] = ()) -> Channel:
            web = Web("there", f"http://127.0.0.1:{port}", auth, frozenset(busy))
            opened.append(open_channel(web))
            return opened[-1]

        yield reach
        for channel in opened:
            channel.close()

    def test_a_key_is_sent_as_bearer_and_read_anew(
        self, reach: Callable[..., Channel], server: Any, tmp_path: Path
    ) -> None:
        file = tmp_path / "key"
        channel = reach(server.port, auth=Bearer(file))
        assert isinstance(channel.carry(call("GET", "/")), Failed)
        for key in ("one", "two"):
            file.write_text(f"{key}\n")
            channel.carry(call("GET", "/"))
            assert server.seen[-1][2]["Authorization"] == f"Bearer {key}"

    def test_a_clients_secret_is_added_to_each_form_and_to_nothing_else(
        self, reach: Callable[..., Channel], server: Any, tmp_path: Path
    ) -> None:
        file = tmp_path / "client"
        file.write_text('{"client_id": "we & co", "client_secret": "s=1"}')
        channel = reach(server.port, auth=ClientSecret(file))
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        channel.carry(message({"method": "POST", "path": "/token", "headers": form}, b"code=7"))
        channel.carry(call("GET", "/keys"))
        posted, asked = server.seen[-2:]
        assert parse_qs(posted[-1].decode()) == {
            "code": ["7"],
            "client_id": ["we & co"],
            "client_secret": ["s=1"],
        }
        assert b"s=1" not in asked[-1]
        assert "Authorization" not in posted[2]

    def test_secrets_are_put_into_the_document_of_a_form_once(
        self, reach: Callable[..., Channel], server: Any, tmp_path: Path
    ) -> None:
        file = tmp_path / "broker.json"
        file.write_text('{"id_parent_provider": "77", "key": "a&\\"b"}')
        channel = reach(server.port, auth=XmlForm(file))
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        xml = '<r id_parent_provider="{id_parent_provider}" key="{key}">{key}</r>'
        body = urlencode({"InXML": xml}).encode()
        channel.carry(message({"method": "POST", "path": "/ws", "headers": form}, body))
        (posted,) = parse_qs(server.seen[-1][-1].decode())["InXML"]
        assert posted == '<r id_parent_provider="77" key="a&amp;&quot;b">{key}</r>'
        assert "Authorization" not in server.seen[-1][2]

    @pytest.mark.parametrize(
        ("status", "kind", "arrived"),
        [
            (200, Delivered, None),
            (202, Delivered, None),
            (302, Refused, None),
            (400, Refused, None),
            (401, Refused, None),
            (404, Refused, None),
            (409, Refused, None),
            (408, Failed, False),
            (425, Failed, False),
            (429, Failed, False),
            (500, Failed, True),
            (503, Failed, True),
        ],
    )
    def test_each_status_has_one_meaning(
        self,
        reach: Callable[..., Channel],
        server: Any,
        status: int,
        kind: type,
        arrived: bool | None,
    ) -> None:
        server.answer = (status, {"Location": "http://127.0.0.1:1/"}, b"said")
        outcome = reach(server.port).carry(call("POST", "/x", {}))
        assert type(outcome) is kind
        assert outcome.status == status
        if isinstance(outcome, Failed):
            assert outcome.arrived is arrived

    def test_a_destination_may_have_further_ways_to_say_not_now(
        self, reach: Callable[..., Channel], server: Any
    ) -> None:
        server.answer = (409, {"Retry-After": "7"}, b"")
        outcome = reach(server.port, busy={409}).carry(call("POST", "/x", {}))
        assert isinstance(outcome, Failed)
        assert outcome.wait == 7

    def test_a_redirect_is_not_followed(self, reach: Callable[..., Channel], server: Any) -> None:
        server.answer = (307, {"Location": f"http://127.0.0.1:{server.port}/elsewhere"}, b"")
        before = len(server.seen)
        reach(server.port).carry(call("POST", "/x", {}))
        assert [path for _, path, *_ in server.seen[before:]] == ["/x"]

    def test_proxies_of_the_environment_are_not_heeded(
        self, reach: Callable[..., Channel], server: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{free_port()}")
        server.answer = (200, {}, b"")
        assert isinstance(reach(server.port).carry(call("GET", "/x")), Delivered)

    def test_an_endless_answer_is_cut(self, reach: Callable[..., Channel], server: Any) -> None:
        server.answer = (200, {}, b"x" * 1_000_001)
        outcome = reach(server.port).carry(call("GET", "/x"))
        assert isinstance(outcome, Failed)
        assert outcome.arrived

    def test_nobody_there_means_nothing_left(self, reach: Callable[..., Channel]) -> None:
        outcome = reach(free_port()).carry(call("GET", "/x"))
        assert isinstance(outcome, Failed)
        assert not outcome.arrived

    @pytest.mark.parametrize(
        "head",
        [
            {},
            {"method": "POST", "path": "/x"},
            {"method": "CONNECT", "path": "/x", "headers": {}},
            {"method": "GET", "path": "x", "headers": {}},
            {"method": "GET", "path": "@elsewhere.example/", "headers": {}},
            {"method": "GET", "path": "/x\r\nHost: elsewhere.example", "headers": {}},
            {"method": "GET", "path": "/x", "headers": {"Host": "elsewhere.example"}},
            {"method": "GET", "path": "/x", "headers": {"authorization": "Bearer stolen"}},
            {"method": "GET", "path": "/x", "headers": {"A": "b\r\nC: d"}},
            {"method": "GET", "path": "/x", "headers": {"A": "ü\ud800"}},
        ],
    )
    def test_what_could_lead_elsewhere_is_not_sent(
        self, reach: Callable[..., Channel], server: Any, head: dict[str, Any]
    ) -> None:
        before = len(server.seen)
        with pytest.raises(Unsendable):
            reach(server.port).carry(message(head))
        assert len(server.seen) == before


CONTENT = (
    b"From: Bright Wire <office@bright.example>\r\nTo: Ada <ada@people.example>\r\n"
    b"Subject: Hello\r\nMessage-ID: <one@bright.example>\r\n\r\nHello.\r\n.\r\nBye.\r\n"
)
HEAD = {"sender": "Bright Wire <office@bright.example>", "to": "Ada <ada@people.example>"}


class TestSmtp:
    @pytest.fixture
    def smtp_port(self) -> int:
        return free_port()

    @pytest.fixture
    def inbox(self, launch: Callable[..., Running], smtp_port: int) -> Running:
        return launch("inbox", "--smtp-port", str(smtp_port))

    @pytest.fixture
    def channel(self, inbox: Running, smtp_port: int) -> Any:
        return open_channel(MailServer("smtp", "127.0.0.1", smtp_port, "none", "", None))

    def mails(self, inbox: Running) -> list[dict[str, Any]]:
        answer = inbox.call("GET", "/api/mail").json
        assert isinstance(answer, list)
        return answer

    def test_mail_arrives_as_it_was_written_with_a_date(
        self, inbox: Running, channel: Channel
    ) -> None:
        outcome = channel.carry(message(HEAD, CONTENT))
        assert isinstance(outcome, Delivered)
        assert outcome.status == 250
        (mail,) = self.mails(inbox)
        assert mail["to"] == ["ada@people.example"]
        assert mail["from"] == "office@bright.example"
        assert mail["text"].splitlines() == ["Hello.", ".", "Bye."]
        assert mail["date"] == "Sun, 22 Nov 2026 12:00:00 +0000"

    def test_a_broken_line_after_the_content_may_have_arrived_and_shows_once(
        self, inbox: Running, channel: Channel
    ) -> None:
        inbox.arm("smtp.drop")
        outcome = channel.carry(message(HEAD, CONTENT))
        assert isinstance(outcome, Failed)
        assert outcome.arrived
        assert isinstance(channel.carry(message(HEAD, CONTENT)), Delivered)
        (mail,) = self.mails(inbox)
        assert mail["deliveries"] == 2

    def test_refusals_for_now_and_for_good(self, inbox: Running, channel: Channel) -> None:
        inbox.arm("smtp.refuse_temporary")
        later = channel.carry(message(HEAD, CONTENT))
        assert isinstance(later, Failed)
        assert (later.status, later.arrived) == (451, False)
        inbox.arm("smtp.refuse_permanent")
        never = channel.carry(message(HEAD, CONTENT))
        assert isinstance(never, Refused)
        assert never.status == 550

    def test_addresses_of_the_world_are_taken(self, inbox: Running, channel: Channel) -> None:
        head = {**HEAD, "to": "josé@correo.example"}
        assert isinstance(channel.carry(message(head, CONTENT)), Delivered)
        assert self.mails(inbox)[0]["to"] == ["josé@correo.example"]

    def test_nobody_there_means_nothing_left(self) -> None:
        channel = open_channel(MailServer("smtp", "127.0.0.1", free_port(), "none", "", None))
        outcome = channel.carry(message(HEAD, CONTENT))
        assert isinstance(outcome, Failed)
        assert not outcome.arrived

    @pytest.mark.parametrize("to", ["", "ada", None, "a@b.example\r\nRCPT TO:<c@d.example>"])
    def test_what_is_no_address_is_not_sent(
        self, channel: Channel, inbox: Running, to: Any
    ) -> None:
        with pytest.raises(Unsendable):
            channel.carry(message({**HEAD, "to": to}, CONTENT))
        assert self.mails(inbox) == []


class TestFileDrop:
    def test_a_file_is_laid_down_whole_and_once(self, tmp_path: Path) -> None:
        folder = tmp_path / "out" / "board"
        channel = open_channel(Folder("board", folder))
        for _ in range(2):
            assert isinstance(channel.carry(message({"filename": "r 1.csv"}, b"a,b\n")), Delivered)
        assert [(file.name, file.read_bytes()) for file in folder.iterdir()] == [
            ("r 1.csv", b"a,b\n")
        ]

    def test_another_file_of_the_same_name_is_never_replaced(self, tmp_path: Path) -> None:
        channel = open_channel(Folder("board", tmp_path))
        channel.carry(message({"filename": "r.csv"}, b"one"))
        assert isinstance(channel.carry(message({"filename": "r.csv"}, b"two")), Refused)
        assert (tmp_path / "r.csv").read_bytes() == b"one"

    @pytest.mark.parametrize("name", ["../r.csv", "/etc/r", ".hidden", "", None, "a/b", "a\0b"])
    def test_a_name_cannot_lead_elsewhere(self, tmp_path: Path, name: Any) -> None:
        with pytest.raises(Unsendable):
            open_channel(Folder("board", tmp_path)).carry(message({"filename": name}, b"x"))
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_cannot_be_used_is_tried_again(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        channel = open_channel(Folder("board", tmp_path / "file" / "below"))
        outcome = channel.carry(message({"filename": "r.csv"}, b"x"))
        assert isinstance(outcome, Failed)
        assert not outcome.arrived
