"""Who may enter a course: any recorded reason that was not withdrawn, until the access ends."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from creditable.audit import prepared
from creditable.audit.clock import Now
from creditable.learning.models import Enrollment, Grant


def is_granted() -> Exists:
    """The condition on enrollments for which a reason still stands, whatever the date."""
    return Exists(Grant.objects.filter(enrollment=OuterRef("pk"), withdrawn_at=None))


def is_open() -> Q:
    """The condition on enrollments that may be entered now."""
    return Q(is_granted(), expires_at__gt=Now())


def of(subject_id: UUID) -> QuerySet[Enrollment]:
    """The person's enrollments that may be entered now."""
    return Enrollment.objects.filter(is_open(), subject_id=subject_id)


@prepared.query
def hold(subject_id: UUID, slug: str) -> QuerySet[Enrollment]:
    """The person's enrollments in the course, with the person, held until the transaction ends
    (one query)."""
    mine = Enrollment.objects.filter(subject=subject_id, course_version__course__slug=slug)
    people = mine.select_related("subject__person")
    return people.select_for_update(of=("self",), no_key=True).order_by("pk")


def under_way(subject_id: UUID) -> QuerySet[Enrollment]:
    """Those of them that are not completed: another reason for one opens nothing new."""
    return of(subject_id).filter(completion=None)
