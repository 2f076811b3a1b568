"""/learn/<course>/evaluation/: what the learner thinks of the course, asked once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from creditable.learning import evaluation as evaluations
from creditable.learning import study
from creditable.learning.evaluation import LONGEST_TEXT, Question
from creditable.learning.study import Study
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest

SCALE = {
    1: _("Strongly disagree"),
    2: _("Disagree"),
    3: _("Neither"),
    4: _("Agree"),
    5: _("Strongly agree"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def evaluation(request: SignedRequest, slug: str) -> HttpResponse:
    """Also for someone whose access has ended since they passed."""
    found = study.find(request.user.pk, slug)
    if found is None or not found.kept or not found.version.evaluation:
        raise Http404
    if found.evaluation is not None:
        return _onward(found)
    if not found.enrollment.attempts.filter(passed=True).exists():
        return HttpResponseRedirect(reverse("classroom:course", args=[slug]))
    form = _form(found, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            evaluations.answer(
                subject_id=request.user.pk,
                slug=slug,
                answers={ref: said for ref, said in form.cleaned_data.items() if said != ""},
                by=request.user.actor,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("Thank you. Your answers are stored."))
            return _onward(study.of(found.enrollment))
    return render(
        request,
        "classroom/evaluation.html",
        {"study": found, "form": form},
        status=422 if form.is_bound else 200,
    )


def _onward(found: Study) -> HttpResponseRedirect:
    page = "completed" if found.completion else "course"
    return HttpResponseRedirect(reverse(f"classroom:{page}", args=[found.slug]))


def _form(found: Study, sent: Any) -> forms.Form:
    form = forms.Form(sent)
    for question in evaluations.questions(found.version):
        form.fields[question.ref] = _field(question)
    return form


def _field(question: Question) -> forms.Field:
    about: dict[str, Any] = {"label": question.words, "required": question.required}
    if question.kind == "text":
        return forms.CharField(
            **about,
            max_length=LONGEST_TEXT,
            widget=forms.Textarea(attrs={"rows": 4}),
            error_messages={"required": _("Write a few words.")},
        )
    words = SCALE if question.kind == "scale" else dict(enumerate(question.choices))
    return forms.TypedChoiceField(
        **about,
        coerce=int,
        empty_value="",
        choices=list(words.items()),
        widget=forms.RadioSelect(attrs={"class": "choices--boxed"}),
        error_messages={
            "required": _("Choose one of the answers."),
            "invalid_choice": _("Choose one of the answers."),
        },
    )


urlpatterns = [path("<slug:slug>/evaluation/", evaluation, name="evaluation")]
