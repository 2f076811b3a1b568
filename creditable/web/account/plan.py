"""/account/plan/: what there is to take until every license is renewed, for the least money or in
the least time."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from creditable.learning import study
from creditable.people.access import SignedRequest
from creditable.store import plans


@never_cache
@login_required
@require_safe
def plan(request: SignedRequest) -> HttpResponse:
    places = study.courses(request.user.pk)
    taking = [place.version.course_id for place in places if place.open and not place.completion]
    outlook = plans.outlook(request.user.pk, taking=taking)
    same = outlook.cheapest.is_same(outlook.quickest)
    return render(request, "account/plan.html", {"outlook": outlook, "same": same})


urlpatterns = [path("plan/", plan, name="plan")]
