"""One course: everything a person should know before paying."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from creditable.catalog import offerings
from creditable.credit import counts, packs
from creditable.web.shop.shelf import authority_name, shelve


@require_safe
def course(request: HttpRequest, slug: str) -> HttpResponse:
    found = shelve(offerings.course(slug))
    if not found:
        raise Http404
    version = found[0].version
    verdicts = (
        counts.for_course(request.user.pk, version.course) if request.user.is_authenticated else []
    )
    approvals = version.course.approvals.all()
    return render(
        request,
        "shop/course.html",
        {
            "course": found[0],
            "version": version,
            "modules": offerings.modules(version.lessons.all()),
            "approvals": [(packs.find(approval.authority), approval) for approval in approvals],
            "verdicts": [(authority_name(verdict.authority), verdict) for verdict in verdicts],
        },
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
