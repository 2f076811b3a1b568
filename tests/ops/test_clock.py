"""The button that moves the demo's clock."""

from datetime import timedelta

import pytest
from django.db import connection

from creditable.audit.clock import now
from creditable.audit.models import Event
from creditable.jobs import enqueue
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.ops import clock

BY = Actor.system("tests")

pytestmark = pytest.mark.django_db


def test_everybody_sees_the_time_move_and_it_is_on_record() -> None:
    before = now()
    clock.advance(span=timedelta(hours=2), by=BY)
    clock.advance(span=timedelta(hours=1), by=BY)
    assert timedelta(hours=3) <= now() - before < timedelta(hours=3, minutes=1)
    moves = Event.objects.filter(verb="clock.advance").order_by("at")
    assert [move.detail["seconds"] for move in moves] == [7200, 3600]


def test_what_waits_for_a_later_hour_comes_nearer() -> None:
    enqueue("disclosure.handle_reply", {"outbox_id": "x"}, run_at=now() + timedelta(hours=5))
    clock.advance(span=timedelta(hours=4), by=BY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT scheduled_at - now() FROM procrastinate_jobs")
        (left,) = cursor.fetchone()
    assert timedelta(minutes=59) < left < timedelta(hours=1, minutes=1)


def test_what_is_queued_after_the_move_waits_no_longer_than_it_should() -> None:
    clock.advance(span=timedelta(days=30), by=BY)
    enqueue("disclosure.handle_reply", {"outbox_id": "x"}, run_at=now() + timedelta(minutes=5))
    with connection.cursor() as cursor:
        cursor.execute("SELECT scheduled_at - now() FROM procrastinate_jobs")
        (left,) = cursor.fetchone()
    assert timedelta(minutes=4) < left < timedelta(minutes=6)


@pytest.mark.parametrize("span", [timedelta(0), timedelta(hours=-1)])
def test_it_does_not_go_back(span: timedelta) -> None:
    with pytest.raises(Refused) as refused:
        clock.advance(span=span, by=BY)
    assert refused.value.field == "span"


def test_ten_years_are_the_end(transactional_db: None) -> None:
    clock.advance(span=timedelta(days=3650), by=BY)
    there = now()
    with pytest.raises(Refused):
        clock.advance(span=timedelta(days=1), by=BY)
    assert now() - there < timedelta(hours=1)


def test_the_clock_of_a_real_installation_stands(settings: object) -> None:
    settings.DEMO = False  # type: ignore[attr-defined]
    before = now()
    with pytest.raises(Refused):
        clock.advance(span=timedelta(hours=1), by=BY)
    assert now() - before < timedelta(minutes=1)
