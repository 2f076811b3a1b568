"""The installation in which the walks are: its rows, its stand-ins, and what people do outside."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
from psycopg.rows import dict_row

from creditable.ops.children import stop
from creditable.ops.demonstration import Demonstration
from creditable.ops.postgres import ROLES
from creditable.ops.processes import Installation
from tests.installation import free_ports, wait_until

PATIENCE = 60.0

OPEN_MESSAGES = """
    SELECT count(*) FROM disclosure_outbox o WHERE channel = %s AND NOT settled
    AND NOT EXISTS (SELECT FROM disclosure_reply r WHERE r.outbox_id = o.id
                    AND r.outcome <> 'retry')"""
OPEN_WORK = """
    SELECT (SELECT count(*) FROM disclosure_reply
            WHERE handled_at IS NULL AND outcome <> 'retry')
         + (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'
            OR (status = 'todo' AND (scheduled_at IS NULL OR attempts > 0)))"""
CLIENTS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename IN ('creditable_app', 'creditable_egress')"""

FACTS = """
    WITH mine AS (
        SELECT DISTINCT r.batch FROM disclosure_release r WHERE r.subject_id = %(who)s
    )
    SELECT 'orders' AS fact, count(*) AS times FROM store_order WHERE subject_id = %(who)s
    UNION ALL SELECT 'payment ' || state, count(*) FROM store_payment
        JOIN store_order o ON o.id = order_id WHERE o.subject_id = %(who)s GROUP BY 1
    UNION ALL SELECT 'booked ' || account || ' ' || cents, count(*) FROM store_leg
        JOIN store_transaction t ON t.id = transaction_id
        JOIN store_order o ON o.id = t.order_id WHERE o.subject_id = %(who)s GROUP BY 1
    UNION ALL SELECT 'refund ' || f.state, count(*) FROM store_refund f
        JOIN store_payment p ON p.id = f.payment_id
        JOIN store_order o ON o.id = p.order_id WHERE o.subject_id = %(who)s GROUP BY 1
    UNION ALL SELECT 'document ' || kind, count(*) FROM store_document
        JOIN store_order o ON o.id = order_id WHERE o.subject_id = %(who)s GROUP BY 1
    UNION ALL SELECT 'notice ' || kind, count(*) FROM store_paymentnotice n
        JOIN store_payment p ON p.id = n.payment_id
        JOIN store_order o ON o.id = p.order_id WHERE o.subject_id = %(who)s GROUP BY 1
    UNION ALL SELECT 'enrollments', count(*) FROM learning_enrollment
        WHERE subject_id = %(who)s
    UNION ALL SELECT 'grants', count(*) FROM learning_grant
        JOIN learning_enrollment e ON e.id = enrollment_id WHERE e.subject_id = %(who)s
    UNION ALL SELECT 'seconds', coalesce(sum(most), 0) FROM (
        SELECT max(lesson_seconds) AS most FROM learning_beat
        WHERE subject_id = %(who)s GROUP BY lesson_id) AS counted
    UNION ALL SELECT 'attempts passed: ' || coalesce(passed::text, 'open'), count(*)
        FROM learning_attempt JOIN learning_enrollment e ON e.id = enrollment_id
        WHERE e.subject_id = %(who)s GROUP BY 1
    UNION ALL SELECT 'answers', count(*) FROM learning_answerevent
        JOIN learning_attemptquestion q ON q.id = item_id
        JOIN learning_attempt a ON a.id = q.attempt_id
        JOIN learning_enrollment e ON e.id = a.enrollment_id WHERE e.subject_id = %(who)s
    UNION ALL SELECT 'completions', count(*) FROM learning_completion
        WHERE subject_id = %(who)s
    UNION ALL SELECT 'award ' || authority || ' ' || minutes, count(*) FROM credit_award
        WHERE subject_id = %(who)s GROUP BY 1
    UNION ALL SELECT 'certificate ' || a.authority, count(*) FROM credit_certificate
        JOIN credit_award a ON a.id = award_id WHERE a.subject_id = %(who)s GROUP BY 1
    UNION ALL SELECT 'badge ' || a.authority, count(*) FROM credit_badge
        JOIN credit_certificate c ON c.id = certificate_id
        JOIN credit_award a ON a.id = c.award_id WHERE a.subject_id = %(who)s GROUP BY 1
    UNION ALL SELECT 'report ' || authority || ' ' || state || ' ' || code, count(*)
        FROM credit_report WHERE subject_id = %(who)s GROUP BY 1
    UNION ALL SELECT 'station ' || e.state, count(*) FROM credit_reportevent e
        JOIN credit_report r ON r.id = report_id WHERE r.subject_id = %(who)s GROUP BY 1
    UNION ALL SELECT 'mail ' || kind, count(*) FROM mail_message
        WHERE subject_id = %(who)s GROUP BY 1
    UNION ALL SELECT 'message ' || topic || ' ' || channel, count(*) FROM disclosure_outbox
        JOIN mine USING (batch) WHERE topic NOT IN ('paypal.status', 'paypal.refund_status')
        GROUP BY 1
    UNION ALL SELECT 'asked PayPal', 1 FROM disclosure_outbox
        JOIN mine USING (batch) WHERE topic = 'paypal.status' GROUP BY topic
    UNION ALL SELECT 'release ' || e.status, count(*) FROM disclosure_releaseevent e
        JOIN mine USING (batch) JOIN disclosure_outbox o USING (batch)
        WHERE o.topic NOT IN ('paypal.status', 'paypal.refund_status') GROUP BY 1
    UNION ALL SELECT 'trail ' || verb, count(*) FROM audit_event
        WHERE about = %(who)s GROUP BY 1"""
