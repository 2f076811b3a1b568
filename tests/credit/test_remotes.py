"""Whatever remote sides do, each completion is accepted once or shown with a reason and an alarm.

The remote sides are the stand-ins that ship; the sender is its own channels and outbox. Each seed
is a different run of orders, silences, refusals, deaths and answers.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from creditable.audit.clock import now
from creditable.credit import reports
from creditable.credit.models import Award, Report, Roster
from creditable.disclosure import replies
from creditable.disclosure.models import Outbox, Reply
from creditable.egress import outbox as sending
from creditable.egress.channels.sftp import Sftp
from creditable.egress.destinations import Inbox
from creditable.egress.outbox import Message
from creditable.egress.outcome import Delivered, Failed, Outcome
from creditable.lib.dates import add_days
from creditable.people.models import License
from creditable.standins import ce_broker, sftp_inbox
from creditable.standins.ce_broker import Broker
from creditable.standins.faults import Faults
from creditable.standins.http import Dropped
from creditable.standins.records import Records
from tests.credit.test_ways import awarded
from tests.credit.ways import board
from tests.factories.credit import BOARD, BY, make_course
from tests.promises import promise

__all__ = ["board"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]
State = Report.State
OPEN = (State.DUE, State.QUEUED, State.SENT)
PEOPLE = 6
DAYS = 14


class CeBroker:
    """CE Broker's stand-in, reached as the HTTPS channel reaches it."""

    way, faults = "ce_broker", ce_broker.FAULTS

    def __init__(self, folder: Path) -> None:
        records = Records(folder / "records.sqlite3")
        self.armed = Faults(records, self.faults)
        self._broker = Broker(records, self.armed, key="key", clock=lambda: 1_800_000_000.0)

    def carry(self, message: Message) -> Outcome:
        (document,) = parse_qs(message.body.decode())["InXML"]
        if self.armed.strike("roster.500"):
            return Failed("answered 500", arrived=True, status=500)
        try:
            said = self._broker.upload(document.replace("{upload_key}", "key"))
        except Dropped:
            return Failed("no answer", arrived=True)
        return Delivered(200, body=said.encode())

    def has(self) -> list[str]:
        return [line["license"] for line in self._broker.accepted()]

    def close(self) -> None:
        pass


class Folder:
    """The SFTP stand-in, reached over SFTP; a clerk there reads each file once."""

    way, faults = "sftp", sftp_inbox.FAULTS

    def __init__(self, folder: Path) -> None:
        self.armed = Faults(Records(folder / "records.sqlite3"), self.faults)
        self.server = sftp_inbox.Server(
            host="127.0.0.1", port=0, state=folder, password="word", faults=self.armed
        )
        self.server.start()
        (folder / "password").write_text("word")
        self._channel = Sftp(
            Inbox(
                "board",
                "127.0.0.1",
                self.server.port,
                "us",
                self.server.host_key,
                None,
                folder / "password",
            )
        )

    def carry(self, message: Message) -> Outcome:
        return self._channel.carry(message)

    def has(self) -> list[str]:
        lines = [line for file in self.server.files() for line in file.read_text().split()[1:]]
        found = (line.partition(",")[0] for line in lines if line.startswith("J-"))
        return [license for license in found if not license.endswith("0")]

    def close(self) -> None:
        self.server.stop()


