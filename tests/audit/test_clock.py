"""Rows, deadlines and people see one clock."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from creditable.audit import clock
from creditable.audit.guard import Frozen
from creditable.audit.models import ClockOffset, Event


@pytest.mark.django_db
def test_moving_the_clock_moves_what_rows_and_verbs_see(
    move_clock: Callable[[timedelta], None],
) -> None:
    before = clock.now()
    move_clock(timedelta(days=3))
    assert timedelta(days=3) <= clock.now() - before < timedelta(days=3, minutes=1)
    event = Event.objects.create(verb="x", noun="y", noun_id="1", actor_kind="system")
    event.refresh_from_db()
    assert event.at - before >= timedelta(days=3)


@pytest.mark.django_db
def test_there_is_one_offset_and_it_never_runs_backward() -> None:
    for row in (ClockOffset(id=2, seconds=5), ClockOffset(id=1, seconds=-1)):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


@pytest.mark.django_db
def test_what_is_written_once_is_not_changed() -> None:
    event = Event.objects.create(verb="x", noun="y", noun_id="1", actor_kind="system")
    with pytest.raises(Frozen):
        event.save()
    with pytest.raises(Frozen):
        event.delete()
