"""The forms of the entrance: allauth's checks, our fields and words."""

import re
from typing import TYPE_CHECKING, Any

from allauth.account.forms import (
    ChangePasswordForm,
    ConfirmEmailVerificationCodeForm,
    ConfirmLoginCodeForm,
    ConfirmPasswordResetCodeForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
    SignupForm,
)
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateWithFactorForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.contrib.auth import password_validation
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people import accounts, names
from creditable.people.models import Person

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

E_MAIL, CODE = gettext_lazy("E-mail address"), gettext_lazy("Code")
ENTRANCE = Actor.system("entrance")
LONGEST_PASSWORD = 256
SIX_DIGITS = re.compile(r"[0-9]{6}")


class EmailField(forms.EmailField):
    """An address in the one form in which it is stored."""

    def clean(self, value: Any) -> str:
        return accounts.canonical(super().clean(value))


def email_field(label: "StrOrPromise" = E_MAIL) -> EmailField:
    return EmailField(
        label=label,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": gettext_lazy("Enter your e-mail address."),
            "invalid": gettext_lazy("Enter an e-mail address, such as ana@example.com."),
        },
    )


def code_field(label: "StrOrPromise" = CODE, help_text: "StrOrPromise" = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
        error_messages={"required": gettext_lazy("Type the code.")},
    )


def printable(name: str) -> None:
    """A name that a certificate cannot show is said now, not when the certificate is due."""
    from creditable.lib import pdf

    missing = pdf.unprintable(name)
    if missing:
        raise forms.ValidationError(
            _(
                "Our certificates cannot print {shown}. Write the name in Latin letters, "
                "as on your license."
            ).format(shown=names.shown(missing))
        )


FULL_NAME = gettext_lazy("Full name")


def name_field(label: "StrOrPromise" = FULL_NAME) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=names.LONGEST,
        validators=[printable],
        help_text=gettext_lazy("As on your license: it is printed on your certificates."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Enter your full name.")},
    )


def password_field(label: "StrOrPromise", autocomplete: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
        error_messages={"required": gettext_lazy("Type your password.")},
    )


class SignUp(SignupForm):  # type: ignore[misc]
    """Address and name; the address is proved by a code right after."""

    name = name_field()
    field_order = ("email", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = email_field()
        self.order_fields(self.field_order)

    def clean_name(self) -> str:
        try:
            return names.cleaned(self.cleaned_data["name"])
        except Refused as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from refusal

    def try_save(self, request: HttpRequest) -> tuple[Person | None, HttpResponse | None]:
        """An address that somebody took in the same instant is treated as one taken before."""
        try:
            return super().try_save(request)  # type: ignore[no-any-return]
        except Refused:
            self.account_already_exists = True
            return super().try_save(request)  # type: ignore[no-any-return]

    def save(self, request: HttpRequest) -> Person:
        return accounts.open_account(
            email=self.cleaned_data["email"],
            name=self.cleaned_data["name"],
            verified=False,
            by=ENTRANCE,
        )


class SignIn(LoginForm):  # type: ignore[misc]
    """The address alone; a code goes there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = email_field()


class SignInByPassword(SignIn):
    """For those who set a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = password_field(gettext_lazy("Password"), "current-password")

    def _setup_password_field(self) -> None:
        """allauth drops the field where sign-up asks for no password; here it is the point."""


def six_digits(code: str) -> None:
    """Whatever stands between the digits."""
    if not SIX_DIGITS.fullmatch(re.sub(r"[\W_]", "", code)):
        raise forms.ValidationError(_("The code has six digits."))


def mailed_code_field(
    label: "StrOrPromise" = CODE, help_text: "StrOrPromise" = ""
) -> forms.CharField:
    field = code_field(label, help_text)
    field.validators.append(six_digits)
    return field


class Coded:
    """A form with the code that we mailed, and nothing else: the cursor is in it."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = mailed_code_field(help_text=gettext_lazy("Six digits."))
        self.fields["code"].widget.attrs["autofocus"] = True


class SignInCode(Coded, ConfirmLoginCodeForm):  # type: ignore[misc]
    pass


class SignUpCode(Coded, ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    pass


class PasswordCode(Coded, ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    pass


class FactorCoded:
    """A form with a code from the authenticator app."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field(help_text=self.hint)
        self.fields["code"].widget.attrs["autofocus"] = True

    hint = gettext_lazy("Six digits from your authenticator app, or one of your recovery codes.")


class Factor(FactorCoded, AuthenticateForm):  # type: ignore[misc]
    pass


class FactorAgain(FactorCoded, ReauthenticateWithFactorForm):  # type: ignore[misc]
    pass


class NewFactor(FactorCoded, ActivateTOTPForm):  # type: ignore[misc]
    hint = gettext_lazy("The six digits that your authenticator app shows now.")


class AskForPassword(ResetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = email_field()


class NewPassword:
    """A form that sets a password: typed once, shown on demand by the browser."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shortest, *_ = password_validation.password_validators_help_texts()
        chosen, again = self.fields["password1"], self.fields["password2"]
        chosen.label, chosen.help_text = gettext_lazy("New password"), shortest
        again.label = gettext_lazy("New password again")
        for field in (chosen, again):
            field.max_length = LONGEST_PASSWORD
            field.validators.append(MaxLengthValidator(LONGEST_PASSWORD))
            field.widget.attrs = {"autocomplete": "new-password"}
            field.error_messages["required"] = gettext_lazy("Type a password.")


class SetPassword(NewPassword, SetPasswordForm):  # type: ignore[misc]
    pass


class ResetPassword(NewPassword, ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class ChangePassword(NewPassword, ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"] = password_field(
            gettext_lazy("Current password"), "current-password"
        )
        self.order_fields(("oldpassword", "password1", "password2"))


class PasswordAgain(ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = password_field(gettext_lazy("Password"), "current-password")
