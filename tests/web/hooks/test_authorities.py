"""An authority's verdicts are believed when it signed them, and each counts once."""

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from time import time
from typing import Any

import pytest
from django.test import Client

from creditable.credit.models import Report
from tests.credit.test_reports import ACCEPTED, REJECTED, board_award, decision
from tests.factories.credit import BOARD, TEXAS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]
SECRET = "a shared secret"
ADDRESS = f"/hooks/authorities/{BOARD}/"


@pytest.fixture(autouse=True)
def shared_secret(settings: Any, tmp_path: Path) -> None:
    path = tmp_path / "board.key"
    path.write_text(f"{SECRET}\n")
    settings.AUTHORITY_HOOK_KEYS = {BOARD: str(path)}


@pytest.fixture
def report(run_jobs: Callable[[], int]) -> Report:
    award = board_award()
    run_jobs()
    return award.reports.select_related("roster").get()


def post(
    client: Client, body: bytes, *, secret: str = SECRET, age: float = 0, **headers: str
) -> int:
    at = str(int(time() - age))
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    sent = {
        "Demo-Board-Event-Id": "1",
        "Demo-Board-Timestamp": at,
        "Demo-Board-Signature": f"v1={digest}",
        **headers,
    }
    return client.post(ADDRESS, body, "application/json", headers=sent).status_code


def accepted(report: Report) -> bytes:
    assert report.roster is not None
    return decision(report.roster, {report.pk: ACCEPTED})


def test_a_signed_verdict_settles_the_line_once(client: Client, report: Report) -> None:
    assert post(client, accepted(report)) == 200
    assert post(client, accepted(report)) == 200
    assert report.roster is not None
    assert post(client, decision(report.roster, {report.pk: REJECTED})) == 200
    report.refresh_from_db()
    assert report.state == "accepted"
    assert report.events.filter(state="accepted").count() == 1


def test_forged_altered_and_old_notices_change_nothing(client: Client, report: Report) -> None:
    body = accepted(report)
    assert post(client, body, secret="another") == 400
    assert post(client, body, age=3600) == 400
    assert post(client, body, **{"Demo-Board-Signature": "v1="}) == 400
    assert post(client, body, **{"Demo-Board-Signature": ""}) == 400
    assert client.post(ADDRESS, body, "application/json").status_code == 400
    report.refresh_from_db()
    assert report.state == "queued"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        json.dumps({"receipt_id": "R", "roster_id": "R", "lines": []}).encode(),
        json.dumps({"receipt_id": "R", "roster_id": "R", "lines": [{"verdict": "maybe"}]}).encode(),
        b"[" * 5000,
        json.dumps({"receipt_id": "\0", "roster_id": "\0", "lines": []}).encode(),
    ],
)
def test_what_is_signed_but_senseless_is_refused_with_a_reason(client: Client, body: bytes) -> None:
    assert post(client, body) == 422


def test_authorities_without_a_machine_have_no_hook(client: Client) -> None:
    for authority in (TEXAS, "nobody", "%00"):
        answer = client.post(f"/hooks/authorities/{authority}/", b"{}", "application/json")
        assert answer.status_code == 404
    assert client.get(ADDRESS).status_code == 405


def test_without_a_shared_secret_nothing_is_believed(
    client: Client, report: Report, settings: Any
) -> None:
    settings.AUTHORITY_HOOK_KEYS = {}
    assert post(client, accepted(report), secret="") == 400
