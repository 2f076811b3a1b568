"""The stand-in for an authority takes each roster once, and says line by line what became of it."""

import hashlib
import hmac
import http.client
from collections.abc import Callable
from typing import Any

import pytest

from tests.standins.running import Hook, Reply, Running, wait_until

KEY = {"Authorization": "Bearer standin-board-key"}


def line(number: str = "J-20417", name: str = "Dana Whitfield", **more: Any) -> dict[str, Any]:
    return {
        "line_id": f"line {number} {name}",
        "course_number": "DSB-EL-1001",
        "completion_date": "2026-11-21",
        "minutes": 120,
        "license_type": "journeyman",
        "license_number": number,
        "name": name,
        **more,
    }


def roster(*lines: dict[str, Any], roster_id: str = "2026-11-A") -> dict[str, Any]:
    return {"provider_number": "DSB-P-104", "roster_id": roster_id, "lines": list(lines)}


@pytest.fixture
def board(launch: Callable[..., Running], hook: Hook) -> Running:
    return launch("authority", "--hook-url", hook.url, "--retry-delay", "0.05")


def send(board: Running, body: object, key: str = "k-1") -> Reply:
    return board.call("POST", "/v1/rosters", body, headers={**KEY, "Idempotency-Key": key})


def verdict(board: Running, receipt_id: str) -> dict[str, Any]:
    reply = board.call("GET", f"/v1/rosters/{receipt_id}", headers=KEY)
    assert reply.status == 200
    answer = reply.json
    assert isinstance(answer, dict)
    return answer


def code(board: Running, *lines: dict[str, Any], key: str = "k-1") -> list[str]:
    receipt = send(board, roster(*lines, roster_id=key), key).json["receipt_id"]
    return [decided["code"] for decided in verdict(board, receipt)["lines"]]


def test_a_good_line_is_accepted_with_a_confirmation(board: Running) -> None:
    taken = send(board, roster(line()))
    assert taken.status == 202
    assert taken.json["received"] == 1
    decided = verdict(board, taken.json["receipt_id"])
    assert decided["state"] == "decided"
    assert decided["lines"][0]["verdict"] == "accepted"
    assert decided["lines"][0]["confirmation"].startswith("DSB-")


def test_lines_are_judged_one_by_one(board: Running) -> None:
    codes = code(
        board,
        line(),
        line("J-20420"),
        line("J-33218", "Marcus Neill"),
        line("J-33218", "MARCUS  ONEILL"),
        line("J-11111", "Anybody", course_number="TX-1"),
        line("J-11111", "Anybody", line_id="the last"),
    )
    expected = ["", "unknown_license", "name_mismatch", "", "course_not_approved", ""]
    assert codes == expected


def test_a_completion_is_accepted_once(board: Running) -> None:
    assert code(board, line()) == [""]
    assert code(board, line(), key="k-2") == ["duplicate"]
    assert code(board, line(completion_date="2026-11-20"), key="k-3") == [""]


def test_a_provider_that_the_board_does_not_know_gets_nothing_accepted(board: Running) -> None:
    body = {**roster(line()), "provider_number": "X-1"}
    receipt = send(board, body).json["receipt_id"]
    assert verdict(board, receipt)["lines"][0]["code"] == "provider_unknown"


def test_the_same_key_is_the_same_roster(board: Running) -> None:
    first, again = send(board, roster(line())), send(board, roster(line()))
    assert first.status == again.status == 202
    assert first.json == again.json
    other = send(board, roster(line("J-1")))
    assert other.status == 409
    assert other.json["errors"][0]["code"] == "idempotency_conflict"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], ""),
        ({"lines": []}, "provider_number"),
        (roster(), "lines"),
        (roster(line(completion_date="21.11.2026")), "lines[0].completion_date"),
        (roster(line(minutes=0)), "lines[0].minutes"),
        (roster(line(minutes="120")), "lines[0].minutes"),
        (roster(line(name=" ")), "lines[0].name"),
        (roster(line(), line()), "lines"),
        (roster("line"), "lines[0]"),  # type: ignore[arg-type]
    ],
)
def test_a_bad_roster_is_refused_at_its_field(board: Running, body: object, field: str) -> None:
    refused = send(board, body)
    assert refused.status == 422
    assert field in [error["field"] for error in refused.json["errors"]]
    assert send(board, roster(line())).status == 202


