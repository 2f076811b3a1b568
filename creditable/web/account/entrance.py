"""The entrance: sign-up, sign-in by code or password, a new password, the second factor.

allauth's views write allauth's rows (the named exception to "faces write no rows"); the adapter
in `people` sends the mail. The names of these addresses are allauth's own, so they stand outside
the face's namespace: `urls.py` at the top includes them beside the face.
"""

from typing import Any
from urllib.parse import urlencode

from allauth.account import views as account
from allauth.account.internal.flows.email_verification_by_code import (
    EMAIL_VERIFICATION_CODE_SESSION_KEY,
)
from allauth.account.internal.stagekit import clear_login
from allauth.account.utils import get_next_redirect_url, passthrough_next_redirect_url
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.generic.base import RedirectView

from creditable.people import factors, identity_providers
from creditable.people.access import SignedRequest
from creditable.people.adapter import ONWARD
from creditable.web.account.address import address
from creditable.web.account.forms import SignInByPassword as PasswordForm
from creditable.web.ui import cookies

UNPROCESSABLE = 422


class LeadingOn:
    """A page of sign-in keeps the page that was asked for in the session that waits for a code,
    so that no step between here and there can lose it. Only looking sets no cookie."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        onward = get_next_redirect_url(request)
        if onward and (request.method == "POST" or not request.session.is_empty()):
            request.session[ONWARD] = onward
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc, no-any-return]


class Answering:
    """A form that cannot be taken is shown again with the status that says so."""

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        if isinstance(response, TemplateResponse):
            response.status_code = UNPROCESSABLE
        return response


class WithCookie:
    """A page that goes on with what the cookie stands for; without one, the page that says so."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not cookies.came_back(request):
            return HttpResponseRedirect(cookies.seen_to(request, reverse("account_login")))
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc, no-any-return]


class WithSecondStep:
    """A page about a second step that was set up; without one, the page of security."""

    @method_decorator(login_required)
    def dispatch(self, request: SignedRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not factors.enrolled(request.user):
            return HttpResponseRedirect(reverse("account:security"))
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc, no-any-return]


class WithPassword:
    """A page that asks for a password that was set; without one, the page of security."""

    @method_decorator(login_required)
    def dispatch(self, request: SignedRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_usable_password():
            return HttpResponseRedirect(reverse("account:security"))
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc, no-any-return]


class WithIdentityProviders:
    """A page that offers other companies to vouch for who one is."""

    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {  # type: ignore[misc, no-any-return]
            "identity_providers": identity_providers.offered(),
            "onward": get_next_redirect_url(self.request),
        }


@method_decorator(transaction.atomic, name="post")
class SignUp(WithIdentityProviders, Answering, account.SignupView):  # type: ignore[misc]
    """Creates the person and sends the code, together or not at all."""


