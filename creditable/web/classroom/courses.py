"""/learn/: my courses, and where each goes on."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.learning import study
from creditable.people.access import SignedRequest


@require_safe
@login_required
def courses(request: SignedRequest) -> HttpResponse:
    return render(request, "classroom/courses.html", {"places": study.courses(request.user.pk)})


urlpatterns = [path("", courses, name="courses")]
