"""/banners/: the pictures of advertisers, from here and from nowhere else."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.outreach.models import Banner


@require_safe
def picture(request: HttpRequest, banner: UUID) -> HttpResponse:
    """The same bytes for everybody, kept by browsers for a day; nothing is noted."""
    row = get_object_or_404(Banner, pk=banner, ended_at=None)
    answer = HttpResponse(bytes(row.picture), content_type=row.content_type)
    answer["Cache-Control"] = "public, max-age=86400, immutable"
    return answer


urlpatterns = [path("banners/<uuid:banner>/", picture, name="banner")]
