"""/console/policy/: the versions of the policy, the next one in writing, and what publishing it
would change, hold and cost in letters."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from creditable.disclosure import objections
from creditable.disclosure.models import Hold, PolicyVersion
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest, staff_required
from creditable.people.models import Person
from creditable.policy import notice, wording
from creditable.policy.compare import Widening
from creditable.policy.contents import Policy
from creditable.rights import publication
from creditable.rights.models import Draft
from creditable.rights.publication import Preview
from creditable.web.console.frame import page
from creditable.web.ui.errors import refused

REASONS = {
    "new": gettext_lazy("did not leave before"),
    "choice lost": gettext_lazy("a no that stopped it stops it no more"),
    "default": gettext_lazy("silence was a no and is a yes now"),
    "basis": gettext_lazy("it rested on consent and does no more"),
    "region": gettext_lazy("the recipient has it in another region"),
}
NAMED = 50


class Writing(forms.Form):
    """The files of a version."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in publication.FILES:
            self.fields[name.partition(".")[0]] = forms.CharField(
                label=name,
                required=False,
                strip=False,
                max_length=400_000,
                widget=forms.Textarea(
                    attrs={"rows": 24, "spellcheck": "false", "class": "code", "wrap": "off"}
                ),
            )

    def written(self) -> dict[str, str]:
        return {
            name: self.cleaned_data[name.partition(".")[0]].replace("\r\n", "\n")
            for name in publication.FILES
        }


@staff_required("policy.view")
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    versions = PolicyVersion.objects.order_by("-version").defer("canonical", "columns")
    context = {
        "versions": versions,
        "draft": Draft.objects.first(),
        "held": Hold.objects.filter(lifted_at=None, version__isnull=False)
        .values("subject_id")
        .distinct()
        .count(),
        "may_write": request.user.may("policy.publish"),
    }
    return page(request, "console/policies.html", context)


@staff_required("policy.publish")
@require_POST
def begin(request: SignedRequest) -> HttpResponse:
    draft = publication.begin(by=request.user.staff_actor)
    return HttpResponseRedirect(reverse("console:policy_draft", args=[draft.version]))


@staff_required("policy.publish")
def draft(request: SignedRequest, version: int) -> HttpResponse:
    """Writing, and below it what is written would do. What was typed is kept, sound or not."""
    found = get_object_or_404(Draft, version=version)
    if request.method == "POST":
        form = Writing(request.POST)
        if form.is_valid():
            publication.write(draft=found, files=form.written(), by=request.user.staff_actor)
            address = reverse("console:policy_draft", args=[version])
            return HttpResponseRedirect(f"{address}#does")
    else:
        form = Writing(initial={name.partition(".")[0]: text for name, text in found.files.items()})
    preview = publication.preview(found.files)
    context = {"draft": found, "form": form, "preview": preview, **_does(preview)}
    return page(request, "console/policy_draft.html", context)


def _does(preview: Preview) -> dict[str, object]:
    """What the draft would do, in words."""
    if preview.comparison is None or preview.policy is None:
        return {}
    found, letters = preview.comparison, preview.letters
    people = objections.people(preview.kinds)
    return {
        "sentences": [
            (sentence, list(wording.difference(sentence.old, sentence.new)))
            for sentence in found.sentences
        ],
        "widened": _rows(preview.policy, found.widened, letters),
        "narrowed": notice.passages(found.old.policy, found.narrowed),
        "bounds": found.bounds,
        "people": len(people),
        "named": Person.objects.filter(pk__in=people[:NAMED]).order_by("name", "email"),
    }


def _rows(
    policy: Policy, widened: tuple[Widening, ...], letters: Any
) -> list[tuple[notice.Passage, str, int]]:
    """Each passage with its reasons and the letters that it costs."""
    reasons: dict[Any, set[str]] = {}
    for widening in widened:
        reasons.setdefault(widening.cell, set()).update(widening.reasons)
    rows = []
    for passage in notice.passages(policy, {widening.cell for widening in widened}):
        why = {reason for cell in passage.cells for reason in reasons[cell]}
        told = wording.listed(str(REASONS[reason]) for reason in REASONS if reason in why)
        rows.append((passage, told, max(letters.get(cell, 0) for cell in passage.cells)))
    return rows


@staff_required("policy.publish")
@require_POST
def publish(request: SignedRequest, version: int) -> HttpResponse:
    found = get_object_or_404(Draft, version=version)
    try:
        published = publication.publish(
            draft=found, sha256=request.POST.get("sha256", ""), by=request.user.staff_actor
        )
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(
        request, _("Version {version} is published.").format(version=published.version)
    )
    return HttpResponseRedirect(reverse("console:policies"))


urlpatterns = [
    path("policy/", index, name="policies"),
    path("policy/draft/", begin, name="policy_begin"),
    path("policy/draft/<int:version>/", draft, name="policy_draft"),
    path("policy/draft/<int:version>/publish/", publish, name="policy_publish"),
]
