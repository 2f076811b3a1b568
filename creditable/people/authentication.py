"""Who is signed in: the person that came with the session, in its one query."""

from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from creditable.people.models import Person
from creditable.people.sessions import SessionStore


class Authentication(AuthenticationMiddleware):
    """Django's, which would read the person in a query of its own. Whoever does not pass all of
    its checks at once is left to Django, which asks again and signs out where it has to."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _asking(request))  # type: ignore[assignment]


def _asking(request: Any) -> AbstractBaseUser | AnonymousUser:
    """Kept where Django keeps it, for those who ask it."""
    if not hasattr(request, "_cached_user"):
        holder = _holder(request.session)
        request._cached_user = auth.get_user(request) if holder is None else holder
    return request._cached_user  # type: ignore[no-any-return]


def _holder(session: SessionStore) -> Person | None:
    """The session's person, where Django would find the same one and let them in."""
    signed_in = session.get(auth.SESSION_KEY)
    person = session.person
    trusted = (
        person is not None
        and person.is_active
        and str(person.pk) == signed_in
        and session.get(auth.BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(
            session.get(auth.HASH_SESSION_KEY, ""), person.get_session_auth_hash()
        )
    )
    return person if trusted else None
