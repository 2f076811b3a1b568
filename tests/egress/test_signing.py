"""Mail leaves signed, so that nobody adds to it or alters it on the way."""

import base64
import uuid
from datetime import UTC, datetime
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from creditable.disclosure.messages import Mail
from creditable.egress.channels.smtp import Smtp
from creditable.egress.destinations import Dkim, MailServer, Misconfigured, read
from creditable.egress.outbox import Message
from creditable.egress.outcome import Failed

MAIL = Mail(
    sender="Lone Star <office@provider.example>",
    to="ana@post.example",
    subject="New courses",
    text="Hello.\n",
    html="<p>Hello.</p>",
    message_id="<1@provider.example>",
    reply_to="u+x@replies.provider.example",
    one_click="https://provider.example/choices/t/stop/",
)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def key_file(key: rsa.RSAPrivateKey, tmp_path: Path) -> Path:
    path = tmp_path / "dkim.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    path.chmod(0o600)
    return path


def carried(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """What would go over the line to the mail server."""
    seen: list[bytes] = []

    class Line:
        def close(self) -> None: ...

    def submit(line: object, sender: str, recipient: str, content: bytes) -> Failed:
        seen.append(content)
        return Failed("seen", arrived=False)

    monkeypatch.setattr("creditable.egress.channels.smtp._submit", submit)
    monkeypatch.setattr(Smtp, "_connect", lambda self: Line())
    head, body = MAIL.packed()
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    server = MailServer(
        "smtp", "localhost", 25, "none", "", None, Dkim("provider.example", "c1", key_file)
    )
    message = Message(uuid.uuid4(), uuid.uuid4(), "smtp", "smtp", head, body, now, now, 1, False)
    Smtp(server).carry(message)
    return seen[0] if seen else b""


def verifies(raw: bytes, key: rsa.RSAPrivateKey) -> bool:
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    text = b"v=DKIM1; k=rsa; p=" + base64.b64encode(spki)
    names = {b"c1._domainkey.provider.example.": text}
    return bool(dkim.verify(raw, dnsfunc=lambda name, timeout=5: names.get(name)))


def test_the_signature_holds_and_covers_what_refuses_in_one_click(
    key: rsa.RSAPrivateKey, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = carried(key_file, monkeypatch)
    assert verifies(raw, key)
    assert b"\r\nList-Unsubscribe: <https://provider.example/choices/t/stop/>\r\n" in raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert b"\r\nReply-To: u+x@replies.provider.example\r\n" in raw
    assert b"Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n" in raw


@pytest.mark.parametrize(
    "line",
    [
        b"From: mallory@evil.example",
        b"Reply-To: mallory@evil.example",
        b"Subject: You won",
        b"To: bob@post.example",
        b"Date: Mon, 23 Nov 2026 12:00:00 +0000",
        b"List-Unsubscribe: <https://evil.example/>",
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        b"Message-ID: <2@evil.example>",
    ],
)
def test_none_of_its_headers_can_be_added_once_more(
    line: bytes, key: rsa.RSAPrivateKey, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = carried(key_file, monkeypatch)
    assert not verifies(line + b"\r\n" + raw, key)
    assert not verifies(raw.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n\r\n", 1), key)


def test_nothing_can_be_added_to_its_text(
    key: rsa.RSAPrivateKey, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = carried(key_file, monkeypatch)
    assert not verifies(raw + b"Buy now.\r\n", key)


def test_without_its_key_a_mail_waits(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key_file.write_text("no key")
    assert carried(key_file, monkeypatch) == b""


def entry(**words: str) -> dict[str, dict[str, str]]:
    return {"smtp": {"channel": "smtp", "host": "localhost", **words}}


def test_a_key_that_others_may_read_is_refused(key_file: Path) -> None:
    words = {"dkim_domain": "a.example", "dkim_selector": "c1", "dkim_key_file": str(key_file)}
    server = read(entry(**words))["smtp"]
    assert isinstance(server, MailServer)
    assert server.dkim == Dkim("a.example", "c1", key_file)
    key_file.chmod(0o640)
    with pytest.raises(Misconfigured, match="chmod 600"):
        read(entry(**words))


def test_half_a_setting_is_refused(key_file: Path) -> None:
    with pytest.raises(Misconfigured, match="dkim_selector"):
        read(entry(dkim_domain="a.example", dkim_key_file=str(key_file)))
    with pytest.raises(Misconfigured, match="no key"):
        read(entry(dkim_domain="a", dkim_selector="b", dkim_key_file="/nowhere/key"))
