"""/account/: what you told us about yourself, to read and to change."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse

from creditable.lib.refusal import Refused
from creditable.people import profile as people_profile
from creditable.people.access import SignedRequest
from creditable.people.states import STATES
from creditable.web.account.forms import name_field

FIELDS = ("name", "phone", "street", "city", "state", "postal_code")


def _line(label: str, autocomplete: str, longest: int, **attrs: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete, **attrs})
    return forms.CharField(label=label, required=False, max_length=longest, widget=widget)


class Profile(forms.Form):
    """Only the name is needed to use the site; checkout asks for an address."""

    name = name_field()
    phone = _line("Phone", "tel", 40, inputmode="tel")
    street = _line("Street", "street-address", 160)
    city = _line("City", "address-level2", 80)
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "Choose a state"), *STATES.items()],
        widget=forms.Select(attrs={"autocomplete": "address-level1"}),
    )
    postal_code = _line("ZIP code", "postal-code", 10, inputmode="numeric")


@login_required
def profile(request: SignedRequest) -> HttpResponse:
    person = request.user
    if request.method != "POST":
        form = Profile(initial={field: getattr(person, field) for field in FIELDS})
        return _page(request, form)
    form = Profile(request.POST)
    if form.is_valid():
        try:
            people_profile.update(person=person, **form.cleaned_data, by=person.actor)
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, "Your profile is saved.")
            return HttpResponseRedirect(reverse("account:profile"))
    return _page(request, form, status=422)


def _page(request: HttpRequest, form: Profile, **answer: Any) -> HttpResponse:
    return render(request, "account/profile.html", {"form": form}, **answer)


urlpatterns = [path("", profile, name="profile")]
