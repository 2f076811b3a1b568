"""/account/email/: another e-mail address, proved by a code from the old and one from the new."""

from allauth.core.ratelimit import consume_or_429
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from creditable.lib.refusal import Refused
from creditable.people import address_change
from creditable.people.access import SignedRequest
from creditable.people.address_change import Pending
from creditable.web.account.forms import email_field, mailed_code_field

PENDING = "address_change"


class Address(forms.Form):
    email = email_field(gettext_lazy("New e-mail address"))


class Codes(forms.Form):
    old_code = mailed_code_field(gettext_lazy("Code from your current address"))
    new_code = mailed_code_field(gettext_lazy("Code from the new address"))


@login_required
def address(request: SignedRequest) -> HttpResponse:
    """The new address; then the page of the codes."""
    if Pending.read(request.session.get(PENDING)):
        return HttpResponseRedirect(reverse("account:address_codes"))
    form = Address(request.POST or None)
    if request.method == "POST" and form.is_valid():
        limited: HttpResponse | None = consume_or_429(
            request, action="email_change", user=request.user
        )
        if limited:
            return limited
        try:
            pending = address_change.begin(
                person=request.user, email=form.cleaned_data["email"], by=request.user.actor
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            request.session[PENDING] = pending.stored()
            return HttpResponseRedirect(reverse("account:address_codes"))
    status = 422 if form.is_bound else 200
    return render(request, "account/address.html", {"form": form}, status=status)


@login_required
def codes(request: SignedRequest) -> HttpResponse:
    """Both codes, then the change."""
    person = request.user
    pending = Pending.read(request.session.get(PENDING))
    if pending is None:
        return HttpResponseRedirect(reverse("account_email"))
    form = Codes(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            address_change.confirm(
                person=person, pending=pending, **form.cleaned_data, by=person.actor
            )
        except Refused as refusal:
            if refusal.code in {"over", "taken"}:
                del request.session[PENDING]
                messages.error(request, refusal.message)
                return HttpResponseRedirect(reverse("account_email"))
            request.session[PENDING] = pending.failed_once_more().stored()
            form.add_error(refusal.field or None, refusal.message)
        else:
            del request.session[PENDING]
            messages.success(request, _("Your e-mail address is changed. We told both addresses."))
            return HttpResponseRedirect(reverse("account:profile"))
    shown = {"form": form, "new_address": pending.email}
    return render(
        request, "account/address_codes.html", shown, status=422 if form.is_bound else 200
    )


@login_required
@require_POST
def keep(request: SignedRequest) -> HttpResponse:
    """Drops the change."""
    request.session.pop(PENDING, None)
    return HttpResponseRedirect(reverse("account:profile"))


urlpatterns = [
    path("email/codes/", codes, name="address_codes"),
    path("email/keep/", keep, name="address_keep"),
]
