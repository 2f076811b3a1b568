"""/privacy/versions/: every version of the policy there ever was, what each one changed, and mail
about the next."""

from functools import lru_cache

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from creditable.disclosure import choices, policies
from creditable.disclosure.models import PolicyVersion
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.lib.tokens import BadToken
from creditable.policy import compare
from creditable.rights import followers
from creditable.web.shop.privacy import written_out
from creditable.web.ui.errors import refused
from creditable.web.ui.policy_changes import changes

READER = Actor.outside("page of versions")


class Following(forms.Form):
    """Where to write when a version is published."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


@require_safe
def versions(request: HttpRequest) -> HttpResponse:
    """The archive, the newest first."""
    return _archive(request, Following())


def _archive(request: HttpRequest, form: Following, status: int = 200) -> HttpResponse:
    published = PolicyVersion.objects.order_by("-version").defer("canonical", "columns")
    said = choices.answers(request.user.pk) if request.user.is_authenticated else {}
    context = {
        "versions": published,
        "form": form,
        "offered": followers.CHOICE in policies.current().choices,
        "follows": said.get(followers.CHOICE, False),
    }
    return render(request, "shop/versions.html", context, status=status)


@require_POST
def follow(request: HttpRequest) -> HttpResponse:
    """Signed in it is a yes; signed out the address is asked first."""
    form = Following(request.POST)
    try:
        if request.user.is_authenticated:
            followers.follow(person=request.user, by=request.user.actor)
            messages.success(request, _("We will write to you when a version is published."))
            return HttpResponseRedirect(reverse("shop:policy_versions"), status=303)
        if form.is_valid():
            followers.ask(email=form.cleaned_data["email"], by=READER)
            return render(request, "shop/follow.html", {"step": "asked"})
    except Refused as refusal:
        return refused(request, refusal)
    return _archive(request, form, status=422)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail: looking changes nothing, the button says yes."""
    try:
        followers.asked(token)
        if request.method == "POST":
            followers.confirm(token=token, by=READER)
            return render(request, "shop/follow.html", {"step": "confirmed"})
    except BadToken as error:
        raise Http404 from error
    except Refused as refusal:
        return refused(request, refusal)
    return render(request, "shop/follow.html", {"step": "confirm"})


@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version as it stood: first what it changed, then its whole text."""
    rows = PolicyVersion.objects.defer("canonical", "columns")
    row = rows.filter(version=number).first()
    if row is None:
        raise Http404
    before = rows.filter(version__lt=number).order_by("-version").first()
    context = {
        "row": row,
        "before": before,
        "changes": _changes(before.version, number, row.sha256, get_language()) if before else "",
        "text": written_out(number, row.sha256, get_language()),
        "newest": not rows.filter(version__gt=number).exists(),
    }
    return render(request, "shop/version.html", context)


@lru_cache(maxsize=16)
def _changes(old: int, new: int, sha256: str, language: str | None) -> str:
    """What changed, as HTML: neither version ever changes (`sha256` is the newer one's)."""
    found = compare.compare(policies.edition(old), policies.edition(new))
    return render_to_string("ui/policy_changes.html", changes(found))


urlpatterns = [
    path("privacy/versions/", versions, name="policy_versions"),
    path("privacy/versions/<int:number>/", version, name="policy_version"),
    path("privacy/versions/follow/", follow, name="policy_follow"),
    path("privacy/versions/follow/<str:token>/", confirm, name="policy_confirm"),
]
