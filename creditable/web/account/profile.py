"""/account/: what you told us about yourself, to read and to change."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from creditable.lib.refusal import Refused
from creditable.mail import addresses
from creditable.people import profile as people_profile
from creditable.people.access import SignedRequest
from creditable.people.states import STATES
from creditable.web.account.forms import name_field

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def _line(label: "_StrPromise", autocomplete: str, longest: int, **attrs: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete, **attrs})
    return forms.CharField(label=label, required=False, max_length=longest, widget=widget)


def _states() -> list[tuple[str, "str | _StrPromise"]]:
    return [("", _("Choose a state")), *STATES.items()]


def _state(autocomplete: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=_states,  # a function, since a form copies a list whole
        widget=forms.Select(attrs={"autocomplete": autocomplete}),
    )


class Profile(forms.Form):
    """Only the name is needed to use the site; checkout asks for an address."""

    name = name_field()
    phone = _line(_("Phone"), "tel", 40, inputmode="tel")
    street = _line(_("Street"), "billing street-address", 160)
    city = _line(_("City"), "billing address-level2", 80)
    state = _state("billing address-level1")
    postal_code = _line(_("ZIP code"), "billing postal-code", 10, inputmode="numeric")
    shipping_street = _line(_("Street"), "shipping street-address", 160)
    shipping_city = _line(_("City"), "shipping address-level2", 80)
    shipping_state = _state("shipping address-level1")
    shipping_postal_code = _line(_("ZIP code"), "shipping postal-code", 10, inputmode="numeric")

    def clean(self) -> dict[str, Any]:
        for fault in people_profile.faults(**self.cleaned_data):
            self.add_error(fault.field, fault.message)
        return self.cleaned_data

    @property
    def ships_elsewhere(self) -> bool:
        """Whether the part about shipping has something to show: an address, or what is wrong."""
        return any(self[field].value() or self[field].errors for field in people_profile.SHIPPING)


@login_required
def profile(request: SignedRequest) -> HttpResponse:
    person = request.user
    if request.method != "POST":
        form = Profile(initial={field: getattr(person, field) for field in people_profile.FIELDS})
        return _page(request, form)
    form = Profile(request.POST)
    if form.is_valid():
        try:
            people_profile.update(person=person, **form.cleaned_data, by=person.actor)
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("Your profile is saved."))
            return HttpResponseRedirect(reverse("account:profile"))
    return _page(request, form, status=422)


def _page(request: SignedRequest, form: Profile, **answer: Any) -> HttpResponse:
    person = request.user
    undeliverable = addresses.is_dead(subject_id=person.pk, address=person.email)
    context = {"form": form, "undeliverable": undeliverable}
    return render(request, "account/profile.html", context, **answer)


urlpatterns = [path("", profile, name="profile")]
