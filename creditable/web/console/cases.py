"""/console/cases/: what waits for an answer, the most urgent first. What people wrote is sealed: it
opens to who has the case, and to anybody else who says why."""

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest, staff_required
from creditable.people.models import Person
from creditable.support import cases
from creditable.support.cases import Letter
from creditable.support.models import Case
from creditable.web.console.frame import page
from creditable.web.ui.errors import refused

A_PAGE = 50


class Reason(forms.Form):
    """Why somebody reads what is not theirs to read."""

    reason = forms.CharField(
        label=gettext_lazy("Why do you have to read it?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "The one who wrote it gets a mail with this reason, and it stays on record."
        ),
    )


SEALED = ("body", "name", "email")


@staff_required("cases.view")
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    found = Case.objects.defer(*SEALED).order_by("-state", "due", "number")
    shown = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return page(request, "console/cases.html", {"cases": shown, "me": request.user.pk})


@staff_required("cases.view")
@require_safe
def show(request: SignedRequest, number: int) -> HttpResponse:
    case = _find(number)
    letter = None
    if case.owner_id == request.user.pk and request.user.may("cases.take"):
        letter = cases.read(case=case, by=request.user.staff_actor)
    return _show(request, case, letter)


def _find(number: int) -> Case:
    return get_object_or_404(Case.objects.defer(*SEALED), number=number)


def _show(
    request: SignedRequest, case: Case, letter: Letter | None, form: Reason | None = None
) -> HttpResponse:
    openings = list(case.openings.order_by("-at"))
    staff = Person.objects.in_bulk([case.owner_id, *(one.by for one in openings)])
    context = {
        "case": case,
        "letter": letter,
        "mine": case.owner_id == request.user.pk,
        "owner": staff.get(case.owner_id) if case.owner_id else None,
        "openings": [(one, staff.get(one.by)) for one in openings],
        "may_take": request.user.may("cases.take"),
        "may_break": request.user.may("cases.break_seal"),
        "form": form or Reason(),
    }
    return page(request, "console/case.html", context, 422 if form else 200)


@staff_required("cases.take")
@require_POST
def take(request: SignedRequest, number: int) -> HttpResponse:
    try:
        cases.take(case=_find(number), by=request.user.staff_actor)
    except Refused as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(reverse("console:case", args=[number]))


@staff_required("cases.take")
@require_POST
def give_back(request: SignedRequest, number: int) -> HttpResponse:
    cases.give_back(case=_find(number), by=request.user.staff_actor)
    return HttpResponseRedirect(reverse("console:case", args=[number]))


@staff_required("cases.break_seal")
@require_POST
def break_seal(request: SignedRequest, number: int) -> HttpResponse:
    """Shows what was written in this one answer; looking again takes a reason again."""
    case, form = _find(number), Reason(request.POST)
    if form.is_valid():
        by = request.user.staff_actor
        try:
            return _show(request, case, cases.break_seal(case=case, by=by, **form.cleaned_data))
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
    return _show(request, case, None, form)


urlpatterns = [
    path("cases/", index, name="cases"),
    path("cases/<int:number>/", show, name="case"),
    path("cases/<int:number>/take/", take, name="case_take"),
    path("cases/<int:number>/give-back/", give_back, name="case_give_back"),
    path("cases/<int:number>/open/", break_seal, name="case_open"),
]
