"""/console/policy/: the versions of the policy, the next one in writing, and what publishing it
would change, hold and cost in letters."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from creditable.disclosure import objections
from creditable.disclosure.models import Hold, PolicyVersion
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest, staff_required
from creditable.people.models import Person
from creditable.rights import publication
from creditable.rights.models import Draft
from creditable.rights.publication import Preview
from creditable.web.console.frame import page
from creditable.web.ui.errors import refused
from creditable.web.ui.policy_changes import changes

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
    """What the draft would do, and to whom."""
    if preview.comparison is None:
        return {}
    people = objections.people(preview.kinds)
    return {
        **changes(preview.comparison, preview.letters),
        "people": len(people),
        "named": Person.objects.filter(pk__in=people[:NAMED]).order_by("name", "email"),
    }


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
