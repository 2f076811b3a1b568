"""/learn/<course>/completed/: done; where certificate and report are."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from creditable.credit import certificates, packs
from creditable.credit.models import Award
from creditable.learning import study
from creditable.people.access import SignedRequest


@require_safe
@login_required
def completed(request: SignedRequest, slug: str) -> HttpResponse:
    """Also for someone whose access has ended since."""
    found = study.find(request.user.pk, slug)
    if found is None:
        raise Http404
    if found.completion is None:
        return HttpResponseRedirect(reverse("classroom:course", args=[slug]))
    earned = Award.objects.filter(completion_id=found.completion.pk, subject_id=request.user.pk)
    awards = [(packs.find(award.authority), award, certificates.hours(award)) for award in earned]
    return render(
        request,
        "classroom/completed.html",
        {
            "study": found,
            "completion": found.completion,
            "awards": awards,
            "reported": sum(bool(award.authority) for _, award, _ in awards),
        },
    )


urlpatterns = [path("<slug:slug>/completed/", completed, name="completed")]
