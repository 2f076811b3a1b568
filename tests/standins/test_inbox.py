"""The mail stand-in takes mail over real SMTP, shows it, and fails as told."""

import json
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope

from creditable.standins.authenticator import code
from tests.standins.running import Running, free_port


@dataclass
class Post:
    """The inbox, and a way to send to it."""

    inbox: Running
    smtp_port: int

    def send(self, message: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=20) as smtp:
            smtp.send_message(message)

    def mails(self, to: str = "") -> list[dict[str, object]]:
        answer = self.inbox.call("GET", f"/api/mail?to={to}").json
        assert isinstance(answer, list)
        return answer


def mail(
    to: str = "ada@people.example", message_id: str = "<one@bright.example>", html: str = ""
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Bright Wire <hello@bright.example>"
    message["To"] = to
    message["Subject"] = "Your code is 123456 — até já"
    message["Message-ID"] = message_id
    message.set_content("Open https://shop.example/orders/?a=1&b=2.\nThank you.\n")
    if html:
        message.add_alternative(html, subtype="html")
    return message


@pytest.fixture
def post(launch: Callable[..., Running], tmp_path: Path) -> Post:
    smtp_port = free_port()
    file = tmp_path / "authenticator.json"
    return Post(
        launch("inbox", "--smtp-port", str(smtp_port), "--authenticator", str(file)), smtp_port
    )


def test_mail_is_listed_newest_first_and_by_recipient(post: Post) -> None:
    post.send(mail())
    post.send(mail("bob@people.example", "<two@bright.example>"))
    assert [m["message_id"] for m in post.mails()] == [
        "<two@bright.example>",
        "<one@bright.example>",
    ]
    (only,) = post.mails("ADA@people.example")
    assert only["subject"] == "Your code is 123456 — até já"
    assert only["to"] == ["ada@people.example"]
    assert "https://shop.example/orders/?a=1&b=2" in str(only["text"])
    page = post.inbox.call("GET", "/?to=ada@people.example").body.decode()
    assert "até já" in page
    assert 'href="/mail/' in page
    assert "to bob@people.example" not in page


def test_the_same_message_twice_is_one_mail_delivered_twice(post: Post) -> None:
    post.send(mail())
    post.send(mail())
    (only,) = post.mails()
    assert only["deliveries"] == 2
    assert b"delivered 2 times" in post.inbox.call("GET", "/").body


def test_links_in_the_text_can_be_followed(post: Post) -> None:
    post.send(mail())
    page = post.inbox.call("GET", f"/mail/{post.mails()[0]['id']}/").body.decode()
    assert '<a href="https://shop.example/orders/?a=1&amp;b=2">' in page


def test_html_is_shown_without_scripts_or_anything_from_elsewhere(post: Post) -> None:
    post.send(mail(html='<p style="color:red">Hi</p><script>alert(1)</script>"><img src=x>'))
    reply = post.inbox.call("GET", f"/mail/{post.mails()[0]['id']}/")
    page = reply.body.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_mail_outlives_a_kill(post: Post) -> None:
    post.send(mail())
    post.inbox.kill()
    post.inbox.start()
    assert len(post.mails()) == 1


def test_mail_can_be_refused_for_now_and_for_good(post: Post) -> None:
    for fault, status in (("smtp.refuse_temporary", 451), ("smtp.refuse_permanent", 550)):
        post.inbox.arm(fault)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            post.send(mail())
        assert refused.value.smtp_code == status
    assert post.mails() == []
    post.send(mail())
    assert len(post.mails()) == 1


def test_the_connection_can_break_after_the_mail_was_taken(post: Post) -> None:
    post.inbox.arm("smtp.drop")
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        post.send(mail())
    assert [m["deliveries"] for m in post.mails()] == [1]
    post.send(mail())
    assert [m["deliveries"] for m in post.mails()] == [2]


def test_odd_mail_breaks_nothing(post: Post) -> None:
    with smtplib.SMTP("127.0.0.1", post.smtp_port, timeout=20) as smtp:
        smtp.sendmail("a@b.example", ["c@d.example"], b"\xff\xfe no headers at all")
        head = b"Content-Type: text/plain; charset=nonsense\r\nSubject: =?x?b?!?=\r\n\r\n\xff"
        smtp.sendmail("a@b.example", ["c@d.example"], head)
    first, second = post.mails("c@d.example")
    for entry in (first, second):
        assert post.inbox.call("GET", f"/mail/{entry['id']}/").status == 200
        assert post.inbox.call("GET", f"/mail/{entry['id']}/source").status == 200
    assert post.inbox.call("GET", "/mail/nothing/").status == 404


def test_codes_are_those_of_rfc_6238() -> None:
    # RFC 6238, appendix B, SHA-1, the last six of its eight digits
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for at, expected in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert code(secret, at) == expected


def test_the_authenticator_shows_whom_the_file_names(post: Post, tmp_path: Path) -> None:
    assert b"Nobody has a second factor yet" in post.inbox.call("GET", "/authenticator/").body
    people = [
        {"name": "Riley Registrar", "secret": "JBSWY3DPEHPK3PXP"},
        {"name": "Broken", "secret": "1!"},
    ]
    (tmp_path / "authenticator.json").write_text(json.dumps(people))
    shown = post.inbox.call("GET", "/api/authenticator").json
    assert [entry["name"] for entry in shown] == ["Riley Registrar", "Broken"]
    assert len(shown[0]["code"]) == 6
    assert 1 <= shown[0]["seconds_left"] <= 30
    assert b"Riley Registrar" in post.inbox.call("GET", "/authenticator/").body


def test_an_answer_goes_where_the_mail_wants_it_as_a_mail_server_hands_it_over(
    launch: Callable[..., Running],
) -> None:
    taken: list[Envelope] = []

    class Takes:
        async def handle_DATA(self, *given: object) -> str:
            envelope = given[-1]
            assert isinstance(envelope, Envelope)
            taken.append(envelope)
            return "250 Kept"

    provider = Controller(Takes(), hostname="127.0.0.1", port=free_port())
    provider.factory = lambda: LMTP(Takes(), hostname="provider.example")  # type: ignore[method-assign]
    provider.start()
    try:
        smtp_port = free_port()
        words = ("--smtp-port", str(smtp_port), "--answers-port", str(provider.port))
        post = Post(launch("inbox", *words), smtp_port)
        letter = mail()
        letter["Reply-To"] = "u+token@replies.bright.example"
        post.send(letter)
        address = f"/mail/{post.mails()[0]['id']}/"
        assert b"Send the answer" in post.inbox.call("GET", address).body
        assert post.inbox.call("POST", f"{address}answer", body=b"text=unsubscribe").status == 200
    finally:
        provider.stop()
    (one,) = taken
    assert (one.mail_from, one.rcpt_tos) == (
        "ada@people.example",
        ["u+token@replies.bright.example"],
    )
    content = one.content
    assert isinstance(content, bytes)
    assert b"In-Reply-To: <one@bright.example>" in content
    assert b"unsubscribe" in content
    assert post.inbox.call("POST", f"{address}answer", body=b"text=x").status == 502
