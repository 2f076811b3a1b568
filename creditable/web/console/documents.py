"""/console/documents/: an identity document, with the name of who looks and the time across it.
There is no other way to it, and each look is on record before it is shown."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.lib.refusal import Refused
from creditable.people import documents
from creditable.people.access import SignedRequest, staff_required
from creditable.people.models import IdentityDocument


@staff_required("documents.view")
@require_safe
def show(request: SignedRequest, document_id: UUID) -> HttpResponse:
    document = get_object_or_404(IdentityDocument, pk=document_id, end="")
    try:
        picture = documents.view(
            document=document, viewer=request.user, by=request.user.staff_actor
        )
    except Refused as ended:
        raise Http404 from ended
    answer = HttpResponse(picture, content_type="image/jpeg")
    answer["Content-Disposition"] = 'inline; filename="identity-document.jpg"'
    answer["Cache-Control"] = "no-store"
    return answer


urlpatterns = [path("documents/<uuid:document_id>/", show, name="document")]
