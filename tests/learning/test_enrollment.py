"""A reason opens a course once; access lasts while any reason does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError

from creditable.audit.clock import now
from creditable.catalog.models import CourseVersion
from creditable.disclosure.models import Outbox
from creditable.learning import access, attempts, enrollment
from creditable.learning.models import Enrollment, Grant
from creditable.lib.actor import Actor
from creditable.mail.models import Message
from creditable.people.models import Person
from tests.factories.catalog import make_course
from tests.factories.learning import enroll, sit_all, take_exam
from tests.factories.people import make_person
from tests.promises import promise

BY = Actor.system("tests")


def grant(
    person: Person, version: CourseVersion, line: str, source: str = "store.order_line"
) -> Enrollment:
    return enrollment.grant(
        subject_id=person.pk, course_version=version, source=source, source_id=line, by=BY
    )


def test_a_bought_course_is_open_for_the_days_it_promises(
    ana: Person, version: CourseVersion
) -> None:
    place = grant(ana, version, "1")
    assert list(access.of(ana.pk)) == [place]
    left = place.expires_at - now()
    assert timedelta(days=29) < left <= timedelta(days=30)


def test_the_same_order_line_delivered_twice_enrolls_once(
    ana: Person, version: CourseVersion
) -> None:
    assert grant(ana, version, "1") == grant(ana, version, "1")
    assert Grant.objects.count() == Enrollment.objects.count() == 1
    assert Message.objects.filter(kind="learning.enrolled").count() == 1


def test_a_second_reason_keeps_the_place_and_either_one_keeps_it_open(
    ana: Person, version: CourseVersion
) -> None:
    place = grant(ana, version, "1")
    assert grant(ana, version, "gift", source="gift") == place
    enrollment.withdraw(source="store.order_line", source_id="1", by=BY)
    assert list(access.of(ana.pk)) == [place]
    enrollment.withdraw(source="gift", source_id="gift", by=BY)
    enrollment.withdraw(source="gift", source_id="gift", by=BY)
    assert list(access.of(ana.pk)) == []


def test_access_ends_with_its_last_day(
    place: Enrollment, ana: Person, move_clock: Callable[[timedelta], None]
) -> None:
    move_clock(timedelta(days=30, seconds=1))
    assert list(access.of(ana.pk)) == []


def test_who_buys_again_while_learning_keeps_the_place_with_more_time(
    place: Enrollment, ana: Person, version: CourseVersion, move_clock: Callable[[timedelta], None]
) -> None:
    move_clock(timedelta(days=10))
    again = grant(ana, version, "2")
    assert again == place
    assert again.expires_at - place.expires_at >= timedelta(days=10)


def test_who_has_completed_the_course_begins_a_new_turn(
    place: Enrollment, ana: Person, version: CourseVersion
) -> None:
    sit_all(place)
    assert take_exam(ana, place, right=4).passed
    again = grant(ana, version, "2")
    assert (again.cycle, again.course_version) == (2, version)
    assert attempts.Attempt.objects.filter(enrollment=again).count() == 0


def test_nobody_is_moved_to_another_version(ana: Person) -> None:
    old = make_course(slug="moving", title="Old")
    place = grant(ana, old, "1")
    new = make_course(slug="moving", title="New")
    assert grant(ana, new, "2") == place
    assert Enrollment.objects.get().course_version == old


@promise("A5")
def test_enrolling_sends_a_mail_that_leads_to_the_course(
    ana: Person, version: CourseVersion
) -> None:
    grant(ana, version, "1")
    mail = Message.objects.get(kind="learning.enrolled")
    assert mail.subject_id == ana.pk
    assert f"/learn/{version.course.slug}/" in mail.text
    assert version.title in mail.title
    assert Outbox.objects.filter(batch=mail.batch, channel="smtp").count() == 1


def test_one_turn_exists_once(place: Enrollment) -> None:
    with pytest.raises(IntegrityError):
        Enrollment.objects.create(
            subject_id=place.subject_id,
            course_version=place.course_version,
            cycle=place.cycle,
            expires_at=place.expires_at,
        )


def test_one_source_grants_once(place: Enrollment) -> None:
    first = Grant.objects.get()
    with pytest.raises(IntegrityError):
        Grant.objects.create(enrollment=place, source=first.source, source_id=first.source_id)


def test_other_people_are_not_let_in(place: Enrollment) -> None:
    stranger = make_person()
    assert list(access.of(stranger.pk)) == []
    other = enroll(stranger, place.course_version)
    assert list(access.of(stranger.pk)) == [other]
