"""/verify/: whoever has a certificate's number or its file may check it, without an account or
cookie. The file is compared and forgotten."""

from __future__ import annotations

from typing import Any

from allauth.core.ratelimit import consume, respond_429
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from creditable.credit import certificates, filecheck
from creditable.credit.filecheck import Verdict
from creditable.lib import ids
from creditable.lib.actor import Actor
from creditable.lib.text import printable

VERIFIER = Actor.outside("verifier")


class SerialForm(forms.Form):
    """The number as it stands on the certificate, however it is typed."""

    serial = forms.CharField(
        label=_("Certificate number"),
        max_length=60,
        help_text=_("Five groups of letters and digits. Spaces, hyphens and case do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter the number that stands on the certificate.")},
    )

    def clean_serial(self) -> str:
        serial = ids.read_serial(self.cleaned_data["serial"])
        if serial is None:
            raise forms.ValidationError(
                _(
                    "This is not a certificate number. Such a number has 26 letters and digits; "
                    "compare yours with the certificate."
                )
            )
        return serial


class FileForm(forms.Form):
    """The certificate's file, to be compared with what was issued. `serial` is the certificate
    at whose page it was handed in."""

    file = forms.FileField(
        label=_("The certificate's file (PDF)"),
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf"}),
        error_messages={
            "required": _("Choose the file."),
            "empty": _("This file is empty."),
            "missing": _("Choose the file."),
            "invalid": _("Choose the file."),
        },
    )
    serial = forms.CharField(
        required=False,
        max_length=60,
        widget=forms.HiddenInput(attrs={"id": "id_file_serial"}),  # beside the form of the number
    )

    def clean_file(self) -> UploadedFile[bytes]:
        from creditable.credit.inspection import LARGEST

        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if file.size is None or file.size > LARGEST:
            raise forms.ValidationError(
                _("This file is larger than 5 MB. A certificate of ours is far smaller.")
            )
        return file


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The number to be typed and the place for the file; then what we say of the file."""
    if request.method == "POST":
        return _check_file(request)
    form = SerialForm(request.GET or None)
    if form.is_bound and form.is_valid():
        there = reverse("shop:certificate", kwargs={"serial": form.cleaned_data["serial"]})
        return HttpResponseRedirect(there)
    return _page(request, {"form": form}, status=422 if form.is_bound else 200)


def _check_file(request: HttpRequest) -> HttpResponse:
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, {"form": SerialForm(), "file_form": form}, status=422)
    pdf = form.cleaned_data["file"].read()
    answer = filecheck.recognize(pdf=pdf, by=VERIFIER)
    if answer is None:
        if not consume(request, action="check_file", key="everybody"):
            return _too_fast(request)
        answer = filecheck.compare(pdf=pdf, serial=form.cleaned_data["serial"], by=VERIFIER)
    if answer.verdict == Verdict.ALTERED and answer.checked:
        # One altered file after another could try out what the check page does not show.
        tried = consume(request, action="check_altered_file", key=answer.checked.serial)
        if not tried:
            return _too_fast(request)
    return render(request, "shop/file.html", {"answer": answer, "checked": answer.checked})


def _too_fast(request: HttpRequest) -> HttpResponse:
    answer: HttpResponse = respond_429(request)
    return answer


@never_cache
@require_safe
def show(request: HttpRequest, serial: str) -> HttpResponse:
    """What the certificate says and what it is worth now."""
    known = ids.read_serial(serial)
    if known is not None and known != serial:
        return HttpResponseRedirect(reverse("shop:certificate", kwargs={"serial": known}))
    checked = certificates.check(serial=serial, by=VERIFIER)
    if checked is None:
        typed = SerialForm(initial={"serial": printable(serial[:60])})
        return _page(request, {"form": typed, "unknown": True}, status=404)
    file_form = FileForm(initial={"serial": checked.serial})
    context = {"checked": checked, "file_form": file_form}
    return render(request, "shop/certificate.html", context)


def _page(request: HttpRequest, context: dict[str, Any], *, status: int) -> HttpResponse:
    return render(request, "shop/verify.html", {"file_form": FileForm(), **context}, status=status)


urlpatterns = [
    path("verify/", ask, name="verify"),
    path("verify/<str:serial>/", show, name="certificate"),
]