@pytest.fixture(params=[CeBroker, Folder], ids=["ce_broker", "sftp"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    made = request.param(tmp_path)
    yield made
    made.close()


class House:
    """What our processes and people do, in any order."""

    def __init__(self, chance: random.Random, remote: Any, run_jobs: Callable[[], int]) -> None:
        self.chance = chance
        self.remote = remote
        self.run_jobs = run_jobs
        self.course = make_course(BOARD)
        self.awards: list[Award] = []

    def complete(self) -> None:
        if len(self.awards) < PEOPLE:
            number = len(self.awards)
            last = self.chance.choice("1230")
            self.awards.append(
                awarded(f"Ann {chr(65 + number)}", f"J-{number}444{last}", self.course)
            )

    def send(self) -> None:
        self.run_jobs()
        if self.chance.random() < 0.3:
            reports.send_due(authority=BOARD, by=BY)

    def carry(self) -> None:
        """One round of the sender, which may die before it has noted what came of it."""
        row = Outbox.objects.filter(topic="credit.roster", settled=False).order_by("?").first()
        if row is None or row.replies.exclude(outcome=Reply.Outcome.RETRY).exists():
            return
        message = sending._message(row)
        if not sending.depart(message):
            return
        outcome = self.remote.carry(message)
        if self.chance.random() < 0.15:
            return
        sending.settle(message, outcome)

    def hear(self) -> None:
        """Answers are handled, some of them twice."""
        for outbox_id in replies.unhandled():
            for _ in range(self.chance.choice((1, 2))):
                replies.handle(outbox_id=outbox_id)

    def fail(self) -> None:
        name = self.chance.choice([name for name in self.remote.faults if name != "sftp.late"])
        self.remote.armed.arm(name)

    def look(self) -> None:
        """Staff look there where nobody knows, and enter what they find or send it again."""
        for roster in Roster.objects.all():
            waiting = [row for row in roster.reports.order_by("id") if row.state in OPEN]
            by_hand = [row for row in waiting if reports.is_answered_by_hand(roster, row)]
            if not by_hand:
                continue
            there = set(self.remote.has())
            licenses = {row.pk: self.license(row) for row in by_hand}
            wrong = {
                pk: "No such license." for pk, number in licenses.items() if number not in there
            }
            nothing = len(wrong) == len(by_hand) and all(row.code == "unknown" for row in by_hand)
            if nothing and not any(number.endswith("0") for number in licenses.values()):
                reports.send_again(roster=roster, by=BY)
                continue
            reports.record_receipt(
                roster=roster, confirmation=f"seen {roster.number}", rejected=wrong, by=BY
            )

    def correct(self) -> None:
        """A learner corrects the number that was not taken, and reports again."""
        for report in reports.to_correct():
            license = License.objects.get(pk=report.award.license_id)
            if license.number.endswith("0"):
                License.objects.filter(pk=license.pk).update(number=f"{license.number[:-1]}1")
            reports.correct(report=report, by=BY)

    def release(self) -> None:
        """What came back whole is taken up by staff."""
        due = Report.objects.filter(state=State.DUE).exclude(code="")
        reports.send(report_ids=list(due.values_list("pk", flat=True)), by=BY)

    def license(self, report: Report) -> str:
        row = License.objects.get(pk=report.award.license_id)
        return row.number


def check(house: House) -> None:
    told = Counter(house.remote.has())
    assert all(count == 1 for count in told.values()), f"told twice: {told}"
    near = now().date()
    Report.objects.filter(state__in=(*OPEN, State.REJECTED)).update(due_on=add_days(near, 2))
    alarming = set(reports.alarms(near).values_list("award_id", flat=True))
    for award in house.awards:
        states = list(award.reports.values_list("state", flat=True))
        assert sum(state != State.REJECTED for state in states) <= 1
        if State.ACCEPTED in states:
            number = License.objects.get(pk=award.license_id).number
            assert told[number] == 1
            assert award.pk not in alarming
        else:
            assert award.pk in alarming
            if states == [State.REJECTED]:
                assert award.reports.get().message


@promise("A11")
@pytest.mark.parametrize("seed", range(4))
def test_each_is_accepted_once_or_named_with_an_alarm(
    board: Callable[..., object], run_jobs: Callable[[], int], remote: Any, seed: int
) -> None:
    run(board, run_jobs, remote, seed)


@pytest.mark.parametrize("remote", [CeBroker], indirect=True)
def test_a_sender_that_guesses_is_caught(
    board: Callable[..., object],
    run_jobs: Callable[[], int],
    remote: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Message, "is_for_once", False)
    with pytest.raises(AssertionError):
        for seed in range(4):
            run(board, run_jobs, remote, seed)


def run(board: Callable[..., object], run_jobs: Callable[[], int], remote: Any, seed: int) -> None:
    board(remote.way, **({"lines": 3} if seed % 2 else {}))
    chance = random.Random(f"{remote.way} {seed}")
    house = House(chance, remote, run_jobs)
    deeds = [house.complete, house.send, house.carry, house.hear, house.fail]
    deeds += [house.look, house.correct, house.release, house.carry, house.hear]
    for _ in range(60):
        chance.choice(deeds)()
        check(house)
    remote.armed.clear()
    for _ in range(DAYS):
        for deed in (house.complete, house.send, house.release):
            deed()
        Reply.objects.filter(outcome=Reply.Outcome.RETRY).update(retry_at=now())
        for _ in range(PEOPLE):
            house.carry()
        for deed in (house.hear, house.look, house.correct):
            deed()
        check(house)
    assert len(house.awards) == PEOPLE
    for award in house.awards:
        assert award.reports.exclude(state=State.REJECTED).get().state == State.ACCEPTED
    assert len(remote.has()) == PEOPLE