"""What there is of a person, each kind of row with its number. How often PayPal is asked what it
knows does not matter."""


@dataclass
class Scene:
    """An installation whose web, worker and sender are the children that steps are done in. What
    the stand-ins have recorded is shown from the walk on that goes on now."""

    demo: Demonstration
    owner: psycopg.Connection[dict[str, Any]]
    since: dict[str, int] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        return self.demo.data / "logs" / "steps.log"

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        return self.owner.execute(query, values).fetchall()  # type: ignore[arg-type]

    def number(self, query: str, *values: object) -> int:
        return int(next(iter(self.rows(query, *values)[0].values())))

    def facts(self, subject_id: UUID) -> dict[str, int]:
        found = self.owner.execute(FACTS, {"who": subject_id}).fetchall()
        return {row["fact"]: int(row["times"]) for row in found if row["times"]}

    def recorded(self, stand_in: str) -> list[dict[str, Any]]:
        return self._recorded(stand_in)[self.since.get(stand_in, 0) :]

    def begin(self) -> None:
        self.since = {name: len(self._recorded(name)) for name in ("paypal", "authority")}

    def _recorded(self, stand_in: str) -> list[dict[str, Any]]:
        address = {"paypal": self.demo.paypal, "authority": self.demo.board}[stand_in]
        entries: list[dict[str, Any]] = httpx.get(f"{address}/standin/recorded").json()
        return entries

    def mails(self, to: str = "") -> list[dict[str, Any]]:
        return list(httpx.get(f"{self.demo.inbox}/api/mail", params={"to": to}).json())

    def is_done(self, who: str) -> bool:
        """Whether nothing is left for this kind of process. A page is done when it has answered.
        Asked of the rows, not of the queue: what a dead client still locks is passed over there."""
        if who == "web":
            return True
        if who == "worker":
            return not self.number(OPEN_WORK)
        return not self.number(OPEN_MESSAGES, who)

    def bury(self) -> None:
        """The heart of the killed worker stopped a while ago."""
        self.owner.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
        )

    def stand_still(self) -> None:
        """What is due later stays later, however slow this machine is."""
        self.owner.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 day'"
            " WHERE status = 'todo' AND scheduled_at > now() AND attempts = 0"
        )

    def wait_for_the_dead(self) -> None:
        """PostgreSQL notices within milliseconds that a client is gone, and not at once."""
        wait_until(lambda: not self.number(CLIENTS), "the end of the last connection", PATIENCE)

    def give_up(self) -> None:
        """Nothing of a walk that went wrong is left to the next one."""
        self.owner.execute("DELETE FROM procrastinate_jobs")
        self.owner.execute("UPDATE disclosure_outbox SET settled = true WHERE NOT settled")
        self.owner.execute(
            "UPDATE disclosure_reply SET handled_at = now()"
            " WHERE handled_at IS NULL AND outcome <> 'retry'"
        )
        self.owner.execute("UPDATE credit_report SET code = 'given up' WHERE state = 'due'")

    # The outside

    def approve(self, subject_id: UUID) -> None:
        """The buyer approves the payment on PayPal's page."""
        (payment,) = self.rows(
            "SELECT p.provider_ref FROM store_payment p JOIN store_order o ON o.id = p.order_id"
            " WHERE o.subject_id = %s",
            subject_id,
        )
        httpx.post(
            f"{self.demo.paypal}/checkoutnow",
            data={"token": payment["provider_ref"], "decision": "approve"},
        )

    def verdict(self, subject_id: UUID) -> dict[str, Any]:
        """What the board posts about the person's roster."""
        (roster,) = self.rows(
            "SELECT o.receipt FROM credit_roster o JOIN credit_report r ON r.roster_id = o.id"
            " WHERE r.subject_id = %s AND r.authority = 'demo-state-board'",
            subject_id,
        )
        key = (self.demo.data / "secrets" / "board.key").read_text()
        shown: dict[str, Any] = httpx.get(
            f"{self.demo.board}/v1/rosters/{roster['receipt']}",
            headers={"Authorization": f"Bearer {key}"},
        ).json()
        return shown

    def pass_to_the_question(self) -> None:
        """The time has come to ask the board what it decided."""
        self.owner.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = NULL"
            " WHERE status = 'todo' AND task_name = 'credit.ask'"
        )


@contextmanager
def installed() -> Iterator[Scene]:
    """The database that the environment names, still empty, and the stand-ins. The environment is
    from now on that of a process of the application."""
    data = Path(os.environ["CREDITABLE_DATA"])
    demo = Demonstration("electric", free_ports(), data)
    urls = {variable: os.environ[variable] for variable in ROLES}
    environment = demo.environment(os.environ)
    os.environ.update(environment, **urls, CREDITABLE_DATABASE_LOGIN="app")
    installation = Installation(data, environment, urls)
    with ExitStack() as family:
        for stand_in in demo.stand_ins(installation):
            child = stand_in.start()
            family.callback(stop, child, order=stand_in.stop_order, seconds=stand_in.stop_seconds)
            wait_until(lambda ready=stand_in.ready, it=child: ready(it), stand_in.name, PATIENCE)
        owner = psycopg.connect(urls["DATABASE_URL"], autocommit=True, row_factory=dict_row)
        family.enter_context(owner)
        yield Scene(demo, owner)
