"""/console/reviews/: let an authority look at what concerns it, and make audit packs."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from creditable.audit.clock import now
from creditable.catalog.models import CourseVersion
from creditable.credit import packs, reviews
from creditable.credit.models import Review
from creditable.credit.reviews import Scope
from creditable.learning import audits
from creditable.lib.dates import local_date
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest, staff_required
from creditable.people.models import Person
from creditable.web.console.frame import page

MOST = 100


class ScopeForm(forms.Form):
    """What an authority asks about."""

    authority = forms.ChoiceField(label=gettext_lazy("Authority"))
    courses = forms.MultipleChoiceField(
        label=gettext_lazy("Courses"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen means all."),
    )
    first = forms.DateField(
        label=gettext_lazy("Completed from"), widget=forms.DateInput(attrs={"type": "date"})
    )
    last = forms.DateField(
        label=gettext_lazy("Completed until"), widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        authority, courses = self.fields["authority"], self.fields["courses"]
        assert isinstance(authority, forms.ChoiceField)
        assert isinstance(courses, forms.MultipleChoiceField)
        authority.choices = [(pack.id, pack.name) for pack in packs.all() if pack.is_told_by_us]
        newest = CourseVersion.objects.order_by("course", "-number").distinct("course")
        titles = newest.values_list("title", "course__slug")
        courses.choices = [(slug, title) for title, slug in sorted(titles)]

    def scope(self) -> Scope:
        return reviews.scope(
            authority=self.cleaned_data["authority"],
            courses=self.cleaned_data["courses"],
            first=self.cleaned_data["first"],
            last=self.cleaned_data["last"],
        )


class ReviewForm(ScopeForm):
    """Who may look at it, until the end of which day."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address of the reviewer's account"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    expires = forms.DateField(
        label=gettext_lazy("Until the end of"), widget=forms.DateInput(attrs={"type": "date"})
    )
    field_order = ("email", "authority", "courses", "first", "last", "expires")

    def clean_email(self) -> Person:
        person = Person.objects.filter(email__iexact=self.cleaned_data["email"]).first()
        if person is None:
            raise forms.ValidationError(
                _("Nobody has an account with this address. Ask them to make one first.")
            )
        return person


@staff_required("reviews.give")
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    return _page(request)


@staff_required("reviews.give")
@require_POST
def give(request: SignedRequest) -> HttpResponse:
    """Lets a reviewer look."""
    form = ReviewForm(request.POST, prefix="review")
    if form.is_valid():
        person: Person = form.cleaned_data["email"]
        ends = form.cleaned_data["expires"] + timedelta(days=1)
        try:
            reviews.give(
                subject_id=person.pk,
                scope=form.scope(),
                expires_at=datetime.combine(ends, time(), ZoneInfo(settings.TIME_ZONE)),
                by=request.user.staff_actor,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("{name} may look now.").format(name=person.name))
            return HttpResponseRedirect(reverse("console:reviews"))
    return _page(request, review=form)


@staff_required("reviews.give")
@require_POST
def end(request: SignedRequest, review_id: UUID) -> HttpResponse:
    """Takes a look back."""
    review = get_object_or_404(Review, pk=review_id)
    reviews.end(review=review, by=request.user.staff_actor)
    messages.success(request, _("The look is taken back."))
    return HttpResponseRedirect(reverse("console:reviews"))


@staff_required("reviews.give")
@require_POST
def pack(request: SignedRequest) -> HttpResponse:
    """The audit pack, for us to hand over."""
    form = ScopeForm(request.POST, prefix="pack")
    if form.is_valid():
        try:
            scope = form.scope()
            content = audits.pack(scope=scope, channel="manual", by=request.user.staff_actor)
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            return HttpResponse(
                content,
                "application/zip",
                headers={
                    "Content-Disposition": f'attachment; filename="{audits.filename(scope)}"',
                    "Cache-Control": "no-store",
                },
            )
    return _page(request, pack=form)


def _page(
    request: SignedRequest, *, review: ReviewForm | None = None, pack: ScopeForm | None = None
) -> HttpResponse:
    today = local_date(now(), settings.TIME_ZONE)
    at = now()
    year = {"first": today - timedelta(days=365), "last": today}
    given = list(Review.objects.order_by("-granted_at", "-id")[:MOST])
    people = Person.objects.in_bulk([row.subject_id for row in given])
    context = {
        "reviews": [
            {
                "review": row,
                "person": people.get(row.subject_id),
                "pack": packs.find(row.authority),
                "live": row.ended_at is None and row.expires_at > at,
            }
            for row in given
        ],
        "review_form": review
        or ReviewForm(prefix="review", initial={**year, "expires": today + timedelta(days=14)}),
        "pack_form": pack or ScopeForm(prefix="pack", initial=year),
    }
    status = 422 if review is not None or pack is not None else 200
    return page(request, "console/reviews.html", context, status)


urlpatterns = [
    path("reviews/", index, name="reviews"),
    path("reviews/give/", give, name="review_give"),
    path("reviews/pack/", pack, name="audit_pack"),
    path("reviews/<uuid:review_id>/end/", end, name="review_end"),
]
