"""/console/rentals/: lists of names and postal addresses that agencies rent, and the decoys in
them."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from creditable.audit.clock import now
from creditable.disclosure.models import Contract
from creditable.lib.refusal import Refused
from creditable.outreach import rentals
from creditable.outreach.models import Decoy, Recall, Rental, RentedList
from creditable.outreach.releases import RENTED
from creditable.people.access import SignedRequest, staff_required
from creditable.people.models import Person
from creditable.policy.contents import covers
from creditable.web.console.frame import page
from creditable.web.ui.errors import refused

MOST = 100


class Ordering(forms.Form):
    """What an agency orders."""

    contract = forms.ChoiceField(label=gettext_lazy("Under which contract"))
    offer = forms.CharField(
        label=gettext_lazy("What they will send to these people"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Their own words, and what it has to do with your courses."),
    )
    use_on = forms.DateField(
        label=gettext_lazy("Day of the one use"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": gettext_lazy("Enter a date, such as 2027-01-31.")},
    )
    limit = forms.IntegerField(
        label=gettext_lazy("At most how many names"), min_value=1, max_value=1_000_000
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contract = self.fields["contract"]
        assert isinstance(contract, forms.ChoiceField)
        contract.choices = [(str(row.pk), row.party) for row in _agencies()]


class DecoyForm(forms.Form):
    """A name at an address of ours."""

    name = forms.CharField(label=gettext_lazy("Invented name"), max_length=120)
    street = forms.CharField(label=gettext_lazy("Street"), max_length=140)
    city = forms.CharField(label=gettext_lazy("City"), max_length=80)
    state = forms.CharField(label=gettext_lazy("State (two letters)"), max_length=2)
    postal_code = forms.CharField(label=gettext_lazy("ZIP code"), max_length=10)


class Finding(forms.Form):
    """What somebody else found about an order."""

    fit = forms.TypedChoiceField(
        label=gettext_lazy("Is it of an appropriate and related purpose?"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        coerce=lambda word: word == "yes",
        widget=forms.RadioSelect,
    )
    finding = forms.CharField(
        label=gettext_lazy("What you found"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RecallForm(forms.Form):
    """Why a list is called back."""

    why = forms.CharField(
        label=gettext_lazy("Why it is called back"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say why.")},
    )


def _agencies() -> list[Contract]:
    rows = Contract.objects.defer("document").filter(ended_at=None).order_by("party")
    return [row for row in rows if covers(RENTED.recipient, row.recipient)]


@staff_required("rentals.view")
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    return _index(request, DecoyForm())


def _index(request: SignedRequest, form: DecoyForm, status: int = 200) -> HttpResponse:
    rows = Rental.objects.select_related("contract", "rentedlist__recall").defer(
        "contract__document", "rentedlist__content"
    )
    context = {
        "rentals": rows.order_by("-ordered_at", "-id")[:MOST],
        "decoys": Decoy.objects.filter(ended_at=None).order_by("name"),
        "form": form,
        "agencies": _agencies(),
        "may_order": request.user.may("rentals.order"),
    }
    return page(request, "console/rentals.html", context, status)


@staff_required("rentals.order")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedRequest) -> HttpResponse:
    form = Ordering(request.POST if request.method == "POST" else None)
    if form.is_valid():
        told = dict(form.cleaned_data)
        contract = get_object_or_404(Contract.objects.defer("document"), pk=told.pop("contract"))
        try:
            rental = rentals.order(contract=contract, by=request.user.staff_actor, **told)
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            return HttpResponseRedirect(reverse("console:rental", args=[rental.pk]))
    return page(request, "console/rental_new.html", {"form": form}, 422 if form.errors else 200)


@staff_required("rentals.view")
@require_safe
def show(request: SignedRequest, rental: UUID) -> HttpResponse:
    return _show(request, _find(rental))


def _find(pk: UUID) -> Rental:
    rows = Rental.objects.select_related("contract").defer("contract__document")
    return get_object_or_404(rows, pk=pk)


def _show(
    request: SignedRequest,
    row: Rental,
    *,
    vetting: Finding | None = None,
    recalling: RecallForm | None = None,
) -> HttpResponse:
    listed = RentedList.objects.filter(rental=row).defer("content").first()
    recalled = Recall.objects.filter(listed=row.pk).first()
    staff = Person.objects.in_bulk([pk for pk in (row.ordered_by, row.vetted_by) if pk])
    context = {
        "rental": row,
        "listed": listed,
        "recalled": recalled,
        "shut": rentals.shut_since(listed) if listed and not recalled else 0,
        "over": row.use_on < now().date(),
        "preview": None if listed or row.state == "refused" else rentals.preview(row),
        "ordered_by": staff.get(row.ordered_by),
        "vetted_by": staff.get(row.vetted_by) if row.vetted_by else None,
        "vetting": vetting or Finding(),
        "recalling": recalling or RecallForm(),
        "may_vet": request.user.may("rentals.vet") and row.ordered_by != request.user.pk,
        "may_order": request.user.may("rentals.order"),
    }
    status = 422 if vetting or recalling else 200
    return page(request, "console/rental.html", context, status)


@staff_required("rentals.vet")
@require_POST
def vet(request: SignedRequest, rental: UUID) -> HttpResponse:
    row, form = _find(rental), Finding(request.POST)
    if not form.is_valid():
        return _show(request, row, vetting=form)
    try:
        rentals.vet(rental=row, by=request.user.staff_actor, **form.cleaned_data)
    except Refused as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(reverse("console:rental", args=[row.pk]))


@staff_required("rentals.order")
@require_POST
def export(request: SignedRequest, rental: UUID) -> HttpResponse:
    row = _find(rental)
    try:
        rentals.export(rental=row, by=request.user.staff_actor)
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(request, _("Released. Fetch the list below and hand it over."))
    return HttpResponseRedirect(reverse("console:rental", args=[row.pk]))


@staff_required("rentals.order")
@require_safe
def file(request: SignedRequest, rental: UUID) -> HttpResponse:
    listed = get_object_or_404(RentedList, pk=rental)
    try:
        content = rentals.file(listed=listed, by=request.user.staff_actor)
    except Refused as refusal:
        return refused(request, refusal)
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="list-{listed.mark}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


@staff_required("rentals.order")
@require_POST
def recall(request: SignedRequest, rental: UUID) -> HttpResponse:
    listed = get_object_or_404(RentedList.objects.defer("content"), pk=rental)
    form = RecallForm(request.POST)
    if not form.is_valid():
        return _show(request, _find(rental), recalling=form)
    try:
        rentals.recall(listed=listed, by=request.user.staff_actor, **form.cleaned_data)
    except Refused as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(reverse("console:rental", args=[rental]))


@staff_required("rentals.order")
@require_POST
def decoy(request: SignedRequest) -> HttpResponse:
    form = DecoyForm(request.POST)
    if not form.is_valid():
        return _index(request, form, 422)
    rentals.enter_decoy(by=request.user.staff_actor, **form.cleaned_data)
    return HttpResponseRedirect(reverse("console:rentals"))


@staff_required("rentals.order")
@require_POST
def end_decoy(request: SignedRequest, decoy: UUID) -> HttpResponse:
    try:
        rentals.end_decoy(decoy_id=decoy, by=request.user.staff_actor)
    except Refused as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(reverse("console:rentals"))


urlpatterns = [
    path("rentals/", index, name="rentals"),
    path("rentals/new/", new, name="rental_new"),
    path("rentals/decoys/", decoy, name="decoy"),
    path("rentals/decoys/<uuid:decoy>/end/", end_decoy, name="decoy_end"),
    path("rentals/<uuid:rental>/", show, name="rental"),
    path("rentals/<uuid:rental>/vet/", vet, name="rental_vet"),
    path("rentals/<uuid:rental>/export/", export, name="rental_export"),
    path("rentals/<uuid:rental>/file/", file, name="rental_file"),
    path("rentals/<uuid:rental>/recall/", recall, name="rental_recall"),
]
