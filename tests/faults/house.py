"""A whole installation whose processes are killed, and what must be true of it afterwards."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from creditable.ops.postgres import DURABLE, Cluster
from creditable.ops.processes import ROOT
from tests.faults import invariants
from tests.installation import Running, wait_until
from tests.journeys.path import COURSE, Learner, sign_in, take_exam
from tests.journeys.visitor import Visitor

PATIENCE = 180.0
LOCK = 7_415
MARKS = {"web": b"\0gunicorn\0", "worker": b"\0work\0", "egress": b"\0creditable.egress\0"}
ADDRESS = {
    "Street": "9 Busbar Way",
    "City": "Fernley Springs",
    "State": "Texas",
    "ZIP code": "75999",
}

ARRIVE = """
from creditable.lib.actor import Actor
from creditable.people import accounts, licenses
by = Actor.system("tests")
for email, name, number, texas in {people!r}:
    person = accounts.open_account(email=email, name=name, verified=True, by=by)
    for authority, kind, license in (
        ("demo-state-board", "journeyman", number),
        ("us-tx-tdlr-electricians", "journeyman_electrician", texas),
    ):
        licenses.add(
            subject_id=person.pk, authority=authority, license_type=kind, number=license,
            name_as_printed=name, issued=None, expires=None, by=by,
        )
"""
READ = """
from creditable.learning.models import Enrollment
from creditable.ops import seed
for place in Enrollment.objects.filter(subject__person__email__in={emails!r}):
    seed.read_lessons(place)
