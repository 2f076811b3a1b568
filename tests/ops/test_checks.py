"""What a start refuses."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from creditable.lib.actor import Actor
from creditable.ops import checks, clock


def found(*messages: object) -> set[str]:
    return {str(getattr(message, "id", "")) for message in messages}


def installation() -> set[str]:
    return found(*checks.installation(None))


def database() -> set[str]:
    return found(*checks.database(None, databases=["default"]))


def destinations(**changed: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {
        "smtp": {"channel": "smtp", "host": "localhost"},
        "paypal": {"channel": "https", "base_url": "https://api-m.paypal.com"},
        **changed,
    }


@pytest.fixture
def real(settings: Settings, tmp_path: Path) -> Settings:
    """A sound installation."""
    settings.DEMO = False
    settings.BASE_URL = "https://ce.example.com"
    settings.DATA = tmp_path
    settings.EGRESS_DESTINATIONS = destinations()
    settings.AUTHORITY_HOOK_KEYS = {}
    return settings


def test_a_sound_installation_starts(real: Settings) -> None:
    assert installation() == set()


def test_error_pages_with_peoples_data_are_refused(real: Settings) -> None:
    real.DEBUG = True
    assert installation() == {"creditable.E001"}


def test_unencrypted_pages_are_refused_beyond_this_machine(real: Settings) -> None:
    real.BASE_URL = "http://ce.example.com"
    assert installation() == {"creditable.E002"}
    real.BASE_URL = "http://localhost:8000"
    assert installation() == set()


def test_a_stand_in_takes_no_real_payment(real: Settings) -> None:
    real.EGRESS_DESTINATIONS = destinations(paypal={"base_url": "http://127.0.0.1:8002"})
    assert installation() == {"creditable.E003"}


def test_a_demo_reaches_nobody_outside(real: Settings) -> None:
    real.DEMO = True
    assert installation() == {"creditable.E004"}
    real.EGRESS_DESTINATIONS = destinations(paypal={"base_url": "http://localhost:8002"})
    assert installation() == set()


@pytest.mark.parametrize("name", ["keys/django.key", "secrets/creditable_app.password"])
def test_a_secret_that_others_may_read_is_refused(real: Settings, name: str) -> None:
    secret = real.DATA / name
    secret.parent.mkdir()
    secret.touch(mode=0o600)
    assert installation() == set()
    secret.chmod(0o640)
    assert installation() == {"creditable.E005"}


def test_credentials_that_others_may_read_are_refused(real: Settings, tmp_path: Path) -> None:
    credentials = tmp_path / "paypal.json"
    credentials.touch()
    credentials.chmod(0o644)
    real.EGRESS_DESTINATIONS = destinations(paypal={"credentials_file": str(credentials)})
    assert installation() == {"creditable.E005"}


@pytest.mark.django_db
def test_a_database_that_forgets_takes_no_money() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW fsync")
        assert cursor.fetchone() == ("off",), "tests run on a throw-away cluster"
    assert "creditable.E006" in database()


@pytest.mark.django_db
def test_a_database_whose_clock_was_moved_is_a_demos(real: Settings) -> None:
    real.DEMO = True
    clock.advance(span=timedelta(hours=1), by=Actor.system("tests"))
    assert "creditable.E008" not in database()
    real.DEMO = False
    assert "creditable.E008" in database()


@pytest.mark.django_db
def test_our_logins_are_ordinary_ones() -> None:
    assert "creditable.E007" not in database()
