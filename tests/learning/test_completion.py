"""A course completed is recorded once, with its credit and its mail, or not at all."""

from typing import Any

import pytest
from django.db import IntegrityError

from creditable.audit.clock import now
from creditable.credit import awards
from creditable.credit.models import Award
from creditable.disclosure.models import Outbox
from creditable.learning import completion
from creditable.learning.evidence import Evidence
from creditable.learning.models import Attempt, Beat, Completion, Enrollment
from creditable.learning.requirements import LessonFact
from creditable.lib.refusal import Refused
from creditable.mail.models import Message
from creditable.people.models import Person
from tests.factories.learning import answer, begin_exam, hand_in, sit_all, take_exam
from tests.promises import promise


@pytest.fixture
def passed(ana: Person, place: Enrollment) -> Attempt:
    sit_all(place)
    return take_exam(ana, place, right=4)


def test_a_completion_says_what_was_asked_and_how_it_stood(
    passed: Attempt, place: Enrollment
) -> None:
    done = Completion.objects.get()
    assert (done.enrollment, done.attempt, done.subject_id) == (place, passed, place.subject_id)
    assert (done.seat_seconds, done.score_percent) == (240, 100)
    assert done.completed_at == passed.submitted_at
    assert done.started_at == min(Beat.objects.values_list("at", flat=True))
    assert done.started_at <= done.completed_at
    assert [line["name"] for line in done.checklist] == ["lessons", "time", "attestation", "exam"]


def test_the_credit_is_awarded_in_the_same_breath(passed: Attempt) -> None:
    done = Completion.objects.get()
    award = Award.objects.get()
    assert (award.completion_id, award.subject_id) == (done.pk, done.subject_id)


def test_completing_again_changes_nothing(ana: Person, passed: Attempt) -> None:
    first = Completion.objects.get()
    assert completion.settle(enrollment=passed.enrollment, at=now(), by=ana.actor) == first
    assert Award.objects.count() == 1
    assert Message.objects.filter(kind="learning.completed").count() == 1


def test_when_the_award_fails_nothing_of_the_submission_stays(
    ana: Person, place: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**anything: Any) -> None:
        raise RuntimeError("the award failed")

    monkeypatch.setattr(awards, "award", fail)
    sit_all(place)
    attempt = begin_exam(ana, place)
    answer(ana, attempt, right=4)
    with pytest.raises(RuntimeError):
        hand_in(ana, attempt)
    attempt.refresh_from_db()
    assert attempt.submitted_at is None
    assert Completion.objects.count() == 0
    assert Message.objects.filter(kind="learning.completed").count() == 0
    monkeypatch.undo()
    assert hand_in(ana, attempt).passed
    assert Award.objects.count() == 1


def test_a_passed_exam_without_the_evidence_completes_nothing(
    ana: Person, place: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    sit_all(place)
    attempt = begin_exam(ana, place)
    answer(ana, attempt, right=4)
    nothing = Evidence((LessonFact("Grounding", 120, 0),), None)
    monkeypatch.setattr(completion.evidence, "of", lambda _enrollment: nothing)
    with pytest.raises(Refused, match="not complete"):
        hand_in(ana, attempt)
    assert Completion.objects.count() == 0


@promise("A5")
def test_completing_sends_a_mail_that_leads_to_certificate_and_report(
    passed: Attempt, place: Enrollment
) -> None:
    mail = Message.objects.get(kind="learning.completed")
    assert mail.subject_id == place.subject_id
    assert place.course_version.title in mail.title
    assert "/account/certificates/" in mail.text
    assert "/account/reports/" in mail.text
    assert Outbox.objects.filter(batch=mail.batch, channel="smtp").count() == 1


def test_an_enrollment_is_completed_once(passed: Attempt) -> None:
    done = Completion.objects.get()
    with pytest.raises(IntegrityError):
        Completion.objects.create(
            enrollment=done.enrollment,
            subject_id=done.subject_id,
            attempt=done.attempt,
            started_at=done.started_at,
            seat_seconds=1,
            score_percent=1,
            checklist=[],
        )


def test_the_evidence_of_a_completion_stays(passed: Attempt) -> None:
    assert Beat.objects.count() == 2
