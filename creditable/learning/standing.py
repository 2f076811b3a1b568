"""Where the places stand that a source has opened, such as the lines of an order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from creditable.audit.clock import Now
from creditable.learning.models import Attempt, Grant


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of one reason for access. `withdrawn` is about this reason, `is_open` about
    the course, which another reason may hold open."""

    is_open: bool
    expires_at: datetime
    withdrawn: bool
    exam_started: bool
    completion_id: UUID | None


def of(source: str, source_ids: Iterable[str]) -> dict[str, Standing]:
    """By source id; what has opened nothing is absent (one query)."""
    others = Grant.objects.filter(enrollment=OuterRef("enrollment"), withdrawn_at=None)
    attempts = Attempt.objects.filter(enrollment=OuterRef("enrollment"))
    grants = (
        Grant.objects.filter(source=source, source_id__in=list(source_ids))
        .select_related("enrollment__completion")
        .annotate(
            is_open=Q(Exists(others)) & Q(enrollment__expires_at__gt=Now()),
            exam_started=Exists(attempts),
        )
    )
    return {
        grant.source_id: Standing(
            is_open=grant.is_open,
            expires_at=grant.enrollment.expires_at,
            withdrawn=grant.withdrawn_at is not None,
            exam_started=grant.exam_started,
            completion_id=getattr(getattr(grant.enrollment, "completion", None), "pk", None),
        )
        for grant in grants
    }
