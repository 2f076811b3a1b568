"""/account/messages/: what this person wrote to us, and when staff who do not have the case opened
it."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.people.access import SignedRequest
from creditable.support.models import Case

A_PAGE = 20


@login_required
@require_safe
def messages(request: SignedRequest) -> HttpResponse:
    own = Case.objects.filter(subject_id=request.user.pk).prefetch_related("openings")
    shown = Paginator(own.order_by("-opened_at", "-id"), A_PAGE)
    return render(request, "account/cases.html", {"cases": shown.get_page(request.GET.get("page"))})


urlpatterns = [path("messages/", messages, name="cases")]
