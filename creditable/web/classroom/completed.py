"""/learn/<course>/completed/: done; where certificate and report are."""

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from creditable.credit import certificates, packs, rosters
from creditable.credit.marks import LicenseMark
from creditable.credit.models import Award, Certificate, Report
from creditable.learning import facts, study
from creditable.learning.models import Completion
from creditable.learning.study import Study
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
    earned = list(
        Award.objects.filter(
            completion_id=found.completion.pk, subject_id=request.user.pk
        ).annotate(
            ready=Exists(Certificate.objects.filter(award=OuterRef("pk"))),
            accepted=Exists(
                Report.objects.filter(award=OuterRef("pk"), state=Report.State.ACCEPTED)
            ),
        )
    )
    awards = [(packs.find(award.authority), award, certificates.hours(award)) for award in earned]
    told = [(pack, award) for pack, award, _hours in awards if pack and pack.takes_reports]
    silent = {p.id: p for p, _award, _hours in awards if p and not p.takes_reports}
    return render(
        request,
        "classroom/completed.html",
        {
            "study": found,
            "completion": found.completion,
            "awards": awards,
            "reported": len(told),
            "reported_by_us": all(pack.is_told_by_us for pack, _award in told),
            "silent": silent.values(),
            "ready": all(award.ready for award in earned),
            "to_agree": _to_agree(earned),
            "accepted": all(award.accepted for _pack, award in told),
            "missed": _missed(found, found.completion),
            "ask_evaluation": bool(found.version.evaluation) and found.evaluation is None,
        },
    )


def _to_agree(earned: Sequence[Award]) -> list[dict[str, object]]:
    """The reports that wait for the person's yes, with what is to be agreed to."""
    waiting = Report.objects.filter(award__in=earned, state=Report.State.DUE).order_by("id")
    return [
        {"report_id": report.pk, "authority": packs.get(report.authority).name, "asked": asked}
        for report in waiting
        if (asked := rosters.to_agree(subject_id=report.subject_id, authority=report.authority))
    ]


def _missed(found: Study, completion: Completion) -> list[LicenseMark]:
    """The licenses whose mark the score did not reach."""
    return [
        one for one in facts.license_marks(found) if completion.score_percent < one.mark.percent
    ]


urlpatterns = [path("<slug:slug>/completed/", completed, name="completed")]
