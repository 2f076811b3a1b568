"""/learn/<course>/exam/: the declaration, the questions, the result. Everything works by plain
forms; the script saves sooner, keeps what a lost connection held up, and shows the clock."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from creditable.credit import names
from creditable.learning import attempts as learning_attempts
from creditable.learning import completion, facts, requirements, study
from creditable.learning.models import Attempt
from creditable.learning.study import Study
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people import sessions
from creditable.people.access import SignedRequest
from creditable.web.classroom.place import place
from creditable.web.ui.errors import refused


class Declaration(forms.Form):
    """The signature under the declaration: one's name, typed."""

    signature = forms.CharField(
        label=_("Your full name, as your signature"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Type your name to sign the declaration.")},
    )


class Answer(forms.Form):
    """One answer: the sheet it is of, the question's place there, how often it was answered, and
    the choice."""

    token = forms.CharField(max_length=1000)
    place = forms.IntegerField(min_value=1)
    version = forms.IntegerField(min_value=1, max_value=learning_attempts.MOST_CHANGES)
    choice = forms.IntegerField(min_value=0, max_value=1000)


@require_safe
@login_required
def exam(request: SignedRequest, slug: str) -> HttpResponse:
    found = place(request, slug)
    tries = study.attempts(found.enrollment.pk)
    running = next((one for one in tries if one.submitted_at is None), None)
    if running is None:
        return _intro(request, found, tries, Declaration())
    if found.now >= running.deadline:
        learning_attempts.settle(attempt_id=running.pk, by=Actor.system("clock"))
        return _to_result(slug, running.number)
    return render(request, "classroom/sheet.html", _sheet(request, found, running))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def start(request: SignedRequest, slug: str) -> HttpResponse:
    """A declaration that was refused is told at this address: reloading it leads to the exam."""
    if request.method != "POST":
        found = place(request, slug)
        return HttpResponseRedirect(reverse("classroom:exam", args=[found.slug]))
    form = Declaration(request.POST)
    if form.is_valid():
        try:
            learning_attempts.start(
                subject_id=request.user.pk,
                slug=slug,
                signature=form.cleaned_data["signature"],
                by=request.user.actor,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            return HttpResponseRedirect(reverse("classroom:exam", args=[slug]))
    found = place(request, slug)
    return _intro(request, found, study.attempts(found.enrollment.pk), form, status=422)


@csrf_exempt
@require_POST
def answer(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Free of the CSRF check for the reason of `beat`: the sheet's token is signed for this very
    session and in no cookie, and the verb asks for session and person in its one statement."""
    form = _pressed(request.POST)
    if not form.is_valid():
        unchosen = form.errors.keys() == {"choice"} and not form.data["choice"]
        return _answered(
            request,
            slug,
            "unchosen" if unchosen else "malformed",
            400 if "token" in form.errors else 422,
        )
    session = sessions.digest(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    try:
        saved = learning_attempts.save(**form.cleaned_data, session=session)
    except Refused as refusal:
        return _answered(request, slug, refusal.code, 403, message=refusal.message)
    return _answered(
        request,
        slug,
        saved.outcome,
        STATUS[saved.outcome],
        place=form.cleaned_data["place"],
        version=saved.version,
        choice=saved.choice,
        at=_milliseconds(saved.at),
        now=_milliseconds(saved.now),
        seconds_left=saved.seconds_left,
    )


def _pressed(sent: QueryDict) -> Answer:
    """The answer whose button was pressed. The button names the question's place and which answer
    to it this is, as "3.1"; the sheet sends the choices of all its questions."""
    place, _dot, version = sent.get("answer", "").partition(".")
    return Answer(
        {
            "token": sent.get("token", ""),
            "place": place,
            "version": version,
            "choice": sent.get(f"q{place}", ""),
        }
    )


@require_safe
@login_required
def clock(request: SignedRequest, slug: str) -> JsonResponse:
    """What the page asks when it comes back from sleep or a lost connection: whether the attempt
    still runs, and the time left by our clock."""
    running = learning_attempts.clock(subject_id=request.user.pk, slug=slug)
    if running is None:
        return _uncached({"state": "over"})
    return _uncached(
        {
            "state": "open",
            "now": _milliseconds(running.now),
            "seconds_left": running.seconds_left,
        }
    )


def _uncached(said: dict[str, Any]) -> JsonResponse:
    answer = JsonResponse(said)
    answer["Cache-Control"] = "no-store"
    return answer


def _milliseconds(at: datetime | None) -> int | None:
    """An instant as scripts count it."""
    return round(at.timestamp() * 1000) if at else None


MESSAGES = {
    "saved": _("Saved."),
    "stale": _(
        "Not saved: another device or window had changed this question meanwhile. What is saved "
        "stands; choose again to change it."
    ),
    "over": _("The exam has ended. This answer came too late; those saved before count."),
    "signed_out": _("You are signed out here. Saved answers stay. Sign in to go on."),
    "unchosen": _("Choose one of the answers first."),
    "unknown": _(
        "Not saved: your exam has no such question, or the question no such answer. Reload the "
        "exam and choose again; saved answers stay."
    ),
    "malformed": _(
        "Not saved: this did not arrive as the exam's page sends it. Reload the exam and choose "
        "again; saved answers stay."
    ),
}


STATUS = {"saved": 200, "stale": 409, "over": 409, "unknown": 404, "signed_out": 403}


def _answered(
    request: HttpRequest,
    slug: str,
    outcome: str,
    status: int,
    *,
    message: str = "",
    place: int | None = None,
    **stands: Any,
) -> HttpResponseBase:
    message = message or str(MESSAGES[outcome])
    if not request.accepts("text/html"):
        return JsonResponse({"state": outcome, "message": message, **stands}, status=status)
    sheet = reverse("classroom:exam", args=[slug])
    if outcome == "saved":
        return HttpResponseRedirect(f"{sheet}#q{place}")
    if outcome == "signed_out":
        return redirect_to_login(sheet)
    return refused(request, Refused(message, code=outcome), status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def submit(request: SignedRequest, slug: str, number: int) -> HttpResponse:
    """Hands the exam in; while questions have no answer, asks first. The deadline rules: what has
    ended leads to its result."""
    if request.method == "POST":
        return _hand_in(request, slug, number)
    found = place(request, slug)
    attempt = _attempt(found, number)
    if attempt.submitted_at is not None or found.now >= attempt.deadline:
        learning_attempts.settle(attempt_id=attempt.pk, by=Actor.system("clock"))
        return _to_result(slug, number)
    lines = learning_attempts.answers(attempt)
    unanswered = [line.item.position for line in lines if line.chosen is None]
    context = {"study": found, "attempt": attempt, "unanswered": unanswered}
    return render(request, "classroom/hand_in.html", context)


def _hand_in(request: SignedRequest, slug: str, number: int) -> HttpResponse:
    try:
        learning_attempts.submit(
            subject_id=request.user.pk,
            slug=slug,
            number=number,
            whole=request.POST.get("action") != "anyway",
            by=request.user.actor,
        )
    except Refused as refusal:
        match refusal.code:
            case "missing":
                place(request, slug)  # which says why, where the course is not open
                raise Http404 from None
            case "unanswered":
                asking = reverse("classroom:exam_submit", args=[slug, number])
                return HttpResponseRedirect(asking)
        raise
    return _to_result(slug, number)


@require_safe
@login_required
def result(request: SignedRequest, slug: str, number: int) -> HttpResponse:
    found = place(request, slug)
    tries = study.attempts(found.enrollment.pk)
    attempt = next((one for one in tries if one.number == number), None)
    if attempt is None:
        raise Http404
    if attempt.submitted_at is None:
        return HttpResponseRedirect(reverse("classroom:exam", args=[slug]))
    known = facts.shown(found, tries)
    return render(
        request,
        "classroom/result.html",
        {
            "study": found,
            "attempt": attempt,
            "known": known,
            "entry": facts.entry(found, tries, known),
            "review": learning_attempts.review(attempt, found),
            "lines": learning_attempts.answers(attempt) if _revealed(found, attempt) else [],
        },
    )


def _revealed(found: Study, attempt: Attempt) -> bool:
    """Right answers are shown for an attempt that passed, once no other can follow it."""
    return bool(attempt.passed) and found.completion is not None


@require_POST
@login_required
def complete(request: SignedRequest, slug: str) -> HttpResponse:
    """The learner's choice to stay with the score that was reached."""
    if study.find(request.user.pk, slug) is None:
        raise Http404
    try:
        completion.take(subject_id=request.user.pk, slug=slug, by=request.user.actor)
    except Refused as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(reverse("classroom:completed", args=[slug]))


def _intro(
    request: SignedRequest, found: Study, tries: list[Attempt], form: Declaration, **reply: Any
) -> HttpResponse:
    known = facts.shown(found, tries)
    return render(
        request,
        "classroom/exam.html",
        {
            "study": found,
            "form": form,
            "attempts": tries,
            "known": known,
            "checklist": requirements.studied(known),
            "entry": facts.entry(found, tries, known),
            "marks": facts.license_marks(found),
            "mismatches": names.check(request.user, found.version.course),
        },
        **reply,
    )


def _sheet(request: SignedRequest, found: Study, attempt: Attempt) -> dict[str, Any]:
    lines = learning_attempts.answers(attempt)
    session = sessions.digest(request.session.session_key or "")
    return {
        "study": found,
        "attempt": attempt,
        "lines": lines,
        "token": learning_attempts.token(
            attempt=attempt, subject_id=request.user.pk, session=session
        ),
        "marks": facts.license_marks(found),
        "answered": sum(line.chosen is not None for line in lines),
        "now": _milliseconds(found.now),
        "seconds_left": max(0, round((attempt.deadline - found.now).total_seconds())),
    }


def _attempt(found: Study, number: int) -> Attempt:
    tries = study.attempts(found.enrollment.pk)
    attempt = next((one for one in tries if one.number == number), None)
    if attempt is None:
        raise Http404
    return attempt


def _to_result(slug: str, number: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("classroom:result", args=[slug, number]))


urlpatterns = [
    path("<slug:slug>/exam/", exam, name="exam"),
    path("<slug:slug>/exam/start/", start, name="exam_start"),
    path("<slug:slug>/exam/answer/", answer, name="exam_answer"),
    path("<slug:slug>/exam/clock/", clock, name="exam_clock"),
    path("<slug:slug>/exam/complete/", complete, name="exam_complete"),
    path("<slug:slug>/exam/<int:number>/", result, name="result"),
    path("<slug:slug>/exam/<int:number>/submit/", submit, name="exam_submit"),
]
