"""Completing a course: once, with the credit that it earns."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.credit import awards
from creditable.learning import access, evidence, facts, letters, requirements, study
from creditable.learning.models import Attempt, Completion, Enrollment
from creditable.learning.requirements import Checklist, Facts
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people.models import Person


@transaction.atomic
def settle(*, enrollment: Enrollment, at: datetime, by: Actor) -> Completion | None:
    """Completes the course as of `at` with the best attempt, and awards its credit, as soon as
    nothing is missing. None before: while no attempt has passed, while the evaluation that the
    course requires is not answered, and while the learner may still try for a license's higher
    mark, because a completion ends the trying; and for somebody who is no longer known. A second
    call changes nothing. Refused when an attempt has passed and the evidence, recounted, does not
    bear it. Whoever calls holds the enrollment."""
    return _settle(enrollment, at, by, tries=True)


@transaction.atomic
def take(*, subject_id: UUID, slug: str, by: Actor) -> Completion:
    """Completes the course with the score that was reached, though a license asks for more and
    attempts are left: the learner's own choice. Refused before an attempt has passed, while one
    is running, and while the evaluation is missing."""
    access.hold(subject_id, slug)
    place = study.find(subject_id, slug)
    if place is None or not place.kept:
        raise Refused(_("This course is not open to you now."), code="closed")
    if place.enrollment.attempts.filter(submitted_at=None).exists():
        raise Refused(_("Hand in the attempt that is running first."), code="open")
    completion = _settle(place.enrollment, place.now, by, tries=False)
    if completion is None:
        raise Refused(_("The course is not complete yet. See its page for what is missing."))
    return completion


def _settle(enrollment: Enrollment, at: datetime, by: Actor, *, tries: bool) -> Completion | None:
    place = study.of(enrollment)
    if place.completion is not None:
        return place.completion
    person = getattr(enrollment.subject, "person", None)
    if person is None:
        return None
    attempts = study.attempts(place.enrollment.pk)
    proof = evidence.of(enrollment)
    known = facts.of(place, attempts, proof.lessons)
    if not known.passed:
        return None
    checklist = requirements.met(known)
    missing = [item for item in checklist.missing if item.name != "evaluation"]
    if missing:
        words = ", ".join(item.words for item in missing)
        raise Refused(
            _("The course is not complete yet. Missing: {words}.").format(words=words),
            code="incomplete",
        )
    if not checklist.met:
        return None
    if tries and facts.short(place, known) and facts.entry(place, attempts, known).admission.left:
        return None
    best = max(attempts, key=lambda attempt: (attempt.percent or 0, -attempt.number))
    began = proof.began or enrollment.created_at
    return _complete(enrollment, person, best, known, checklist, began, at, by)


def _complete(
    enrollment: Enrollment,
    person: Person,
    attempt: Attempt,
    known: Facts,
    checklist: Checklist,
    began: datetime,
    at: datetime,
    by: Actor,
) -> Completion:
    completion = Completion.objects.create(
        enrollment=enrollment,
        subject_id=enrollment.subject_id,
        attempt=attempt,
        started_at=began,
        completed_at=at,
        seat_seconds=known.counted_seconds,
        score_percent=attempt.percent or 0,
        checklist=[
            {"name": item.name, "words": item.words, "status": item.status}
            for item in checklist.items
        ],
    )
    trail.record(
        verb="learning.complete",
        by=by,
        noun="completion",
        noun_id=completion.pk,
        about=completion.subject_id,
        detail={"attempt": attempt.number},
    )
    letters.completed(completion=completion, person=person, by=by)
    awards.award(fact=_fact(completion, person), by=by)
    return completion


def _fact(completion: Completion, person: Person) -> awards.CompletionFact:
    version = completion.enrollment.course_version
    return awards.CompletionFact(
        completion_id=completion.pk,
        subject_id=completion.subject_id,
        holder_name=person.name,
        course_slug=version.course.slug,
        course_title=version.title,
        course_version_number=version.number,
        course_id=version.course_id,
        delivery=version.delivery,
        started_at=completion.started_at,
        completed_at=completion.completed_at,
        seat_seconds=completion.seat_seconds,
        score_percent=completion.score_percent,
        pass_percent=version.pass_percent,
        instructor=version.detail["instructor"]["name"],
    )
