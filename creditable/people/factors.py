"""The second factor: an authenticator app, and recovery codes for the day the phone is gone."""

from email.utils import parseaddr

import segno
from allauth.account.internal.flows.login import (
    get_authentication_records,
    record_authentication,
)
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from creditable.people import vault
from creditable.people.models import Person

_PURPOSE = "second factor"


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets stand encrypted in allauth's rows."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "This code is not right, or was used already. Type the newest one."
        ),
    }

    def get_totp_issuer(self) -> str:
        return parseaddr(settings.MAIL_FROM)[0]

    def build_totp_svg(self, url: str) -> str:
        return segno.make(url, error="m").svg_inline(border=2, light="#ffffff", omitsize=True)

    def encrypt(self, text: str) -> str:
        return vault.seal(text.encode(), purpose=_PURPOSE).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return vault.open_sealed(encrypted_text.encode(), purpose=_PURPOSE).decode()


def enrolled(person: Person) -> bool:
    """Whether the person has an authenticator app."""
    apps = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP)
    return bool(apps.exists())


def used(request: HttpRequest, person: Person) -> bool:
    """Whether the second factor was shown in this session."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, person))


def used_lately(request: HttpRequest, person: Person) -> bool:
    """Whether it was shown anew so lately that what reaches many people may follow."""
    records = get_authentication_records(request, person)
    anew = [record["method"] for record in records if record.get("reauthenticated")]
    return anew[-1:] == ["mfa"] and did_recently_reauthenticate(request)


def note_used(request: HttpRequest, person: Person) -> None:
    """Setting the factor up takes a code from it: that is using it."""
    record_authentication(request, person, method="mfa", type="totp", reauthenticated=True)
