"""/console/policy/contracts/: with whom we have which contract, and who needs one and has none.
/console/policy/withheld/: what did not leave, and why."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from creditable.audit.clock import now
from creditable.credit import eligibility
from creditable.credit.releases import ELIGIBILITY
from creditable.disclosure import contracts, policies, withheld
from creditable.disclosure.models import Contract
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest, staff_required
from creditable.policy.contents import Policy, leaves
from creditable.web.console.frame import page
from creditable.web.ui.errors import refused

LARGEST = 5 * 1_048_576
MOST = 100


class ContractForm(forms.Form):
    """A signed contract, in the words of the policy."""

    recipient = forms.ChoiceField(label=gettext_lazy("With whom, in the words of the policy"))
    party = forms.CharField(
        label=gettext_lazy("Name of the company"),
        max_length=200,
        error_messages={
            "required": gettext_lazy("Enter the company's name."),
            "max_length": gettext_lazy("Enter at most 200 characters."),
        },
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Which data it is about"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )
    region = forms.ChoiceField(label=gettext_lazy("Where they keep it"))
    begins = forms.DateField(
        label=gettext_lazy("In force from"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": gettext_lazy("Enter the first day."),
            "invalid": gettext_lazy("Enter a date, such as 2027-01-31."),
        },
    )
    ends = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Leave it empty if it has no end."),
        error_messages={"invalid": gettext_lazy("Enter a date, such as 2027-01-31.")},
    )
    file = forms.FileField(
        label=gettext_lazy("The signed document (PDF, at most 5 MB)"),
        error_messages={
            "required": gettext_lazy("Choose the document."),
            "empty": gettext_lazy("This file is empty."),
        },
    )

    def __init__(self, *args: Any, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: dict[str, list[tuple[str, str]]] = {
            "recipient": [(name, who.label) for name, who in policy.recipients.items()],
            "categories": [
                (name, policy.categories[name])
                for name in leaves(policy.categories)
                if not name.startswith("system.")
            ],
            "region": list(policy.regions.items()),
        }
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def clean_file(self) -> "UploadedFile[bytes]":
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(_("This file is larger than 5 MB."))
        return file


@staff_required("policy.view")
def index(request: SignedRequest) -> HttpResponse:
    """The register; a POST enters a contract."""
    policy = policies.current()
    may_enter = request.user.may("policy.publish")
    form = None
    if may_enter:
        told = (request.POST, request.FILES) if request.method == "POST" else ()
        form = ContractForm(*told, policy=policy)
    if request.method == "POST":
        if form is None:
            return refused(request, Refused(_("Your role cannot enter contracts.")), status=403)
        if form.is_valid() and _enter(request, form):
            return HttpResponseRedirect(reverse("console:contracts"))
    rows = Contract.objects.defer("document").order_by("ended_at", "recipient", "-begins")
    context = {
        "contracts": [
            (row, policy.recipients.get(row.recipient), _state(row, policy), _key(row))
            for row in rows
        ],
        "missing": [
            who.label
            for name, who in policy.recipients.items()
            if policy.needs_contract(name)
            and name in leaves(policy.recipients)
            and contracts.in_force(name) is None
        ],
        "form": form,
    }
    return page(
        request, "console/contracts.html", context, status=422 if form and form.errors else 200
    )


def _state(row: Contract, policy: Policy) -> str:
    today = now().date()
    if row.ended_at or (row.ends and row.ends < today):
        return "ended"
    if row.begins > today:
        return "coming"
    recipient = policy.recipients.get(row.recipient)
    return "in force" if recipient and recipient.region == row.region else "elsewhere"


def _key(row: Contract) -> str:
    """By which the vendor asks, where the contract is with one who may."""
    return eligibility.key_of(row) if row.recipient == ELIGIBILITY.recipient else ""


def _enter(request: SignedRequest, form: ContractForm) -> bool:
    told = dict(form.cleaned_data)
    file = told.pop("file")
    try:
        contracts.record(
            **told, filename=file.name, document=file.read(), by=request.user.staff_actor
        )
    except Refused as refusal:
        form.add_error(refusal.field or None, refusal.message)
        return False
    messages.success(request, _("The contract is entered."))
    return True


@staff_required("policy.view")
@require_safe
def document(request: SignedRequest, contract: str) -> HttpResponse:
    """The signed document, as a download: nothing in it is run."""
    row = get_object_or_404(Contract, pk=contract)
    answer = HttpResponse(bytes(row.document), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="contract-{row.begins}.pdf"'
    return answer


@staff_required("policy.publish")
@require_POST
def end(request: SignedRequest, contract: str) -> HttpResponse:
    row = get_object_or_404(Contract.objects.defer("document"), pk=contract)
    try:
        contracts.end(contract_id=row.pk, by=request.user.staff_actor)
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(request, _("The contract is ended: nothing leaves under it any more."))
    return HttpResponseRedirect(reverse("console:contracts"))


@staff_required("policy.view")
@require_safe
def stayed(request: SignedRequest) -> HttpResponse:
    """What did not leave, the newest first."""
    policy = policies.current()
    rows = list(withheld.waiting()[: MOST + 1])
    context = {
        "rows": [(row, policy.recipients.get(row.recipient)) for row in rows[:MOST]],
        "more": len(rows) > MOST,
        "may_settle": request.user.may("policy.publish"),
    }
    return page(request, "console/withheld.html", context)


@staff_required("policy.publish")
@require_POST
def settle(request: SignedRequest, entry: str) -> HttpResponse:
    try:
        withheld.settle(withheld_id=entry, by=request.user.staff_actor)
    except Refused as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(reverse("console:withheld"))


urlpatterns = [
    path("policy/contracts/", index, name="contracts"),
    path("policy/contracts/<uuid:contract>/", document, name="contract"),
    path("policy/contracts/<uuid:contract>/end/", end, name="contract_end"),
    path("policy/withheld/", stayed, name="withheld"),
    path("policy/withheld/<uuid:entry>/settle/", settle, name="withheld_settle"),
]
