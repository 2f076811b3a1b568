"""allauth as we use it: its mail goes through our post, its sign-ins into our trail."""

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from creditable.audit import trail
from creditable.lib.actor import Actor
from creditable.lib.ids import uuid7
from creditable.mail import addresses, post
from creditable.mail.kinds import Kind
from creditable.people import accounts, devices, releases, sessions
from creditable.people.models import Person
from creditable.people.sessions import DEVICE_KEY

ENTRANCE = Actor.system("entrance")
ONWARD = "onward"
"""In the session: the page that was asked for before sign-in."""

LETTERS: Mapping[str, Kind] = {
    "account/email/email_confirmation_signup": releases.SIGN_UP_CODE,
    "account/email/email_confirmation": releases.SIGN_UP_CODE,
    "account/email/login_code": releases.SIGN_IN_CODE,
    "account/email/password_reset_code": releases.PASSWORD_CODE,
    "account/email/account_already_exists": releases.ACCOUNT_EXISTS,
}
CHANGES = {
    "account/email/password_changed": gettext_lazy("Your password was changed."),
    "account/email/password_reset": gettext_lazy(
        "Your password was set anew with a code sent by mail."
    ),
    "account/email/password_set": gettext_lazy(
        "A password was set. You can still sign in with a code."
    ),
    "mfa/email/totp_activated": gettext_lazy(
        "An authenticator app was set up as a second step of sign-in."
    ),
    "mfa/email/totp_deactivated": gettext_lazy("The second step of sign-in was turned off."),
    "mfa/email/recovery_codes_generated": gettext_lazy(
        "New recovery codes were made; the old ones are void."
    ),
}


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """What allauth asks of us. A letter that is not listed above is an error, never a default
    text."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": gettext_lazy("The e-mail address or the password is not right."),
        "enter_current_password": gettext_lazy("This is not your current password."),
        "incorrect_code": gettext_lazy("This is not the code that we sent. Check the newest mail."),
        "incorrect_password": gettext_lazy("This is not your password."),
        "account_inactive": gettext_lazy("This account is closed."),
        "rate_limited": gettext_lazy("That was a little fast. Wait a minute, then try again."),
        "too_many_login_attempts": gettext_lazy(
            "Too many tries. Wait a few minutes, then start again."
        ),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        kind = LETTERS[template_prefix]
        person = context.get("user") or accounts.holder(email)
        if person is not None:
            values = {"name": person.name, "code": context.get("code")}
            _send(kind, person, email, {key: values[key] for key in kind.fields if key in values})

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Person,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        values = {"name": user.name, "change": str(CHANGES[template_prefix])}
        _send(releases.SIGN_IN_CHANGED, user, email or user.email, values)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The page that was asked for before sign-in, once; else where the day's work is."""
        onward: str | None = request.session.pop(ONWARD, None)
        if onward is None and request.user.is_authenticated and request.user.is_staff_member:
            return settings.STAFF_REDIRECT_URL
        return onward or super().get_login_redirect_url(request)

    @transaction.atomic
    def login(self, request: HttpRequest, user: Person) -> None:
        super().login(request, user)
        for record in get_authentication_records(request, user):
            if record["method"] == "code" and record.get("email"):
                addresses.clear(subject_id=user.subject_id, address=record["email"])
        request.session[DEVICE_KEY] = devices.family(request.headers.get("User-Agent", ""))
        trail.record(
            verb="entrance.sign_in",
            by=user.actor,
            noun="person",
            noun_id=user.pk,
            about=user.subject_id,
        )

    @transaction.atomic
    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Ends the person's other sessions at once: an open lesson or exam in one of them is not
        heard any more."""
        super().set_password(user, password)
        trail.record(
            verb="entrance.set_password",
            by=Actor.person(user.pk),
            noun="person",
            noun_id=user.pk,
            about=user.pk,
        )
        here = self.request.session.session_key
        sessions.end_others(subject_id=user.pk, here=here, by=Actor.person(user.pk))


def _send(kind: Kind, person: Person, to: str, values: Mapping[str, object]) -> None:
    post.send(
        kind=kind,
        subject_id=person.subject_id,
        to=to,
        values=values,
        by=ENTRANCE,
        key=f"{kind.name}:{uuid7()}",
    )
