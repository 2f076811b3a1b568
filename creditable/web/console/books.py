"""/console/books/: where PayPal's list and our books do not agree, and what came of it."""

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest, staff_required
from creditable.store import reconciliation
from creditable.store.models import Difference, Reconciliation
from creditable.web.console.frame import page

MOST = 100


class Resolution(forms.Form):
    note = forms.CharField(
        label=_("What you found, and what came of it"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@staff_required("books.view")
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    """What is open, what was closed lately, and when the list was last read (five queries)."""
    return _index(request)


@staff_required("books.resolve")
@require_POST
def resolve(request: SignedRequest, difference_id: UUID) -> HttpResponse:
    difference = get_object_or_404(Difference, id=difference_id)
    form = Resolution(request.POST, prefix=str(difference_id))
    if form.is_valid():
        try:
            reconciliation.resolve(
                difference_id=difference.id,
                note=form.cleaned_data["note"],
                by=request.user.staff_actor,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            return redirect("console:books")
    return _index(request, {difference_id: form}, status=422)


def _index(
    request: SignedRequest, typed: dict[UUID, Resolution] | None = None, status: int = 200
) -> HttpResponse:
    found = list(reconciliation.open_differences()[: MOST + 1])
    may_resolve = request.user.may("books.resolve")
    closed = Difference.objects.exclude(resolved_at=None).select_related("order")
    return page(
        request,
        "console/books.html",
        {
            "open": [
                (each, (typed or {}).get(each.id) or Resolution(prefix=str(each.id)))
                if may_resolve
                else (each, None)
                for each in found[:MOST]
            ],
            "more": len(found) > MOST,
            "closed": closed.order_by("-resolved_at")[:20],
            "read": Reconciliation.objects.order_by("-begun_at")[:5],
        },
        status,
    )


urlpatterns = [
    path("books/", index, name="books"),
    path("books/<uuid:difference_id>/resolve/", resolve, name="difference_resolve"),
]
