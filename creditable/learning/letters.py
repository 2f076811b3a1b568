"""Mail to learners, queued with the deed that it tells of. The deed stands also where the policy
does not let the mail leave."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import QuerySet

from creditable.audit import prepared
from creditable.disclosure import gate
from creditable.learning.models import Completion, Enrollment, Grant
from creditable.learning.releases import COMPLETED, ENROLLED
from creditable.lib.actor import Actor
from creditable.mail import post
from creditable.mail.kinds import Kind
from creditable.people.models import Person


def enrolled(*, enrollment: Enrollment, grant: Grant, by: Actor) -> None:
    """Tells the learner that the course is open to them, once for each reason it was opened."""
    person = next(iter(_person(enrollment.subject_id)), None)
    if person is None:
        return
    values = {"name": person.name, "course": _course(enrollment)}
    _send(ENROLLED, person, values, by, f"enrolled:{grant.id}")


def completed(*, completion: Completion, person: Person, by: Actor) -> None:
    """Tells the learner that the course is complete and where the certificate will be."""
    values = {
        "name": person.name,
        "course": _course(completion.enrollment),
        "completion": {"seat_minutes": completion.seat_seconds // 60},
        "score": completion.score_percent,
    }
    _send(COMPLETED, person, values, by, f"completed:{completion.id}")


@prepared.query
def _person(subject_id: UUID) -> QuerySet[Person]:
    return Person.objects.filter(pk=subject_id)


def _send(kind: Kind, person: Person, values: Mapping[str, object], by: Actor, key: str) -> None:
    try:
        post.send(kind=kind, subject_id=person.pk, to=person.email, values=values, by=by, key=key)
    except gate.Denied as denied:
        denied.note()


def _course(enrollment: Enrollment) -> dict[str, object]:
    version = enrollment.course_version
    return {
        "title": version.title,
        "slug": version.course.slug,
        "credit_minutes": version.credit_minutes,
        "access_days": version.access_days,
    }
