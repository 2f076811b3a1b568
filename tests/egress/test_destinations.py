"""Nonsense in the settings stops the sender with a sentence; an empty entry is simply absent."""

from pathlib import Path
from typing import Any

import pytest

from creditable.egress.destinations import (
    Bearer,
    ClientCredentials,
    ClientSecret,
    Folder,
    MailServer,
    Misconfigured,
    Web,
    read,
)

GOOD: dict[str, dict[str, Any]] = {
    "smtp": {"channel": "smtp", "host": "localhost", "port": 2525},
    "paypal": {
        "channel": "https",
        "base_url": "https://api-m.paypal.com/",
        "auth": "oauth2",
        "token_path": "/v1/oauth2/token",
        "credentials_file": "/secrets/paypal.json",
    },
    "board": {
        "channel": "https",
        "base_url": "http://127.0.0.1:8022",
        "auth": "bearer",
        "credentials_file": "/secrets/board",
    },
    "google": {
        "channel": "https",
        "base_url": "https://oauth2.googleapis.com",
        "auth": "client_secret_post",
        "credentials_file": "/secrets/google.json",
    },
    "files": {"channel": "file_drop", "folder": "/srv/files"},
}


def test_each_channel_is_read() -> None:
    found = read(GOOD)
    assert found["smtp"] == MailServer("smtp", "localhost", 2525, "none", "", None)
    credentials = ClientCredentials("/v1/oauth2/token", Path("/secrets/paypal.json"))
    assert found["paypal"] == Web("paypal", "https://api-m.paypal.com", credentials, frozenset())
    board = Bearer(Path("/secrets/board"))
    assert found["board"] == Web("board", "http://127.0.0.1:8022", board, frozenset())
    secret = ClientSecret(Path("/secrets/google.json"))
    assert found["google"] == Web("google", "https://oauth2.googleapis.com", secret, frozenset())
    assert found["files"] == Folder("files", Path("/srv/files"))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("board", {"base_url": ""}),
        ("board", {"credentials_file": ""}),
        ("smtp", {"host": ""}),
        ("files", {"folder": ""}),
    ],
)
def test_what_is_left_empty_is_absent(name: str, change: dict[str, str]) -> None:
    assert name not in read({name: {**GOOD[name], **change}})


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("paypal", {"base_url": "http://api-m.paypal.com"}, "use https://"),
        ("paypal", {"base_url": "api-m.paypal.com"}, "is not an address"),
        ("paypal", {"base_url": "https://user@api-m.paypal.com"}, "is not an address"),
        (
            "paypal",
            {"auth": "basic"},
            "auth is none, bearer, oauth2, client_secret_post or xml_form",
        ),
        ("paypal", {"channel": "fax"}, "its channel is one of"),
        ("smtp", {"security": "ssl"}, "security is none, starttls or tls"),
        ("smtp", {"user": "office"}, "needs a password_file"),
        (
            "smtp",
            {"user": "office", "password_file": "/p", "host": "mail.example"},
            "needs starttls or tls",
        ),
    ],
)
def test_nonsense_is_refused_by_name(name: str, change: dict[str, str], words: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read({name: {**GOOD[name], **change}})
    assert words in str(refused.value)
    assert name in str(refused.value)
