"""/console/people/: find somebody who called, and see what they see. Each look is noted."""

from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.audit import trail
from creditable.audit.models import Event
from creditable.credit import certificates, packs
from creditable.credit.models import Award, Report
from creditable.people import documents
from creditable.people.access import SignedRequest, staff_required
from creditable.people.models import License, Person
from creditable.store.models import Order
from creditable.web.console.frame import page

SHORTEST, MOST = 3, 25


@staff_required("people.view")
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    """Finds people by a part of name, e-mail or license number; the search itself is noted."""
    query = " ".join(request.GET.get("q", "").replace("\0", "").split())[:120]
    found: list[Person] = []
    if len(query) >= SHORTEST:
        licensed = License.objects.filter(number__icontains=query).values("subject_id")
        matching = Q(name__icontains=query) | Q(email__icontains=query) | Q(pk__in=licensed)
        found = list(Person.objects.filter(matching).order_by("name", "pk")[: MOST + 1])
        trail.record(
            verb="people.search",
            by=request.user.staff_actor,
            noun="people",
            noun_id="console",
            detail={"found": len(found)},
        )
    context = {
        "query": query,
        "found": found[:MOST],
        "more": len(found) > MOST,
        "short": bool(query) and len(query) < SHORTEST,
        "shortest": SHORTEST,
    }
    return page(request, "console/people.html", context)


@staff_required("people.view")
@require_safe
def show(request: SignedRequest, subject_id: UUID) -> HttpResponse:
    person = get_object_or_404(Person, pk=subject_id)
    trail.viewed(by=request.user.staff_actor, subject_id=person.pk, page="console person")
    awards = Award.objects.filter(subject_id=person.pk).order_by("-completed_at", "id")
    held = certificates.by_award(subject_id=person.pk)
    context = {
        "person": person,
        "licenses": [
            (license, packs.find(license.authority))
            for license in License.objects.filter(subject_id=person.pk).order_by("created_at")
        ],
        "orders": Order.objects.filter(subject_id=person.pk).order_by("-placed_at")[:20],
        "awards": [
            (award, certificates.hours(award), next(iter(held[award.pk]), None))
            for award in awards[:20]
        ],
        "reports": [
            (report, packs.find(report.authority))
            for report in Report.objects.filter(subject_id=person.pk)
            .select_related("award", "roster")
            .order_by("-created_at")[:20]
        ],
        "documents": documents.of(person.pk) if request.user.may("documents.view") else (),
        "views": _views(person.pk),
        "may_correct": request.user.may("certificates.correct"),
        "may_refuse": request.user.may("choices.refuse"),
        "may_accommodate": request.user.may("accommodations.give"),
    }
    return page(request, "console/person.html", context)


def _views(subject_id: UUID) -> list[tuple[Event, str]]:
    """Who of the staff looked at this record, newest first."""
    events = list(Event.objects.filter(about=subject_id, verb="view").order_by("-at", "-id")[:20])
    looked = {event.actor_id for event in events if event.actor_id}
    names = dict(Person.objects.filter(pk__in=looked).values_list("pk", "name"))
    return [(event, names.get(event.actor_id, "") if event.actor_id else "") for event in events]


urlpatterns = [
    path("people/", index, name="people"),
    path("people/<uuid:subject_id>/", show, name="person"),
]