"""


class Persistent(Visitor):
    """Somebody who tries again when the connection breaks, as people do."""

    def _send(self, *args: Any, **more: Any) -> None:
        self._again(lambda: super(Persistent, self)._send(*args, **more))

    @staticmethod
    def _again(ask: Callable[[], Any]) -> Any:
        def once() -> list[Any]:
            try:
                return [ask()]
            except httpx.TransportError:
                return []

        return wait_until(once, "an answer", PATIENCE)[0]


@dataclass
class House:
    """The installation, from the side of somebody who may end its processes."""

    running: Running

    @contextmanager
    def arrive(self, names: Sequence[str], first: int) -> Iterator[list[Learner]]:
        """People with an account, two licenses (numbered from `first`) and all the patience in
        the world, signed in."""
        with ExitStack() as browsers:
            learners = [
                Learner(
                    running=self.running,
                    browser=browsers.enter_context(Persistent(self.running.address)),
                    email=f"{name.split(maxsplit=1)[0].lower()}@example.com",
                    name=name,
                    board_license=f"J-{31007 + 10 * number}",
                    texas_license=f"{410003 + 10 * number}",
                )
                for number, name in enumerate(names, start=first)
            ]
            people = [
                (one.email, one.name, one.board_license, one.texas_license) for one in learners
            ]
            self._run(ARRIVE.format(people=people))
            for learner in learners:
                sign_in(self.running, learner.browser, learner.email)
            yield learners

    def buy(self, learner: Learner) -> None:
        """From the course's page through PayPal to the page that says it is paid, however often
        something has to be tried again."""
        browser = learner.browser
        browser.open(f"/courses/{COURSE}/")
        browser.press("Add to basket")
        browser.follow("Go to checkout")
        browser.press("Pay $39.00 with PayPal", ADDRESS)

        def at_paypal() -> bool:
            if "Continue at PayPal" in browser.links:
                browser.follow("Continue at PayPal")
            elif not browser.where.startswith(self.running.demo.paypal):
                browser.open(browser.path)
            return browser.where.startswith(self.running.demo.paypal)

        wait_until(at_paypal, "PayPal's page", PATIENCE)
        browser.press("Approve")

        def paid() -> bool:
            browser.open(browser.path)
            return browser.path.endswith("/done/")

        wait_until(paid, "the payment", PATIENCE)

    def walk(self, learner: Learner) -> None:
        """Buys the course, reads it and passes its exam."""
        self.buy(learner)
        self.read_lessons([learner])
        self.pass_exam(learner)

    def pass_exam(self, learner: Learner) -> None:
        learner.browser.open(f"/learn/{COURSE}/")
        take_exam(learner)

    def read_lessons(self, learners: Sequence[Learner]) -> None:
        """Everything that these people are enrolled in has been read."""
        self._run(READ.format(emails=[learner.email for learner in learners]))

    def _run(self, script: str) -> None:
        """Calls verbs as the application does."""
        environment = {
            **self.running.demo.environment(os.environ),
            **Cluster(self.running.demo.data, DURABLE).urls,
        }
        subprocess.run(
            [sys.executable, "-m", "creditable", "shell", "--no-imports", "-c", script],
            env=environment,
            cwd=ROOT,
            check=True,
            stdin=subprocess.DEVNULL,
        )

    # Killing

    def pids(self) -> dict[str, int]:
        """The processes of the program that run now."""
        supervisor = (self.running.demo.data / "supervisor.lock").read_text().split()[1]
        children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
        found: dict[str, int] = {}
        for child in map(int, children):
            try:
                command = Path(f"/proc/{child}/cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
            found |= {name: child for name, mark in MARKS.items() if mark in command}
        return found

    def kill(self, *names: str) -> None:
        """SIGKILL to these processes at once, as far as they run."""
        for name, pid in self.pids().items():
            if name in names:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue

    @contextmanager
    def halt(self, table: str, condition: str) -> Iterator[Callable[[Future[None]], None]]:
        """Every process that inserts a row like this into the table stands still inside its
        transaction until the block ends. The function that is given waits for the first one,
        as long as the deed that leads there does not fail."""
        url = Cluster(self.running.demo.data, DURABLE).urls["DATABASE_URL"]
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            owner.execute(
                "CREATE FUNCTION fault_halt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"  # type: ignore[arg-type]
                f" IF {condition} THEN PERFORM pg_advisory_xact_lock({LOCK}); END IF;"
                " RETURN NEW; END $$"
            )
            owner.execute(
                f"CREATE TRIGGER fault_halt BEFORE INSERT ON {table}"  # type: ignore[arg-type]
                " FOR EACH ROW EXECUTE FUNCTION fault_halt()"
            )

            def stands(deed: Future[None]) -> bool:
                if deed.done():
                    deed.result()
                waiting = owner.execute(
                    "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = %s"
                    " AND NOT granted",
                    [LOCK],
                )
                return waiting.fetchone() is not None

            try:
                yield lambda deed: wait_until(lambda: stands(deed), f"a row of {table}", PATIENCE)
            finally:
                owner.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
                owner.execute(f"DROP TRIGGER fault_halt ON {table}")  # type: ignore[arg-type]
                owner.execute("DROP FUNCTION fault_halt()")

    # Afterwards

    def settle(self) -> None:
        """Until all three run, nothing waits to leave, no answer waits to be read, no job waits."""
        wait_until(lambda: len(self.pids()) == len(MARKS), "all processes", PATIENCE)
        wait_until(lambda: not self.unfinished(), "everything to be finished", PATIENCE)

    def unfinished(self) -> list[str]:
        """What is still to be done."""
        value = self.running.value
        waiting = {
            "messages": value("SELECT count(*) FROM disclosure_outbox WHERE NOT settled"),
            "answers": value(
                "SELECT count(*) FROM disclosure_reply"
                " WHERE handled_at IS NULL AND outcome <> 'retry'"
            ),
            "jobs": value(
                "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
                " OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at < now()))"
            ),
            "payments": value("SELECT count(*) FROM store_payment WHERE state = 'capturing'"),
            "reports": value(
                "SELECT count(*) FROM credit_report WHERE authority = 'demo-state-board'"
                " AND state IN ('due', 'queued', 'sent')"
            ),
        }
        return [what for what, count in waiting.items() if count]

    def check(self, learners: Sequence[Learner]) -> None:
        """Nothing that was acknowledged is lost, nothing was done twice."""
        self.check_money()
        self.check_access()
        for learner in learners:
            self.check_credit(learner.email, learner.board_license)
        self.check_mail()

    def check_money(self) -> None:
        invariants.check_money(self.running, self._everybody())

    def check_access(self) -> None:
        invariants.check_access(self.running, self._everybody())

    def check_credit(self, email: str, board_license: str) -> None:
        invariants.check_credit(self.running, email, board_license)

    def check_mail(self) -> None:
        invariants.check_mail(self.running)

    def _everybody(self) -> list[str]:
        return [row["email"] for row in self.running.rows("SELECT email FROM people_person")]
