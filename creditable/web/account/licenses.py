"""/account/licenses/: the licenses that hours count for; as many as you hold."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from creditable.credit import calendars, counts, identification, packs
from creditable.credit.pack import Pack
from creditable.lib.refusal import Refused
from creditable.people import licenses as people_licenses
from creditable.people.access import SignedRequest
from creditable.people.models import License
from creditable.web.account.forms import name_field
from creditable.web.ui import questions

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def _date_field(label: "StrOrPromise") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": gettext_lazy("Enter a date, such as 2026-08-31.")},
    )


class LicenseForm(forms.Form):
    """One license. A number that looks unlike its authority's is asked about once and then taken
    as it is: only the authority knows."""

    license_type = forms.ChoiceField(label=gettext_lazy("License"))
    number = forms.CharField(
        label=gettext_lazy("Number"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Enter the number as it stands on the license.")},
    )
    name_as_printed = name_field(gettext_lazy("Name as printed"))
    issued = _date_field(gettext_lazy("Issued"))
    expires = _date_field(gettext_lazy("Expires"))
    asked_about = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [("", _("Choose your license"))]
        groups = [
            (
                pack.name,
                [
                    (f"{pack.id}/{kind.id}", f"{kind.name}, {pack.short_name}")
                    for kind in pack.license_types
                ],
            )
            for pack in packs.all()
        ]
        choice = self.fields["license_type"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [*offered, *groups]
        choice.error_messages |= {
            "required": _("Choose your license."),
            "invalid_choice": _("Choose a license from the list."),
        }
        self.fields["name_as_printed"].help_text = _("Exactly as it stands on the license.")

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        chosen, number = typed.get("license_type"), typed.get("number", "").strip()
        if chosen and number and number != typed.get("asked_about"):
            pack = packs.get(chosen.partition("/")[0])
            if pack.number_warning(number):
                self.data = {name: self.data[name] for name in self.data} | {"asked_about": number}
                self.add_error(
                    "number",
                    _(
                        "{board} numbers usually look different ({looks}). Compare it with your "
                        "license. If it is right, save once more."
                    ).format(board=pack.short_name, looks=pack.number_says),
                )
        return typed

    def told(self) -> dict[str, Any]:
        """The fields of the verb."""
        authority, _, license_type = self.cleaned_data["license_type"].partition("/")
        rest = ("number", "name_as_printed", "issued", "expires")
        return {field: self.cleaned_data[field] for field in rest} | {
            "authority": authority,
            "license_type": license_type,
        }


class AnswersForm(forms.Form):
    """What the rules of an authority ask of the holder of a license."""

    def __init__(self, pack: Pack, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(questions.fields(pack))


@login_required
@require_safe
def licenses(request: SignedRequest) -> HttpResponse:
    standings = counts.holder(request.user.pk).standings()
    wanted = identification.standings([standing.held.row for standing in standings])
    shown = {
        "standings": standings,
        "calendar": calendars.address(request.user.pk),
        "documents": list(wanted.values()),
    }
    return render(request, "account/licenses.html", shown)


@login_required
def add(request: SignedRequest) -> HttpResponse:
    person = request.user
    form = LicenseForm(request.POST or None, initial={"name_as_printed": person.name})
    if request.method == "POST" and form.is_valid():
        try:
            people_licenses.add(subject_id=person.pk, **form.told(), by=person.actor)
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("The license is saved."))
            return HttpResponseRedirect(reverse("account:licenses"))
    return _page(request, form, None)


@login_required
def change(request: SignedRequest, license_id: UUID) -> HttpResponse:
    person = request.user
    license = _own(request, license_id)
    form = LicenseForm(request.POST or None, initial=_typed(license))
    if request.method == "POST" and form.is_valid():
        try:
            people_licenses.change(license=license, **form.told(), by=person.actor)
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("The license is saved."))
            return HttpResponseRedirect(reverse("account:licenses"))
    return _page(request, form, license)


@login_required
def answers(request: SignedRequest, license_id: UUID) -> HttpResponse:
    """What the authority's rules ask besides hours."""
    license = _own(request, license_id)
    pack = packs.find(license.authority)
    if pack is None:
        raise Http404
    form = AnswersForm(pack, request.POST or None, initial=questions.typed(license.answers))
    if request.method == "POST" and form.is_valid():
        people_licenses.answer(
            license=license,
            roles=questions.roles(pack, form.cleaned_data),
            facts=questions.facts(pack, form.cleaned_data),
            by=request.user.actor,
        )
        messages.success(request, _("Your answers are saved."))
        return HttpResponseRedirect(reverse("account:licenses"))
    shown = {"form": form, "license": license, "pack": pack}
    status = 422 if form.is_bound else 200
    return render(request, "account/license_answers.html", shown, status=status)


@login_required
@require_POST
def remove(request: SignedRequest, license_id: UUID) -> HttpResponse:
    people_licenses.remove(license=_own(request, license_id), by=request.user.actor)
    messages.success(request, _("The license is removed. Hours awarded for it stay awarded."))
    return HttpResponseRedirect(reverse("account:licenses"))


def _own(request: SignedRequest, license_id: UUID) -> License:
    return get_object_or_404(License, subject_id=request.user.pk, id=license_id)


def _page(request: HttpRequest, form: LicenseForm, license: License | None) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(
        request, "account/license.html", {"form": form, "license": license}, status=status
    )


def _typed(license: License) -> dict[str, Any]:
    return {
        "license_type": f"{license.authority}/{license.license_type}",
        "number": license.number,
        "asked_about": license.number,
        "name_as_printed": license.name_as_printed,
        "issued": license.issued,
        "expires": license.expires,
    }


urlpatterns = [
    path("licenses/", licenses, name="licenses"),
    path("licenses/add/", add, name="license_add"),
    path("licenses/<uuid:license_id>/", change, name="license"),
    path("licenses/<uuid:license_id>/answers/", answers, name="license_answers"),
    path("licenses/<uuid:license_id>/remove/", remove, name="license_remove"),
]
