"""/console/cases/: what people wrote to us, the most urgent first."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.audit import trail
from creditable.people.access import SignedRequest, staff_required
from creditable.support.models import Case
from creditable.web.console.frame import page

A_PAGE = 50


@staff_required("cases.view")
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    cases = Case.objects.defer("body", "name", "email").order_by("-state", "due", "number")
    shown = Paginator(cases, A_PAGE).get_page(request.GET.get("page"))
    return page(request, "console/cases.html", {"cases": shown})


@staff_required("cases.view")
@require_safe
def show(request: SignedRequest, number: int) -> HttpResponse:
    case = get_object_or_404(Case, number=number)
    by = request.user.staff_actor
    if case.subject_id:
        trail.viewed(by=by, subject_id=case.subject_id, page="console case")
    else:
        trail.record(verb="view", by=by, noun="console case", noun_id=case.pk)
    return page(request, "console/case.html", {"case": case})


urlpatterns = [
    path("cases/", index, name="cases"),
    path("cases/<int:number>/", show, name="case"),
]
