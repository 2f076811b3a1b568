"""/account/reviews/: what somebody of an authority may look at here, until it is over."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from creditable.credit import packs, reviews
from creditable.credit.models import Review
from creditable.learning import audits
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest, second_factor_first
from creditable.web.ui.errors import refused


@never_cache
@login_required
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    """The looks that are open to this account."""
    found = [(row, packs.find(row.authority)) for row in reviews.live(request.user.pk)]
    return render(request, "account/reviews.html", {"reviews": found})


@never_cache
@login_required
@require_safe
def show(request: SignedRequest, review_id: UUID) -> HttpResponse:
    """The roster of one look. Each person on it is released to the authority by this page."""
    review = _live(request, review_id)
    if onward := second_factor_first(request):
        return onward
    try:
        lines = audits.lines(scope=reviews.of(review), channel="web", by=request.user.actor)
    except Refused as refusal:
        return refused(request, refusal)
    context = {"review": review, "pack": packs.find(review.authority), "lines": lines}
    return render(request, "account/review.html", context)


@login_required
@require_POST
def pack(request: SignedRequest, review_id: UUID) -> HttpResponse:
    """The same with everything that proves it, as a file."""
    scope = reviews.of(_live(request, review_id))
    if onward := second_factor_first(request):
        return onward
    try:
        content = audits.pack(scope=scope, channel="web", by=request.user.actor)
    except Refused as refusal:
        return refused(request, refusal)
    return HttpResponse(
        content,
        "application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{audits.filename(scope)}"',
            "Cache-Control": "no-store",
        },
    )


def _live(request: SignedRequest, review_id: UUID) -> Review:
    review = reviews.live(request.user.pk).filter(pk=review_id).first()
    if review is None:
        raise Http404
    return review


urlpatterns = [
    path("reviews/", index, name="reviews"),
    path("reviews/<uuid:review_id>/", show, name="review"),
    path("reviews/<uuid:review_id>/pack/", pack, name="review_pack"),
]
