"""/console/people/<id>/accommodations/: more time or more attempts in exams for one person. The
reasons are shown here alone, to those who may decide about them; each look is noted."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from creditable.audit import trail
from creditable.catalog.models import Course
from creditable.learning import accommodations
from creditable.learning.accommodations import LONGEST_REASON
from creditable.learning.requirements import Allowance
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest, staff_required
from creditable.people.models import Person
from creditable.web.console.frame import page
from creditable.web.ui.errors import refused


class AccommodationForm(forms.Form):
    """What is given, where, and why."""

    course = forms.ModelChoiceField(
        label=_("Course"),
        queryset=Course.objects.order_by("slug"),
        to_field_name="slug",
        required=False,
        empty_label=_("All courses"),
    )
    time_percent = forms.TypedChoiceField(
        label=_("Time"),
        coerce=int,
        choices=[
            (100, _("The usual time")),
            (125, _("A quarter more")),
            (150, _("Half as much again")),
            (200, _("Twice the time")),
        ],
        initial=100,
    )
    extra_minutes = forms.IntegerField(
        label=_("Minutes on top"), min_value=0, max_value=600, initial=0
    )
    extra_attempts = forms.IntegerField(
        label=_("Attempts on top"), min_value=0, max_value=20, initial=0
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only those who may give more time can read it."),
        error_messages={"required": _("Write down the reason.")},
    )


@staff_required("accommodations.give")
def index(request: SignedRequest, subject_id: UUID) -> HttpResponse:
    """What the person was given, and a form that gives more. Whoever gives it approves it."""
    person = get_object_or_404(Person, pk=subject_id)
    form = AccommodationForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _given(request, person, form):
        messages.success(request, _("It counts for attempts that start from now on."))
        return _back(person)
    trail.viewed(by=request.user.staff_actor, subject_id=person.pk, page="console accommodations")
    given = accommodations.of(person.pk)
    names = dict(
        Person.objects.filter(
            pk__in={who for one in given for who in (one.approved_by, one.ended_by) if who}
        ).values_list("pk", "name")
    )
    context = {
        "person": person,
        "form": form,
        "given": [
            (one, names.get(one.approved_by, ""), names.get(one.ended_by or one.approved_by, ""))
            for one in given
        ],
    }
    return page(request, "console/accommodations.html", context, 422 if form.is_bound else 200)


def _given(request: SignedRequest, person: Person, form: AccommodationForm) -> bool:
    """Whether the verb took it; otherwise the form says why not."""
    said = form.cleaned_data
    try:
        accommodations.give(
            subject_id=person.pk,
            course=said["course"],
            allowance=Allowance(
                said["time_percent"], said["extra_minutes"], said["extra_attempts"]
            ),
            reason=said["reason"],
            by=request.user.staff_actor,
        )
    except Refused as refusal:
        form.add_error(refusal.field or None, refusal.message)
        return False
    return True


@staff_required("accommodations.give")
@require_POST
def end(request: SignedRequest, subject_id: UUID) -> HttpResponse:
    """Ends one for attempts that start from now on."""
    person = get_object_or_404(Person, pk=subject_id)
    try:
        accommodations.end(
            subject_id=person.pk,
            accommodation_id=forms.UUIDField().clean(request.POST.get("accommodation")),
            by=request.user.staff_actor,
        )
    except forms.ValidationError:
        return refused(request, Refused(str(_("There is no such accommodation."))))
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(request, _("It has ended. What it gave to earlier attempts stays."))
    return _back(person)


def _back(person: Person) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("console:accommodations", args=[person.pk]))


urlpatterns = [
    path("people/<uuid:subject_id>/accommodations/", index, name="accommodations"),
    path("people/<uuid:subject_id>/accommodations/end/", end, name="accommodation_end"),
]
