"""Reviews: what somebody of an authority may look at here, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.catalog.models import Course
from creditable.credit import packs
from creditable.credit.models import Award, Review
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused

LONGEST = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Scope:
    """Completions that an authority credited: of these courses (slugs; none: all), completed from
    one day to another."""

    authority: str
    courses: tuple[str, ...]
    first: date
    last: date

    def awards(self) -> "QuerySet[Award]":
        """In an order that does not change."""
        found = Award.objects.filter(
            authority=self.authority, completed_on__gte=self.first, completed_on__lte=self.last
        )
        if self.courses:
            found = found.filter(course__slug__in=self.courses)
        return found.order_by("completed_on", "completed_at", "id")


def scope(*, authority: str, courses: Sequence[str], first: date, last: date) -> Scope:
    """A scope that can be. Refused at the field at fault."""
    pack = packs.find(authority)
    if pack is None or not pack.is_told_by_us:
        raise Refused(
            _("We tell this authority nothing of completions."), field="authority", code="unknown"
        )
    if last < first:
        raise Refused(_("The last day comes before the first."), field="last", code="period")
    slugs = tuple(sorted(set(courses)))
    if Course.objects.filter(slug__in=slugs).count() < len(slugs):
        raise Refused(_("There is no such course."), field="courses", code="unknown")
    return Scope(authority, slugs, first, last)


@transaction.atomic
def give(*, subject_id: UUID, scope: Scope, expires_at: datetime, by: Actor) -> Review:
    """Lets the person look, until then. Refused when that is over already or too far away."""
    at = now()
    if not at < expires_at <= at + LONGEST:
        raise Refused(
            _("Choose an end within the next {days} days.").format(days=LONGEST.days),
            field="expires",
            code="expires",
        )
    review = Review.objects.create(
        subject_id=subject_id,
        authority=scope.authority,
        courses=list(scope.courses),
        first=scope.first,
        last=scope.last,
        expires_at=expires_at,
        granted_by=by.subject_id,
    )
    _note("reviews.give", review, by)
    return review


@transaction.atomic
def end(*, review: Review, by: Actor) -> None:
    """Takes the look back. Taking it twice changes nothing."""
    ended = Review.objects.filter(pk=review.pk, ended_at=None)
    if ended.update(ended_at=now(), ended_by=by.subject_id):
        _note("reviews.end", review, by)


def live(subject_id: UUID) -> "QuerySet[Review]":
    """What the person may look at now."""
    return Review.objects.filter(
        subject_id=subject_id, ended_at=None, expires_at__gt=now()
    ).order_by("expires_at", "id")


def of(review: Review) -> Scope:
    return Scope(review.authority, tuple(review.courses), review.first, review.last)


def _note(verb: str, review: Review, by: Actor) -> None:
    trail.record(
        verb=verb,
        by=by,
        noun="review",
        noun_id=review.pk,
        about=review.subject_id,
        detail={"authority": review.authority, "courses": len(review.courses)},
    )
