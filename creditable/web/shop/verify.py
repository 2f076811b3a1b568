"""/verify/: whoever has a certificate's number may check it, without an account or cookie."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from creditable.credit import certificates
from creditable.lib import ids
from creditable.lib.actor import Actor

VERIFIER = Actor.outside("verifier")
LARGEST = 1_000_000


class SerialForm(forms.Form):
    """The number as it stands on the certificate, however it is typed."""

    serial = forms.CharField(
        label="Certificate number",
        max_length=60,
        help_text="Five groups of letters and digits. Spaces, hyphens and case do not matter.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter the number that stands on the certificate."},
    )

    def clean_serial(self) -> str:
        serial = ids.read_serial(self.cleaned_data["serial"])
        if serial is None:
            raise forms.ValidationError(
                "This is not a certificate number: it has 26 letters and digits. Compare it with "
                "the certificate."
            )
        return serial


class FileForm(forms.Form):
    """The certificate's file, to be compared with what was issued. It is not kept."""

    file = forms.FileField(
        label="The certificate's file (PDF)",
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf"}),
        error_messages={
            "required": "Choose the file.",
            "empty": "This file is empty.",
            "missing": "Choose the file.",
        },
    )

    def clean_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if file.size is None or file.size > LARGEST:
            raise forms.ValidationError("A certificate of ours is smaller than one megabyte.")
        return file


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    form = SerialForm(request.GET or None)
    if form.is_bound and form.is_valid():
        there = reverse("shop:certificate", kwargs={"serial": form.cleaned_data["serial"]})
        return HttpResponseRedirect(there)
    status = 422 if form.is_bound else 200
    return render(request, "shop/verify.html", {"form": form}, status=status)


@never_cache
def show(request: HttpRequest, serial: str) -> HttpResponse:
    """What the certificate says; after an upload, whether the file is the one that was issued."""
    known = ids.read_serial(serial)
    if known is not None and known != serial:
        return HttpResponseRedirect(reverse("shop:certificate", kwargs={"serial": known}))
    checked = certificates.check(serial=serial, by=VERIFIER)
    if checked is None:
        typed = SerialForm(initial={"serial": serial[:60]})
        return render(request, "shop/verify.html", {"form": typed, "unknown": True}, status=404)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    genuine = None
    if form.is_bound and form.is_valid():
        content = form.cleaned_data["file"].read()
        genuine = certificates.is_genuine(serial=checked.serial, pdf=content)
    status = 422 if form.is_bound and not form.is_valid() else 200
    context = {"checked": checked, "form": form, "genuine": genuine}
    return render(request, "shop/certificate.html", context, status=status)


urlpatterns = [
    path("verify/", ask, name="verify"),
    path("verify/<str:serial>/", show, name="certificate"),
]
