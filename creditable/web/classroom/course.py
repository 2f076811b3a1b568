"""/learn/<course>/: the outline, what is done, what is missing, and the way back to the place
where one stopped."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.learning import facts, requirements, study
from creditable.people.access import SignedRequest
from creditable.web.classroom.place import place


@require_safe
@login_required
def course(request: SignedRequest, slug: str) -> HttpResponse:
    found = place(request, slug)
    attempts = study.attempts(found.enrollment.pk)
    known = facts.shown(found, attempts)
    return render(
        request,
        "classroom/course.html",
        {
            "study": found,
            "checklist": requirements.met(known),
            "entry": facts.entry(found, attempts, known),
            "known": known,
            "attempts": attempts,
        },
    )


urlpatterns = [path("<slug:slug>/", course, name="course")]