class SignIn(WithIdentityProviders, LeadingOn, Answering, account.LoginView):  # type: ignore[misc]
    """Sends a code to the address, if it has an account; says the same if not."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        other = reverse("account_login_password")
        idle = self.request.GET.get("idle") == "1"
        return super().get_context_data(**kwargs) | {
            "password_url": passthrough_next_redirect_url(self.request, other, "next"),
            "idle_minutes": settings.IDLE_SECONDS // 60 if idle else None,
            "unsaved": self.request.GET.get("unsaved") == "1",
            "out": self.request.GET.get("out") == "1",
        }


class SignInByPassword(LeadingOn, Answering, account.LoginView):  # type: ignore[misc]
    """Signs in at once, so the way leads by the page that sees whether the cookie came back."""

    template_name = "account/login_password.html"

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        if isinstance(response, HttpResponseRedirect):
            response.headers["Location"] = cookies.seen_to(self.request, response.url)
        return response

    def get_form_class(self) -> type[PasswordForm]:
        return PasswordForm


class SignInCode(WithCookie, LeadingOn, Answering, account.ConfirmLoginCodeView):  # type: ignore[misc]
    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        if isinstance(response, HttpResponseRedirect):  # too many tries: sign-in begins anew
            return _still_onward(self.request, response.url)
        return response


class SignUpCode(WithCookie, Answering, account.ConfirmEmailVerificationCodeView):  # type: ignore[misc]
    pass


class Factor(Answering, mfa.AuthenticateView):  # type: ignore[misc]
    pass


class FactorAgain(WithSecondStep, Answering, mfa.ReauthenticateView):  # type: ignore[misc]
    pass


class PasswordAgain(WithPassword, Answering, account.ReauthenticateView):  # type: ignore[misc]
    pass


class AskForPassword(Answering, account.PasswordResetView):  # type: ignore[misc]
    pass


class PasswordCode(WithCookie, Answering, account.ConfirmPasswordResetCodeView):  # type: ignore[misc]
    pass


class ResetPassword(Answering, account.CompletePasswordResetView):  # type: ignore[misc]
    pass


class ChangePassword(Answering, account.PasswordChangeView):  # type: ignore[misc]
    def get_default_success_url(self) -> str:
        return reverse("account:security")


class SetPassword(Answering, account.PasswordSetView):  # type: ignore[misc]
    def get_default_success_url(self) -> str:
        return reverse("account:security")


@method_decorator(login_required, name="dispatch")
class NewFactor(Answering, totp.ActivateTOTPView):  # type: ignore[misc]
    """Sets the authenticator app up; the code that proves it counts as using it. Who is signed out
    is led to sign-in before anything is kept for them."""

    def get_success_url(self) -> str:
        address: str = reverse("mfa_view_recovery_codes")
        onward: str = passthrough_next_redirect_url(self.request, address, "next")
        return onward

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        factors.note_used(self.request, self.request.user)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "onward": get_next_redirect_url(self.request),
            "secret": context["form"].secret,
        }


class FactorOff(WithSecondStep, totp.DeactivateTOTPView):  # type: ignore[misc]
    pass


class RecoveryFile(WithSecondStep, recovery.DownloadRecoveryCodesView):  # type: ignore[misc]
    pass


class NewRecoveryCodes(WithSecondStep, recovery.GenerateRecoveryCodesView):  # type: ignore[misc]
    pass


class RecoveryCodes(WithSecondStep, recovery.ViewRecoveryCodesView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"onward": get_next_redirect_url(self.request)}


@never_cache
@require_POST
def start_over(request: HttpRequest) -> HttpResponseRedirect:
    """Drops a sign-up or sign-in that waits for its code, for those who mistyped the address."""
    clear_login(request)
    signing_up = request.session.pop(EMAIL_VERIFICATION_CODE_SESSION_KEY, None)
    return _still_onward(request, reverse("account_signup" if signing_up else "account_login"))


def _still_onward(request: HttpRequest, address: str) -> HttpResponseRedirect:
    onward = request.session.pop(ONWARD, None)
    return HttpResponseRedirect(f"{address}?{urlencode({'next': onward})}" if onward else address)


class Security(RedirectView):
    """Where allauth would list second factors, ours stands among the rest of the security page."""

    pattern_name = "account:security"


urlpatterns = [
    path("signup/", SignUp.as_view(), name="account_signup"),
    path("signup/code/", SignUpCode.as_view(), name="account_email_verification_sent"),
    path("login/", SignIn.as_view(), name="account_login"),
    path("login/code/", SignInCode.as_view(), name="account_confirm_login_code"),
    path("login/password/", SignInByPassword.as_view(), name="account_login_password"),
    path("login/second-step/", Factor.as_view(), name="mfa_authenticate"),
    path("login/start-over/", start_over, name="account_start_over"),
    path("logout/", account.logout, name="account_logout"),
    path("closed/", account.account_inactive, name="account_inactive"),
    path("password/", AskForPassword.as_view(), name="account_reset_password"),
    path("password/code/", PasswordCode.as_view(), name="account_confirm_password_reset_code"),
    path("password/new/", ResetPassword.as_view(), name="account_complete_password_reset"),
    path(
        "password/done/",
        account.password_reset_from_key_done,
        name="account_password_reset_completed",
    ),
    path("email/", address, name="account_email"),
    path("security/password/", ChangePassword.as_view(), name="account_change_password"),
    path("security/password/set/", SetPassword.as_view(), name="account_set_password"),
    path("security/again/", PasswordAgain.as_view(), name="account_reauthenticate"),
    path("security/second-step/", Security.as_view(), name="mfa_index"),
    path("security/second-step/again/", FactorAgain.as_view(), name="mfa_reauthenticate"),
    path("security/second-step/new/", NewFactor.as_view(), name="mfa_activate_totp"),
    path("security/second-step/off/", FactorOff.as_view(), name="mfa_deactivate_totp"),
    path("security/recovery-codes/", RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path(
        "security/recovery-codes/new/",
        NewRecoveryCodes.as_view(),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "security/recovery-codes/download/",
        RecoveryFile.as_view(),
        name="mfa_download_recovery_codes",
    ),
]
