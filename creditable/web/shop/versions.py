"""/privacy/versions/: every version of the policy there ever was, and what each one changed."""

from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from creditable.disclosure import policies
from creditable.disclosure.models import PolicyVersion
from creditable.policy import compare
from creditable.web.shop.privacy import written_out
from creditable.web.ui.policy_changes import changes


@require_safe
def versions(request: HttpRequest) -> HttpResponse:
    """The archive, the newest first (one query)."""
    published = PolicyVersion.objects.order_by("-version").defer("canonical", "columns")
    return render(request, "shop/versions.html", {"versions": published})


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
]
