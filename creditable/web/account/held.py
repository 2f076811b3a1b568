"""/account/privacy/held/: what a new version of the policy would have let out against this person's
no, and their answer to it."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from creditable.disclosure import choices, policies
from creditable.disclosure.models import Hold
from creditable.disclosure.standing import cell_of
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest
from creditable.policy import notice
from creditable.policy.contents import Policy
from creditable.web.ui.errors import refused


class Reply(forms.Form):
    """The answer to one version, or to one's own stop (no number)."""

    version = forms.IntegerField(min_value=1, required=False)
    agrees = forms.TypedChoiceField(
        choices=[("yes", "yes"), ("no", "no")], coerce=lambda word: word == "yes"
    )


@login_required
@require_safe
def held(request: SignedRequest) -> HttpResponse:
    policy = policies.current()
    holds = Hold.objects.filter(subject_id=request.user.pk, lifted_at=None).select_related(
        "objection"
    )
    by_version: dict[int | None, list[Hold]] = {}
    for hold in holds.order_by("-version", "at"):
        by_version.setdefault(hold.version, []).append(hold)
    groups = [_group(policy, version, rows) for version, rows in by_version.items()]
    return render(request, "account/held.html", {"groups": groups})


def _group(policy: Policy, version: int | None, holds: list[Hold]) -> dict[str, object]:
    """One version's holds in the person's words; None is what they stopped themselves."""
    return {
        "version": version,
        "passages": notice.passages(policy, map(cell_of, holds)),
        "said": {hold.objection.words for hold in holds if hold.objection.words},
        "objected_at": min(hold.objection.at for hold in holds),
        "answered_at": max((hold.answered_at for hold in holds if hold.answered_at), default=None),
    }


@login_required
@require_POST
def answer(request: SignedRequest) -> HttpResponse:
    form = Reply(request.POST)
    if not form.is_valid():
        return refused(request, Refused(_("Choose yes or no. Nothing was changed.")), status=422)
    agrees = form.cleaned_data["agrees"]
    changed = choices.answer_hold(
        subject_id=request.user.pk,
        version=form.cleaned_data["version"],
        agrees=agrees,
        by=request.user.actor,
    )
    if not changed:
        messages.info(request, _("Nothing is on hold there any more."))
    elif agrees:
        messages.success(request, _("You said yes: from now on it may leave."))
    else:
        messages.success(request, _("You said no: it stays here."))
    return HttpResponseRedirect(reverse("account:held"))


@login_required
@require_POST
def stop(request: SignedRequest) -> HttpResponse:
    """Stops what goes to one recipient, where its basis lets the person stop it."""
    try:
        choices.stop(
            subject_id=request.user.pk,
            recipient=request.POST.get("recipient", ""),
            by=request.user.actor,
        )
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(request, _("Stopped: nothing about you goes there until you say yes."))
    return HttpResponseRedirect(reverse("account:held"))


urlpatterns = [
    path("privacy/stop/", stop, name="privacy_stop"),
    path("privacy/held/", held, name="held"),
    path("privacy/held/answer/", answer, name="held_answer"),
]
