"""/learn/<course>/practice/: as often as one likes; nothing of it is counted or kept."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from creditable.learning import practice as quizzes
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest
from creditable.web.classroom.place import place
from creditable.web.ui.errors import refused


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def practice(request: SignedRequest, slug: str) -> HttpResponse:
    found = place(request, slug)
    if found.version.practice_bank_version_id is None:
        raise Http404
    if request.method != "POST":
        quiz = quizzes.draw(found.version)
        return render(request, "classroom/practice.html", {"study": found, "quiz": quiz})
    answers = {
        number: int(given)
        for number in range(1, found.version.practice_questions + 1)
        if (given := request.POST.get(f"answer-{number}", "")).isdecimal() and len(given) < 4
    }
    try:
        quiz = quizzes.mark(
            version=found.version, token=request.POST.get("token", ""), answers=answers
        )
    except Refused as refusal:
        return refused(request, refusal, status=422)
    return render(
        request, "classroom/practice.html", {"study": found, "quiz": quiz, "marked": True}
    )


urlpatterns = [path("<slug:slug>/practice/", practice, name="practice")]
