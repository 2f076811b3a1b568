"""More time and more attempts, given by somebody, for attempts that start afterwards."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from creditable.audit.models import Event
from creditable.learning import accommodations
from creditable.learning.models import Accommodation, Enrollment
from creditable.learning.requirements import Allowance
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people.models import Person
from tests.factories.catalog import make_course
from tests.factories.learning import begin_exam, enroll, sit_all, take_exam
from tests.factories.people import make_person

STAFF = Actor.staff(uuid4())
Move = Callable[[timedelta], None]


@pytest.fixture
def ready(place: Enrollment) -> Enrollment:
    sit_all(place)
    return place


def give(person: Person, allowance: Allowance, **changes: Any) -> Accommodation:
    told: dict[str, Any] = {"course": None, "reason": "Reads slowly after a stroke", "by": STAFF}
    return accommodations.give(subject_id=person.pk, allowance=allowance, **told | changes)


def minutes(person: Person, place: Enrollment) -> int:
    attempt = begin_exam(person, place)
    return (attempt.deadline - attempt.started_at) // timedelta(minutes=1)


def test_an_attempt_that_starts_afterwards_lasts_longer(ana: Person, ready: Enrollment) -> None:
    give(ana, Allowance(time_percent=150, extra_minutes=3))
    assert minutes(ana, ready) == 18


def test_a_running_attempt_keeps_its_deadline(ana: Person, ready: Enrollment) -> None:
    before = begin_exam(ana, ready)
    give(ana, Allowance(time_percent=200))
    before.refresh_from_db()
    assert before.deadline - before.started_at == timedelta(minutes=10)


def test_nobody_else_and_no_other_course_gets_it(
    ana: Person, ready: Enrollment, move_clock: Move
) -> None:
    move_clock(timedelta(minutes=10))
    other = enroll(ana, make_course())
    sit_all(other)
    bo = make_person(name="Bo Lee")
    place = enroll(bo, ready.course_version)
    sit_all(place)
    give(ana, Allowance(extra_minutes=5), course=other.course_version.course)
    assert minutes(ana, ready) == minutes(bo, place) == 10
    assert minutes(ana, other) == 15


def test_another_attempt_opens_when_all_are_used(
    ana: Person, ready: Enrollment, move_clock: Move
) -> None:
    for _ in range(2):
        take_exam(ana, ready, right=0)
        move_clock(timedelta(minutes=5))
    with pytest.raises(Refused, match="All attempts"):
        begin_exam(ana, ready)
    give(ana, Allowance(extra_attempts=1))
    assert begin_exam(ana, ready).number == 3


def test_one_that_has_ended_stays_on_record_and_gives_nothing_more(
    ana: Person, ready: Enrollment
) -> None:
    given = give(ana, Allowance(extra_minutes=5))
    accommodations.end(subject_id=ana.pk, accommodation_id=given.pk, by=STAFF)
    accommodations.end(subject_id=ana.pk, accommodation_id=given.pk, by=STAFF)
    assert minutes(ana, ready) == 10
    (kept,) = accommodations.of(ana.pk)
    assert kept.ended_by == STAFF.subject_id
    assert give(ana, Allowance(extra_minutes=6)).ended_at is None


def test_one_at_a_time_for_a_course_and_one_for_all(ana: Person, place: Enrollment) -> None:
    course = place.course_version.course
    give(ana, Allowance(extra_minutes=5))
    give(ana, Allowance(extra_minutes=7), course=course)
    for where in (None, course):
        with pytest.raises(Refused) as refused:
            give(ana, Allowance(extra_minutes=9), course=where)
        assert refused.value.code == "active"


@pytest.mark.parametrize("everywhere", [True, False])
def test_the_database_bars_a_second_one(ana: Person, place: Enrollment, everywhere: bool) -> None:
    course = None if everywhere else place.course_version.course
    give(ana, Allowance(extra_minutes=5), course=course)
    with pytest.raises(IntegrityError, match="learning_accommodation_one"):
        Accommodation.objects.create(
            subject_id=ana.pk, course=course, extra_minutes=1, reason="x", approved_by=uuid4()
        )


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"extra_minutes": 0}, "gives_something"),
        ({"time_percent": 90}, "gives_something"),
        ({"reason": ""}, "has_a_reason"),
        ({"ended_by": uuid4()}, "ended_by_somebody"),
    ],
)
def test_the_database_bars_what_makes_no_sense(
    ana: Person, changes: dict[str, Any], name: str
) -> None:
    row: dict[str, Any] = {"extra_minutes": 5, "reason": "x", "approved_by": uuid4()}
    with pytest.raises(IntegrityError, match=name):
        Accommodation.objects.create(subject_id=ana.pk, **row | changes)


@pytest.mark.parametrize(
    ("allowance", "changes"),
    [
        (Allowance(), {}),
        (Allowance(extra_minutes=5), {"reason": "  "}),
        (Allowance(extra_minutes=5), {"by": Actor.system("clock")}),
    ],
)
def test_it_needs_something_to_give_a_reason_and_somebody_who_approves(
    ana: Person, allowance: Allowance, changes: dict[str, Any]
) -> None:
    with pytest.raises(Refused):
        give(ana, allowance, **changes)
    assert Accommodation.objects.count() == 0


def test_the_trail_says_who_gave_what_and_never_why(ana: Person) -> None:
    given = give(ana, Allowance(time_percent=150))
    accommodations.end(subject_id=ana.pk, accommodation_id=given.pk, by=STAFF)
    told = Event.objects.filter(noun="accommodation", about=ana.pk).order_by("at", "id")
    assert [event.verb for event in told] == ["learning.accommodate", "learning.end_accommodation"]
    assert {event.actor_id for event in told} == {STAFF.subject_id}
    assert told[0].detail["time_percent"] == 150
    assert not any("stroke" in str(event.detail) for event in told)


def test_what_is_not_the_persons_cannot_be_ended(ana: Person) -> None:
    given = give(ana, Allowance(extra_minutes=5))
    with pytest.raises(Refused):
        accommodations.end(subject_id=make_person().pk, accommodation_id=given.pk, by=STAFF)
    assert accommodations.of(ana.pk)[0].ended_at is None
