"""The privacy policy, written out from the published version that the gate obeys."""

from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from creditable.disclosure import policies
from creditable.policy import notice


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    policy = policies.current()
    text = written_out(policy.version, policy.sha256, get_language())
    return render(request, "shop/privacy.html", {"policy": policy, "text": text})


@lru_cache(maxsize=4)
def written_out(version: int, sha256: str, language: str | None) -> str:
    """The clauses as HTML: a published version never changes, and is long to write out. (What the
    page says around them is said in `language`.)"""
    policy = policies.published(version)
    sections = notice.sections(policy)
    return render_to_string("shop/policy_text.html", {"policy": policy, "sections": sections})


urlpatterns = [path("privacy/", privacy, name="privacy")]
