"""One course: everything a person should know before paying."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from creditable.catalog import offerings
from creditable.catalog.models import Approval
from creditable.credit import counts, marks, packs, phrases
from creditable.credit.pack import Pack
from creditable.learning import access
from creditable.lib.dates import local_date
from creditable.store import offers
from creditable.web.shop.shelf import shelve


@require_safe
def course(request: HttpRequest, slug: str) -> HttpResponse:
    holder = counts.holder(request.user.pk) if request.user.is_authenticated else None
    found = shelve(offers.course(slug), holder)
    if not found:
        raise Http404
    version = found[0].version
    approvals = version.course.approvals.all()
    at = version.at  # type: ignore[attr-defined]
    return render(
        request,
        "shop/course.html",
        {
            "course": found[0],
            "version": version,
            "taking": request.user.is_authenticated
            and access.under_way(request.user.pk)
            .filter(course_version__course=version.course_id)
            .exists(),
            "lapses": holder.lapses(version.course, version.access_days)
            if holder and holder.licenses
            else counts.lapses_for_anybody(version.course, version.access_days, at),
            "modules": offerings.modules(version.lessons.all()),
            "marks": marks.asked(approvals=approvals, own=version.pass_percent, at=at),
            "approvals": [_approval(approval, at) for approval in approvals],
        },
    )


def _approval(row: Approval, at: datetime) -> tuple[Pack | None, Approval, str]:
    """An approval with its authority, and what it counts in hours that are not of 60 minutes."""
    pack = packs.find(row.authority)
    in_force = pack.rules_on(local_date(at, pack.time_zone)) if pack else None
    return (
        pack,
        row,
        phrases.own_hours(row.topic_minutes, pack, in_force) if pack and in_force else "",
    )


@require_safe
@cache_control(public=True, max_age=3600)
def picture(request: HttpRequest, slug: str) -> HttpResponse:
    """The cover. A drawing may carry style, and may do nothing else."""
    media = offerings.picture(slug)
    if media is None:
        raise Http404
    answer = HttpResponse(bytes(media.content), content_type=media.content_type)
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer


urlpatterns = [
    path("courses/<slug:slug>/", course, name="course"),
    path("courses/<slug:slug>/picture/", picture, name="picture"),
]
