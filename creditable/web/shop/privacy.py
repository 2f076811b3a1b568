"""The privacy policy, written out from the published version that the gate obeys."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.disclosure import policies
from creditable.policy import notice


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    policy = policies.current()
    return render(
        request, "shop/privacy.html", {"policy": policy, "sections": notice.sections(policy)}
    )


urlpatterns = [path("privacy/", privacy, name="privacy")]
