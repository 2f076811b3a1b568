"""Two at once do what one does: certificates and reports with several workers and clerks."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction

from creditable.credit import certificates, reports
from creditable.credit.models import Certificate, Report, Roster
from creditable.disclosure.models import Outbox, Release
from creditable.mail.models import Message
from tests.credit.test_reports import ACCEPTED, board_award, decision
from tests.factories.credit import BOARD, BY
from tests.installation import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("policy")]
AT_ONCE = 4


@pytest.fixture(autouse=True)
def empty_queue() -> Iterator[None]:
    """The queue's tables are not Django's to empty after a test that really commits."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def at_once(deed: Callable[[], Any]) -> list[Any]:
    """The deed by several threads that start together, each with its own connection."""
    ready = Barrier(AT_ONCE)

    def run() -> Any:
        ready.wait(timeout=30)
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run) for _ in range(AT_ONCE)]]


def test_four_workers_issue_one_certificate() -> None:
    award = board_award()
    issued = at_once(lambda: certificates.issue(award_id=award.pk, by=BY).pk)
    assert len(set(issued)) == 1
    assert Certificate.objects.count() == 1
    assert Message.objects.filter(kind="credit.certificate_ready").count() == 1


def test_four_senders_make_one_roster_and_four_verdicts_one_answer() -> None:
    award = board_award()
    report = award.reports.get()
    sent = at_once(lambda: reports.send(report_ids=[report.pk], by=BY))
    assert sum(len(rosters) for rosters in sent) == 1
    roster = Roster.objects.get()
    assert Outbox.objects.filter(topic="credit.roster").count() == 1
    assert Release.objects.filter(batch=roster.batch).count() == 1
    body = decision(roster, {report.pk: ACCEPTED})
    settled = at_once(lambda: reports.read_decision(authority=BOARD, body=body))
    assert sorted(settled) == [0, 0, 0, 1]
    assert Message.objects.filter(kind="credit.report_answered").count() == 1


def test_four_corrections_make_one_new_report() -> None:
    award = board_award()
    report = award.reports.get()
    (roster,) = reports.send(report_ids=[report.pk], by=BY)
    refused = {**ACCEPTED, "verdict": "rejected", "confirmation": "", "message": "No."}
    reports.read_decision(authority=BOARD, body=decision(roster, {report.pk: refused}))
    again = at_once(lambda: reports.correct(report=report, by=BY).pk)
    assert len(set(again)) == 1
    assert Report.objects.filter(award=award).count() == 2


def test_a_report_that_a_dead_worker_still_holds_is_sent() -> None:
    report = board_award().reports.get()
    held, gone = Event(), Event()

    def dies_later() -> None:
        try:
            with transaction.atomic():
                Report.objects.select_for_update().get(pk=report.pk)
                held.set()
                gone.wait(60)
        finally:
            connection.close()

    def sends() -> int:
        try:
            return len(reports.send_due(authority=BOARD, by=BY))
        finally:
            connection.close()

    def stands_still() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_locks WHERE NOT granted")
            return cursor.fetchone() is not None

    with ThreadPoolExecutor(2) as pool:
        dead = pool.submit(dies_later)
        assert held.wait(60)
        sent = pool.submit(sends)
        wait_until(lambda: sent.done() or stands_still(), "somebody who waits for the report")
        gone.set()
        dead.result(60)
        assert sent.result(60) == 1
