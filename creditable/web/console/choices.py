"""/console/people/<id>/choices/: what a person lets us do, and their no where they told us by
phone, by letter or in a case. A yes they give themselves."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from creditable.audit import trail
from creditable.disclosure import choices
from creditable.people.access import SignedRequest, staff_required
from creditable.people.models import Person
from creditable.web.console.frame import page


class Refusal(forms.Form):
    """Which choice the person refuses, and how they told us."""

    choice = forms.ChoiceField(label=_("They refuse"), widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("How they told us"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("In their own words, with the day of the call or letter."),
    )


@staff_required("choices.refuse")
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: SignedRequest, subject_id: UUID) -> HttpResponse:
    person = get_object_or_404(Person, pk=subject_id)
    options = choices.options(person.pk)
    form = Refusal(request.POST if request.method == "POST" else None)
    open_choices = [(option.name, option.label) for option in options if option.agrees]
    form.fields["choice"].choices = open_choices  # type: ignore[attr-defined]
    if form.is_valid():
        choices.say(
            subject_id=person.pk,
            choice=form.cleaned_data["choice"],
            agrees=False,
            source="staff",
            words=form.cleaned_data["words"],
            by=request.user.staff_actor,
        )
        messages.success(request, _("Refused. It holds from the next message on."))
        return HttpResponseRedirect(reverse("console:choices", args=[person.pk]), status=303)
    trail.viewed(by=request.user.staff_actor, subject_id=person.pk, page="console choices")
    context = {"person": person, "options": options, "form": form, "open": bool(open_choices)}
    return page(request, "console/choices.html", context, 422 if form.is_bound else 200)


urlpatterns = [path("people/<uuid:subject_id>/choices/", index, name="choices")]
