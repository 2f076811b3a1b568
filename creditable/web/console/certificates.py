"""/console/certificates/<number>/: correct what a certificate says, or revoke it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from creditable.audit import trail
from creditable.credit import certificates, packs
from creditable.credit.models import Certificate, Report
from creditable.lib import ids
from creditable.lib.refusal import Refused
from creditable.people import names
from creditable.people.access import SignedRequest, staff_required
from creditable.people.models import Person
from creditable.web.console.frame import page

TOLD = (Report.State.QUEUED, Report.State.SENT, Report.State.ACCEPTED)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("The holder reads it; whoever checks the certificate does not."),
        error_messages={"required": gettext_lazy("Say why: the holder reads it.")},
    )


class CorrectionForm(ReasonForm):
    """The certificate as it should read."""

    holder_name = forms.CharField(
        label=gettext_lazy("Name as printed"),
        max_length=names.LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Enter the name.")},
    )
    license_number = forms.CharField(
        label=gettext_lazy("License number"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Enter the number as it stands on the license.")},
    )
    field_order = ("holder_name", "license_number", "reason")

    def __init__(self, certificate: Certificate, data: Any = None) -> None:
        said = {name: certificate.content[name] for name in ("holder_name", "license_number")}
        super().__init__(data, initial=said)
        if not said["license_number"]:
            del self.fields["license_number"]


@staff_required("certificates.correct")
@require_safe
def show(request: SignedRequest, serial: str) -> HttpResponse:
    certificate = _found(serial)
    trail.viewed(
        by=request.user.staff_actor,
        subject_id=certificate.award.subject_id,
        page="console certificate",
    )
    return _page(request, certificate)


@staff_required("certificates.correct")
@require_POST
def correct(request: SignedRequest, serial: str) -> HttpResponse:
    """Issues the corrected certificate and leads to it."""
    certificate = _found(serial)
    form = CorrectionForm(certificate, request.POST)
    if form.is_valid():
        try:
            corrected = certificates.correct(
                certificate=certificate,
                holder_name=form.cleaned_data["holder_name"],
                license_number=form.cleaned_data.get("license_number", ""),
                reason=form.cleaned_data["reason"],
                by=request.user.staff_actor,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("The corrected certificate is issued; mail is on its way."))
            there = reverse("console:certificate", kwargs={"serial": corrected.serial})
            return HttpResponseRedirect(there)
    return _page(request, certificate, correction=form, status=422)


@staff_required("certificates.correct")
@require_POST
def revoke(request: SignedRequest, serial: str) -> HttpResponse:
    certificate = _found(serial)
    form = ReasonForm(request.POST, prefix="revoke")
    if form.is_valid():
        try:
            certificates.revoke(
                certificate=certificate,
                reason=form.cleaned_data["reason"],
                by=request.user.staff_actor,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("The certificate is revoked; mail is on its way."))
            there = reverse("console:certificate", kwargs={"serial": certificate.serial})
            return HttpResponseRedirect(there)
    return _page(request, certificate, revocation=form, status=422)


def _found(serial: str) -> "certificates.Edition":
    known = ids.read_serial(serial)
    found = certificates.editions(serial=known).select_related("award").first() if known else None
    if found is None:
        raise Http404
    return found


def _page(
    request: SignedRequest,
    certificate: "certificates.Edition",
    *,
    correction: CorrectionForm | None = None,
    revocation: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    award = certificate.award
    current = certificate.state != certificates.State.REPLACED
    told = Report.objects.filter(award=award, state__in=TOLD).first()
    context = {
        "certificate": certificate,
        "award": award,
        "person": Person.objects.filter(pk=award.subject_id).only("pk", "name").first(),
        "editions": certificates.editions(award=award).order_by("-edition"),
        "told": packs.find(told.authority) if told else None,
        "correction": (correction or CorrectionForm(certificate)) if current else None,
        "revocation": (revocation or ReasonForm(prefix="revoke")),
        "revocable": certificate.state == certificates.State.GENUINE,
    }
    return page(request, "console/certificate.html", context, status)


urlpatterns = [
    path("certificates/<str:serial>/", show, name="certificate"),
    path("certificates/<str:serial>/correct/", correct, name="certificate_correct"),
    path("certificates/<str:serial>/revoke/", revoke, name="certificate_revoke"),
]
