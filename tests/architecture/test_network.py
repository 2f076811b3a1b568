"""Only the sender talks to the outside; stand-ins and the launcher talk to this machine."""

from collections.abc import Iterable

from tests.architecture.source import Module, imported, inside, modules

TALKS = (
    "socket", "ssl", "http.client", "http.server", "urllib.request", "smtplib", "imaplib",
    "poplib", "ftplib", "telnetlib", "xmlrpc", "socketserver", "httpx", "httpcore", "requests",
    "aiohttp", "aiosmtpd", "asyncssh", "paramiko", "urllib3", "websockets",
    "django.core.mail.backends",
)  # fmt: skip
MAY = ("creditable.egress", "creditable.standins", "creditable.ops")


def talkers(found: Iterable[Module]) -> list[str]:
    return [
        f"{module.name} imports {name}"
        for module in found
        if not inside(module.name, MAY)
        for name in imported(module)
        if inside(name, TALKS)
    ]


def test_nothing_but_the_sender_can_reach_the_network() -> None:
    found = modules()
    assert len(found) > 80
    assert talkers(found) == []


def test_a_planted_call_is_seen() -> None:
    for line in (
        "import httpx",
        "from urllib import request",
        "from urllib.request import urlopen",
        "def f():\n    import smtplib",
        "import http.client as c",
    ):
        assert talkers([Module.of("creditable.store.checkout", line)]), line
