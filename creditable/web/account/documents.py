"""/account/documents/: whom an authority wants to see before it takes a report; what was handed in,
who looked at it, and the receipt of its end."""

from __future__ import annotations

from uuid import UUID

from allauth.core.ratelimit import consume, respond_429
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from creditable.credit import identification
from creditable.disclosure import policies
from creditable.lib.refusal import Refused
from creditable.people import documents as people_documents
from creditable.people.access import SignedRequest
from creditable.people.models import IdentityDocument, License, Person
from creditable.web.account.photo_form import PhotoForm


@never_cache
@login_required
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    return _page(request, request.user)


@login_required
@require_POST
def hand_in(request: SignedRequest, license_id: UUID) -> HttpResponse:
    license = get_object_or_404(License, subject_id=request.user.pk, pk=license_id)
    form = PhotoForm(request.POST, request.FILES, auto_id=f"id_%s_{license.pk}")
    if form.is_valid():
        if not consume(request, action="hand_in_document", user=request.user):
            answer: HttpResponse = respond_429(request)
            return answer
        try:
            identification.hand_in(
                license=license,
                content=form.cleaned_data["file"].read(),
                by=request.user.actor,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("Thank you. Your document is here, and encrypted."))
            return HttpResponseRedirect(reverse("account:documents"))
    return _page(request, request.user, {license.pk: form}, status=422)


@login_required
@require_POST
def withdraw(request: SignedRequest, document_id: UUID) -> HttpResponse:
    mine = people_documents.of(request.user.pk)
    document = get_object_or_404(mine, pk=document_id)
    people_documents.end(
        document_id=document.pk, why=IdentityDocument.End.WITHDRAWN, by=request.user.actor
    )
    messages.success(request, _("Your document is gone. The receipt comes by mail."))
    return HttpResponseRedirect(reverse("account:documents"))


def _page(
    request: HttpRequest,
    person: Person,
    filled: dict[UUID, PhotoForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """What is wanted, each with its form; `filled` are those that were sent and refused."""
    licenses = License.objects.filter(subject_id=person.pk).order_by("created_at", "pk")
    standings = identification.standings(licenses)
    wanted = [
        (
            standing,
            (filled or {}).get(license_id) or PhotoForm(auto_id=f"id_%s_{license_id}"),
        )
        for license_id, standing in standings.items()
    ]
    context = {
        "wanted": wanted,
        "refused": next(iter((filled or {}).values()), None),
        "past": [row for row in people_documents.of(person.pk) if row.end],
        "looks": people_documents.looks(person.pk),
        "keep": policies.current().retention[people_documents.RETENTION].time,
    }
    return render(request, "account/documents.html", context, status=status)


urlpatterns = [
    path("documents/", index, name="documents"),
    path("documents/<uuid:license_id>/hand-in/", hand_in, name="document_hand_in"),
    path("documents/<uuid:document_id>/withdraw/", withdraw, name="document_withdraw"),
]
