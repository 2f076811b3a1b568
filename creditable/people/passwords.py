"""Passwords, for those who set one: how they are stored and which are good enough."""

import re

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from creditable.people.models import Person

_REPEATED = re.compile(r"(.+?)\1+", re.IGNORECASE | re.DOTALL)

ALONE = 15
WITH_SECOND_FACTOR = 8


class Argon2id(Argon2PasswordHasher):
    """Argon2id at OWASP's minimum (Password Storage Cheat Sheet): 19 MiB, two passes, one
    lane. A sign-in then costs about 20 ms and 19 MiB."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1


class Repetition:
    """A long password that says one thing again and again is a short one."""

    def validate(self, password: str, user: Person | None = None) -> None:
        if _REPEATED.fullmatch(password):
            raise ValidationError(
                _("This repeats itself. Use a few different words in a row."),
                code="password_repeats",
            )

    def get_help_text(self) -> str:
        return _("Not one word again and again.")


class Length:
    """NIST SP 800-63B-4 section 3.1.1.2: 15 characters where the password stands alone, 8 where
    a second factor stands beside it. No rules about kinds of characters."""

    def validate(self, password: str, user: Person | None = None) -> None:
        shortest = self._shortest(user)
        if len(password) < shortest:
            raise ValidationError(
                _("Use at least {shortest} characters; a few words in a row do well.").format(
                    shortest=shortest
                ),
                code="password_too_short",
            )

    def get_help_text(self) -> str:
        return _(
            "At least {alone} characters, or {with_app} if you use an authenticator app."
        ).format(alone=ALONE, with_app=WITH_SECOND_FACTOR)

    def _shortest(self, user: Person | None) -> int:
        if user is None or user.pk is None:
            return ALONE
        protected = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
        return WITH_SECOND_FACTOR if protected else ALONE
