"""/console/evaluations/: what learners say about the courses, in totals and without names."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creditable.catalog.models import CourseVersion
from creditable.learning import evaluation
from creditable.learning.evaluation import Result
from creditable.people.access import SignedRequest, staff_required
from creditable.web.console.frame import page
from creditable.web.ui.templatetags.ui import Bar


@staff_required("evaluations.view")
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    return page(request, "console/evaluations.html", {"versions": evaluation.evaluated()})


@staff_required("evaluations.view")
@require_safe
def show(request: SignedRequest, version_id: UUID) -> HttpResponse:
    """The averages as bars, by objective, for the instructor and for the rest; then how many chose
    what, and what was written. Before enough people answered, the page says that alone."""
    version = get_object_or_404(CourseVersion.objects.select_related("course"), pk=version_id)
    shown = evaluation.results(version)
    context: dict[str, Any] = {"version": version, "step": evaluation.STEP}
    if shown is None:
        return page(request, "console/evaluation.html", context)
    results = shown.questions
    scales = [result for result in results if result.question.kind == "scale"]
    context |= {
        "people": shown.people,
        "charts": [
            (title, [_bar(result) for result in chosen])
            for title, chosen in (
                (
                    _("By objective, average from 1 to 5"),
                    [result for result in scales if result.question.objective],
                ),
                (
                    _("The instructor, average from 1 to 5"),
                    [result for result in scales if result.question.instructor],
                ),
                (
                    _("The course, average from 1 to 5"),
                    [
                        result
                        for result in scales
                        if not result.question.objective and not result.question.instructor
                    ],
                ),
            )
            if chosen
        ],
        "scales": scales,
        "points": evaluation.SCALE,
        "choices": [
            (result, list(zip(result.question.choices, result.counts, strict=True)))
            for result in results
            if result.question.kind == "choice"
        ],
        "written": [result for result in results if result.question.kind == "text"],
    }
    return page(request, "console/evaluation.html", context)


def _bar(result: Result) -> Bar:
    """A bar that is full at 5 and empty at 1."""
    average = result.average_hundredths
    label = result.question.objective or result.question.words
    if average is None:
        return Bar(label, 0, _("no answer"))
    return Bar(label, (average - 100) / 4, f"{average // 100}.{average % 100:02d}")


urlpatterns = [
    path("evaluations/", index, name="evaluations"),
    path("evaluations/<uuid:version_id>/", show, name="evaluation"),
]
