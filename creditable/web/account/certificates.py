"""/account/certificates/: what you earned, to open, print and show."""

import json
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from creditable.audit import prepared
from creditable.credit import certificates, transcripts
from creditable.credit.models import Award, Badge, Certificate
from creditable.lib import ids
from creditable.people.access import SignedRequest


@never_cache
@login_required
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    """Every award, newest first, with its certificate once that is made, and earlier editions."""
    held = certificates.by_award(subject_id=request.user.pk)
    lines = [
        {
            "award": award,
            "hours": certificates.hours(award),
            "certificate": next(iter(held[award.pk]), None),
            "earlier": held[award.pk][1:],
        }
        for award in _awards(request.user.pk)
    ]
    return render(request, "account/certificates.html", {"lines": lines})


@prepared.query
def _awards(subject_id: UUID) -> QuerySet[Award]:
    return Award.objects.filter(subject_id=subject_id).order_by("-completed_at", "id")


@never_cache
@login_required
@require_safe
def document(request: SignedRequest, serial: str) -> HttpResponse:
    """The certificate itself, byte for byte as it was issued."""
    known = ids.read_serial(serial)
    mine = Certificate.objects.filter(award__subject_id=request.user.pk, serial=known)
    certificate = mine.first() if known else None
    if certificate is None:
        raise Http404
    answer = HttpResponse(bytes(certificate.pdf), content_type="application/pdf")
    name = f"certificate-{certificate.serial}.pdf"
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


@never_cache
@login_required
@require_safe
def badge(request: SignedRequest, serial: str) -> HttpResponse:
    """The certificate's twin for machines: the credential with its proof inside."""
    found = _badge(request, serial)
    content = json.dumps(found.credential, ensure_ascii=False, indent=2)
    return _file(content, "application/vc", f"badge-{serial}.json")


@never_cache
@login_required
@require_safe
def badge_token(request: SignedRequest, serial: str) -> HttpResponse:
    """The same as one signed line."""
    found = _badge(request, serial)
    return _file(found.token, "application/jwt", f"badge-{serial}.jwt")


def _badge(request: SignedRequest, serial: str) -> Badge:
    mine = Badge.objects.filter(certificate__award__subject_id=request.user.pk)
    found = mine.filter(certificate__serial=serial).first()
    if found is None:
        raise Http404
    return found


def _file(content: str, content_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@never_cache
@login_required
@require_safe
def transcript(request: SignedRequest) -> HttpResponse:
    """All of it on paper, as it stands now."""
    content = transcripts.of(request.user.pk, holder=request.user.name)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="transcript.pdf"'
    return answer


urlpatterns = [
    path("certificates/transcript.pdf", transcript, name="transcript"),
    path("certificates/", index, name="certificates"),
    path("certificates/<str:serial>/badge.json", badge, name="badge"),
    path("certificates/<str:serial>/badge.jwt", badge_token, name="badge_token"),
    path("certificates/<str:serial>/", document, name="certificate"),
]
