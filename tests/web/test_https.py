"""In production everything travels encrypted, and browsers are told to insist on it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.promises import promise

ASK = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
plain = Client().get("/livez", secure=False, HTTP_HOST="learn.example.com")
safe = Client().get("/livez", secure=True, HTTP_HOST="learn.example.com")
other = Client().get("/livez", secure=True, HTTP_HOST="evil.test")
print(json.dumps({
    "plain": [plain.status_code, plain["Location"]],
    "safe": [safe.status_code, dict(safe.headers)],
    "other": other.status_code,
    "cookies": [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE,
                settings.SESSION_COOKIE_HTTPONLY, settings.SESSION_COOKIE_NAME,
                settings.BASKET_COOKIE_NAME],
    "debug": settings.DEBUG,
}))
"""


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """A production installation under an https address, asked for a page in three ways."""
    environment = {
        **os.environ,
        "CREDITABLE_DEMO": "0",
        "CREDITABLE_BASE_URL": "https://learn.example.com",
        "CREDITABLE_HOSTS": "learn.example.com",
        "CREDITABLE_DATA": str(tmp_path_factory.mktemp("data")),
        "DJANGO_SETTINGS_MODULE": "creditable.settings",
    }
    asked = subprocess.run(
        [sys.executable, "-c", ASK],
        env=environment,
        cwd=Path(__file__).parent.parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    told = json.loads(asked.stdout.splitlines()[-1])
    assert isinstance(told, dict)
    return told


@promise("A25", "B13")
def test_a_plain_request_is_led_to_the_encrypted_page(production: dict[str, object]) -> None:
    assert production["plain"] == [301, "https://learn.example.com/livez"]


@promise("A25", "B13")
def test_browsers_are_told_to_come_encrypted_for_two_years(production: dict[str, object]) -> None:
    status, headers = production["safe"]  # type: ignore[misc]
    assert status == 200
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


@promise("A25")
def test_the_session_travels_encrypted_only(production: dict[str, object]) -> None:
    assert production["cookies"] == [True, True, True, "__Host-session", "__Host-basket"]
    assert production["debug"] is False


def test_a_request_for_another_host_is_refused(production: dict[str, object]) -> None:
    assert production["other"] == 400
