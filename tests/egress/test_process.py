"""The sender as the process that it is: woken at once, killed at any point, never sending twice
what the recipient would do twice."""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from creditable.disclosure import lane
from creditable.disclosure.models import Outbox
from tests.conftest import login_as
from tests.egress.messages import outcomes, queue
from tests.standins.fixtures import launching
from tests.standins.running import PATIENCE, Running, free_port, order, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


class Egress:
    """`python -m creditable.egress` on the test database."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "creditable.egress"],
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert "ready" in self.process.stdout.readline()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.process = None
        return code


@pytest.fixture(scope="module")
def outside_world(
    tmp_path_factory: pytest.TempPathFactory, certificates: Path, django_db_setup: None
) -> Iterator[dict[str, Any]]:
    """The stand-ins, and the environment that leads to them."""
    folder = tmp_path_factory.mktemp("outside")
    with launching(folder, certificates) as launch:
        yield _outside(folder, launch)


@pytest.fixture
def outside(outside_world: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield outside_world
    for name in ("paypal", "board", "inbox"):
        outside_world[name].call("DELETE", "/standin/faults")


def _outside(folder: Path, launch: Callable[..., Running]) -> dict[str, Any]:
    smtp_port = free_port()
    paypal, board = launch("paypal"), launch("authority")
    inbox = launch("inbox", "--smtp-port", str(smtp_port))
    credentials, key = folder / "paypal.json", folder / "board.key"
    credentials.write_text('{"client_id": "standin-client", "client_secret": "standin-secret"}')
    key.write_text("standin-board-key")
    address = urlsplit(os.environ["CREDITABLE_EGRESS_DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    hidden = {"DATABASE_URL", "CREDITABLE_APP_DATABASE_URL", "CREDITABLE_REPORT_DATABASE_URL"}
    return {
        "paypal": paypal,
        "board": board,
        "inbox": inbox,
        "environment": {
            **{key: value for key, value in os.environ.items() if key not in hidden},
            "CREDITABLE_DATABASE_LOGIN": "egress",
            "CREDITABLE_EGRESS_DATABASE_URL": urlunsplit(address._replace(path=f"/{name}")),
            "CREDITABLE_PAYPAL_URL": f"http://127.0.0.1:{paypal.port}",
            "CREDITABLE_PAYPAL_CREDENTIALS_FILE": str(credentials),
            "CREDITABLE_DEMO_BOARD_URL": f"http://127.0.0.1:{board.port}",
            "CREDITABLE_DEMO_BOARD_KEY_FILE": str(key),
            "CREDITABLE_SMTP_HOST": "127.0.0.1",
            "CREDITABLE_SMTP_PORT": str(smtp_port),
        },
    }


@pytest.fixture
def egress(outside: dict[str, Any]) -> Iterator[Egress]:
    egress = Egress(outside["environment"])
    egress.start()
    yield egress
    if egress.process is not None:
        egress.stop(signal.SIGKILL)


def call(destination: str, path: str, body: object, **headers: str) -> Outbox:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    head = {
        "method": "POST",
        "path": path,
        "headers": {"Content-Type": "application/json", **named},
    }
    return queue("https", destination, head=head, body=json.dumps(body).encode())


def create() -> Outbox:
    invoice = uuid.uuid4().hex
    body = order(invoice=invoice)
    return call("paypal", "/v2/checkout/orders", body, PayPal_Request_Id=invoice)


def capture(order_id: str) -> Outbox:
    path = f"/v2/checkout/orders/{order_id}/capture"
    return call("paypal", path, {}, PayPal_Request_Id=f"capture {order_id}")


def mail() -> Outbox:
    to = f"{uuid.uuid4().hex}@people.example"
    body = (
        f"From: office@bright.example\r\nTo: {to}\r\nMessage-ID: <{to}>\r\n"
        "Subject: Hi\r\n\r\nHi.\r\n"
    )
    head = {"sender": "office@bright.example", "to": to}
    return queue("smtp", "smtp", head=head, body=body.encode())


def shown(inbox: Running, letter: Outbox) -> list[int]:
    """How often the mail was delivered, as the inbox shows it: one entry a mail."""
    mails = inbox.call("GET", f"/api/mail?to={letter.head['to']}").json
    return [entry["deliveries"] for entry in mails]


def answered(row: Outbox) -> dict[str, Any]:
    answer = lane.wait(row.id, seconds=PATIENCE)
    assert answer is not None
    assert answer.outcome == "delivered"
    content = json.loads(answer.body)
    assert isinstance(content, dict)
    return content


def approved(paypal: Running) -> str:
    order_id = answered(create())["id"]
    paypal.form("/checkoutnow", token=order_id, decision="approve")
    return str(order_id)


def captures(paypal: Running, order_id: str) -> int:
    """How often the order was captured, whatever was answered."""
    page = paypal.call("GET", "/standin/").body.decode()
    table = page.partition("<h2>Captures</h2>")[2].partition("<h2>")[0]
    return sum(order_id in line for line in table.split("<tr>"))


def in_progress(paypal: Running, row: Outbox) -> Callable[[], bool]:
    """Whether PayPal is at work on the call and has not answered it yet."""
    request_id = row.head["headers"]["PayPal-Request-Id"]
    return lambda: any(
        entry["headers"].get("paypal-request-id") == request_id and entry["answer"] is None
        for entry in paypal.recorded()
    )


def test_all_channels_are_carried(outside: dict[str, Any], egress: Egress) -> None:
    letter, made = mail(), create()
    assert answered(made)["status"] == "PAYER_ACTION_REQUIRED"
    wait_until(lambda: outcomes(letter) == ["delivered"], "the mail")
    assert shown(outside["inbox"], letter) == [1]


def test_the_lane_answers_without_waiting_for_other_mail(
    outside: dict[str, Any], egress: Egress
) -> None:
    outside["inbox"].arm("smtp.late", seconds=5, times=0)
    letters = [mail() for _ in range(4)]
    answered(create())
    assert all(outcomes(letter) != ["delivered"] for letter in letters)


def test_a_slow_recipient_does_not_keep_another_waiting(
    outside: dict[str, Any], egress: Egress
) -> None:
    outside["paypal"].arm("create.late", seconds=5, times=0)
    slow = [create() for _ in range(6)]
    wait_until(in_progress(outside["paypal"], slow[0]), "the slow call")
    roster: dict[str, Any] = {
        "provider_number": "DSB-P-104",
        "roster_id": uuid.uuid4().hex,
        "lines": [
            {
                "line_id": "1",
                "course_number": "DSB-1",
                "completion_date": "2026-11-21",
                "minutes": 60,
                "license_type": "journeyman",
                "license_number": "J-1",
                "name": "Ada",
            }
        ],
    }
    assert answered(
        call("demo-state-board", "/v1/rosters", roster, Idempotency_Key=roster["roster_id"])
    )
    assert all(outcomes(row) == [] for row in slow)


def test_a_kill_after_the_capture_loses_and_doubles_nothing(
    outside: dict[str, Any], egress: Egress
) -> None:
    paypal = outside["paypal"]
    order_id = approved(paypal)
    paypal.arm("capture.late", seconds=60)
    row = capture(order_id)
    wait_until(in_progress(paypal, row), "the capture")
    wait_until(lambda: captures(paypal, order_id) == 1, "the money")
    egress.stop(signal.SIGKILL)
    assert outcomes(row) == []
    egress.start()
    assert answered(row)["status"] == "COMPLETED"
    assert captures(paypal, order_id) == 1


def test_a_kill_before_the_capture_loses_nothing(outside: dict[str, Any], egress: Egress) -> None:
    order_id = approved(outside["paypal"])
    egress.stop(signal.SIGKILL)
    row = capture(order_id)
    egress.start()
    assert answered(row)["status"] == "COMPLETED"
    assert captures(outside["paypal"], order_id) == 1


def test_an_answer_that_never_came_is_asked_for_again(
    outside: dict[str, Any], egress: Egress
) -> None:
    order_id = approved(outside["paypal"])
    outside["paypal"].arm("capture.drop", times=2)
    row = capture(order_id)
    assert answered(row)["status"] == "COMPLETED"
    assert outcomes(row) == ["retry", "retry", "delivered"]
    assert captures(outside["paypal"], order_id) == 1


def test_a_mail_whose_taking_was_not_heard_shows_once(
    outside: dict[str, Any], egress: Egress
) -> None:
    outside["inbox"].arm("smtp.late", seconds=60)
    row = mail()
    wait_until(lambda: shown(outside["inbox"], row), "the mail")
    egress.stop(signal.SIGKILL)
    egress.start()
    wait_until(lambda: outcomes(row) == ["delivered"], "the second delivery")
    assert shown(outside["inbox"], row) == [2]


def test_it_outlives_a_restart_of_the_database(outside: dict[str, Any], egress: Egress) -> None:
    answered(create())
    with login_as("CREDITABLE_EGRESS_DATABASE_URL"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE usename = current_user AND datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] > 0
    answered(create())
    assert egress.process is not None
    assert egress.process.poll() is None


def test_what_came_while_nobody_was_there_is_carried(
    outside: dict[str, Any], egress: Egress
) -> None:
    egress.stop()
    rows = [create() for _ in range(3)]
    egress.start()
    for row in rows:
        answered(row)


def test_it_finishes_what_is_on_its_way_and_ends(outside: dict[str, Any], egress: Egress) -> None:
    outside["paypal"].arm("create.late", seconds=1)
    row = create()
    wait_until(in_progress(outside["paypal"], row), "the call")
    assert egress.stop(signal.SIGTERM) == 0
    assert outcomes(row) == ["delivered"]


def test_two_processes_send_each_message_once(outside: dict[str, Any], egress: Egress) -> None:
    second = Egress(outside["environment"])
    second.start()
    rows = [mail() for _ in range(20)]
    wait_until(lambda: all(outcomes(row) == ["delivered"] for row in rows), "all mail")
    second.stop()
    assert [shown(outside["inbox"], row) for row in rows] == [[1]] * 20


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"CREDITABLE_PAYPAL_URL": "http://api-m.paypal.com"}, "use https://"),
        ({"CREDITABLE_SMTP_SECURITY": "ssl"}, "security is none, starttls or tls"),
    ],
)
def test_nonsense_is_refused_in_one_sentence(
    outside: dict[str, Any], change: dict[str, str], words: str
) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "creditable.egress"],
        env={**outside["environment"], **change},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 2
    assert words in run.stderr
    assert "Traceback" not in run.stderr


def test_it_refuses_the_login_of_the_application(outside: dict[str, Any]) -> None:
    environment = {
        **outside["environment"],
        "CREDITABLE_DATABASE_LOGIN": "app",
        "CREDITABLE_APP_DATABASE_URL": os.environ["CREDITABLE_APP_DATABASE_URL"],
    }
    run = subprocess.run(
        [sys.executable, "-m", "creditable.egress"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 2
    assert "CREDITABLE_DATABASE_LOGIN=egress" in run.stderr
