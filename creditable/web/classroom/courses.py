"""/learn/: where one stands: the courses and where each goes on, what each license still needs
and by when, and the reports that are on their way."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.audit import prepared
from creditable.credit import counts, packs
from creditable.credit.counts import Standing
from creditable.credit.models import Report
from creditable.learning import study
from creditable.learning.study import Study
from creditable.people.access import SignedRequest
from creditable.store import advice
from creditable.store.advice import Advice


@require_safe
@login_required
def courses(request: SignedRequest) -> HttpResponse:
    places = study.courses(request.user.pk)
    under_way = [place for place in places if place.open and not place.completion]
    return render(
        request,
        "classroom/courses.html",
        {
            "places": places,
            "current": _current(under_way),
            "passes": _passes(request.user.pk, [p.version.course_id for p in under_way]),
            "parcels": _parcels(request.user.pk),
        },
    )


def _current(under_way: Sequence[Study]) -> Study | None:
    """The course to go on with: the newest that was begun, or else the newest."""
    begun = (place for place in under_way if place.last)
    return next(begun, None) or next(iter(under_way), None)


def _passes(subject_id: UUID, taking: Sequence[UUID]) -> list[tuple[Standing, Advice | None]]:
    """Where each license stands and which course would help it most, the most urgent first."""
    holder = counts.holder(subject_id)
    advised: Sequence[Advice | None] = [None] * len(holder.licenses)
    if counts.wants_suited(subject_id, holder):
        advised = advice.next_best(holder, taking=taking)
    passes = list(zip(holder.standings(), advised, strict=True))
    return sorted(passes, key=lambda shown: _urgency(shown[0]))


def _urgency(standing: Standing) -> tuple[bool, int]:
    days = standing.days_left
    return (standing.urgency == "met", 100_000 if days is None else days)


def _parcels(subject_id: UUID) -> list[tuple[str, Report]]:
    """The reports that no authority has accepted yet, with the authority's name (one query)."""
    return [(_name(report.authority), report) for report in _open(subject_id)]


@prepared.query
def _open(subject_id: UUID) -> QuerySet[Report]:
    return (
        Report.objects.filter(subject=subject_id)
        .exclude(state__in=_OVER)
        .exclude(state=Report.State.REJECTED, award__reports__state__in=_NOT_REJECTED)
        .select_related("award")
        .only("authority", "state", "due_on", "award__snapshot")
        .order_by("-created_at", "-id")
    )


_OVER = (Report.State.ACCEPTED, Report.State.FILED, Report.State.AMENDED)
_NOT_REJECTED = [state for state in Report.State if state != Report.State.REJECTED]


def _name(authority: str) -> str:
    pack = packs.find(authority)
    return pack.name if pack else authority


urlpatterns = [path("", courses, name="courses")]