def test_without_key_or_idempotency_key_nothing_is_taken(board: Running) -> None:
    assert board.call("POST", "/v1/rosters", roster(line())).status == 401
    assert board.call("POST", "/v1/rosters", roster(line()), headers=KEY).status == 400
    assert send(board, b"not json").status == 400
    assert b"No roster has come yet" in board.call("GET", "/standin/").body


def test_the_verdict_is_sent_to_the_hook_and_signed(board: Running, hook: Hook) -> None:
    receipt = send(board, roster(line())).json["receipt_id"]
    headers, body = hook.wait_for(1)[0]
    signed = f"{headers['Demo-Board-Timestamp']}.".encode() + body
    expected = hmac.new(b"standin-hook-secret", signed, hashlib.sha256).hexdigest()
    assert headers["Demo-Board-Signature"] == f"v1={expected}"
    event = hook.bodies()[0]
    assert headers["Demo-Board-Event-Id"] == event["event_id"]
    assert event["type"] == "roster.decided"
    assert event["lines"] == verdict(board, receipt)["lines"]


def test_a_verdict_can_be_late_and_outlives_a_kill(board: Running, hook: Hook) -> None:
    board.arm("roster.late", seconds=1.5)
    receipt = send(board, roster(line())).json["receipt_id"]
    pending = verdict(board, receipt)
    assert (pending["state"], pending["decided_at"]) == ("pending", None)
    assert pending["lines"][0]["verdict"] == "pending"
    assert pending["lines"][0]["confirmation"] == ""
    board.kill()
    board.start()
    hook.wait_for(1)
    assert verdict(board, receipt)["lines"][0]["verdict"] == "accepted"


def test_a_roster_can_be_rejected(board: Running) -> None:
    board.arm("roster.reject")
    assert code(board, line()) == ["held_for_review"]
    assert code(board, line(), key="k-2") == [""]


def test_a_failure_after_the_roster_was_taken_is_cured_by_the_same_key(board: Running) -> None:
    board.arm("roster.500")
    assert send(board, roster(line())).status == 500
    board.arm("roster.drop")
    with pytest.raises(http.client.RemoteDisconnected):
        send(board, roster(line("J-1"), roster_id="B"), "k-2")
    again = send(board, roster(line()))
    assert verdict(board, again.json["receipt_id"])["lines"][0]["verdict"] == "accepted"
    assert send(board, roster(line("J-1"), roster_id="B"), "k-2").status == 202


def test_a_lost_roster_was_not_taken(board: Running, hook: Hook) -> None:
    board.arm("roster.lost")
    with pytest.raises(http.client.RemoteDisconnected):
        send(board, roster(line()))
    send(board, roster(line("J-1")), "k-2")
    hook.wait_for(1)
    assert [event["lines"][0]["line_id"] for event in hook.bodies()] == [line("J-1")["line_id"]]


def test_a_verdict_can_come_twice(board: Running, hook: Hook) -> None:
    board.arm("verdict.twice")
    send(board, roster(line()))
    hook.wait_for(2)
    assert hook.bodies()[0] == hook.bodies()[1]


def test_a_license_is_looked_up(board: Running) -> None:
    known = board.call("GET", "/v1/licenses/journeyman/J-20417", headers=KEY)
    assert known.json["name"] == "Dana Whitfield"
    assert board.call("GET", "/v1/licenses/journeyman/J-20420", headers=KEY).status == 404


def test_the_page_shows_each_line_and_its_verdict(board: Running) -> None:
    code(board, line(), line("J-20420", "<b>Nobody</b>"))
    page = board.call("GET", "/standin/").body.decode()
    wait_until(lambda: "Dana Whitfield" in page, "the roster")
    assert "No license of this type has this number." in page
    assert "<b>Nobody" not in page
    assert "does not exist" in page


def test_a_residential_wireman_is_seen_first(board: Running) -> None:
    wireman = line("R-10441", "Ruth Alvarado", license_type="residential")
    assert code(board, wireman, key="k-1") == ["identity_document_missing"]
    shown = {
        "license_type": "residential",
        "license_number": "R-10441",
        "name": "Ruth Alvarado",
        "media_type": "image/jpeg",
        "picture": "/9j/",
    }
    for _ in range(2):
        taken = board.call("PUT", "/v1/identity-documents/1", shown, headers=KEY)
        assert taken.status == 204
    assert code(board, wireman, key="k-2") == [""]
    assert b"/9j/" not in board.call("GET", "/standin/recorded").body
    wrong = board.call("PUT", "/v1/identity-documents/1", {**shown, "picture": "?"}, headers=KEY)
    assert wrong.status == 422
