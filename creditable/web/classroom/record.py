"""/learn/<course>/record/: what is stored of the learner's work in a course, to read and to take
along. It stays when the access has ended."""

import csv
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.learning import record as records
from creditable.learning import study
from creditable.learning.record import Record
from creditable.learning.study import Study
from creditable.people.access import SignedRequest

COLUMNS = (
    "what",
    "title",
    "state",
    "seconds_counted",
    "seconds_asked",
    "started_at",
    "ended_at",
    "score_percent",
    "right",
    "questions",
)


@require_safe
@login_required
def record(request: SignedRequest, slug: str) -> HttpResponse:
    found = _found(request, slug)
    return render(request, "classroom/record.html", {"study": found, "record": records.of(found)})


@require_safe
@login_required
def as_json(request: SignedRequest, slug: str) -> HttpResponse:
    """Everything, in words for programs; instants in UTC."""
    answer = JsonResponse(
        asdict(records.of(_found(request, slug))), json_dumps_params={"indent": 1}
    )
    return _to_keep(answer, slug, "json")


@require_safe
@login_required
def as_csv(request: SignedRequest, slug: str) -> HttpResponse:
    """A row for the course, each lesson, each attempt, the evaluation and the completion; instants
    in UTC. What one wrote in the evaluation is in the JSON file."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    writer = csv.DictWriter(answer, COLUMNS)
    writer.writeheader()
    writer.writerows(_rows(records.of(_found(request, slug))))
    return _to_keep(answer, slug, "csv")


def _found(request: SignedRequest, slug: str) -> Study:
    found = study.find(request.user.pk, slug)
    if found is None:
        raise Http404
    return found


def _to_keep(answer: HttpResponse, slug: str, ending: str) -> HttpResponse:
    answer["Content-Disposition"] = f'attachment; filename="record-{slug}.{ending}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _rows(record: Record) -> Iterator[dict[str, object]]:
    yield {
        "what": "course",
        "title": record.course,
        "state": "completed" if record.completion else "in progress",
        "seconds_counted": record.counted_seconds,
        "seconds_asked": record.required_seconds,
        "started_at": _instant(record.enrolled_at),
    }
    for lesson in record.lessons:
        yield {
            "what": "lesson",
            "title": lesson.title,
            "state": lesson.state,
            "seconds_counted": lesson.counted_seconds,
            "seconds_asked": lesson.required_seconds,
        }
    for attempt in record.attempts:
        states = {None: "running", True: "passed", False: "not passed"}
        yield {
            "what": "attempt",
            "title": f"Attempt {attempt.number}",
            "state": states[attempt.passed],
            "started_at": _instant(attempt.started_at),
            "ended_at": _instant(attempt.ended_at),
            "score_percent": attempt.percent,
            "right": attempt.correct,
            "questions": attempt.questions,
        }
    if record.evaluated_at:
        yield {
            "what": "evaluation",
            "state": "answered",
            "ended_at": _instant(record.evaluated_at),
        }
    if record.completion:
        yield {
            "what": "completion",
            "state": "completed",
            "ended_at": _instant(record.completion.completed_at),
            "seconds_counted": record.completion.seat_seconds,
            "score_percent": record.completion.score_percent,
        }


def _instant(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


urlpatterns = [
    path("<slug:slug>/record/", record, name="record"),
    path("<slug:slug>/record.json", as_json, name="record_json"),
    path("<slug:slug>/record.csv", as_csv, name="record_csv"),
]
