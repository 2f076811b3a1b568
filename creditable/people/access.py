"""Who may open a page of the console, and what who is led to sign-in is told."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import parse_qs, urlencode, urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from creditable.people import factors
from creditable.people.models import Person
from creditable.people.permissions import PERMISSIONS
from creditable.people.sessions import SessionStore


class SignedRequest(HttpRequest):
    """A request of somebody who is signed in: what a view behind `login_required` or
    `staff_required` is given."""

    user: Person


P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
SignedView = Callable[Concatenate[SignedRequest, P], HttpResponseBase]


def staff_required(permission: str, *, lately: bool = False) -> Callable[[SignedView[P]], View[P]]:
    """Opens the view to those who hold the permission and have shown their second factor in
    this session (`lately`: a moment ago). Signed out: to sign-in. Without the permission: 403.
    Without a second factor: to its set-up; not shown yet: to its page. Each leads back here."""
    if permission not in PERMISSIONS:
        raise ValueError(f"{permission} is not a permission")

    def guard(view: SignedView[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            person = request.user
            if not isinstance(person, Person):
                return redirect_to_login(request.get_full_path())
            if not person.may(permission):
                raise PermissionDenied
            signed = cast(SignedRequest, request)
            first = second_factor_first(signed, lately=lately)
            return first or view(signed, *args, **kwargs)

        guarded.staff_permission = permission  # type: ignore[attr-defined]
        return guarded

    return guard


def second_factor_first(
    request: SignedRequest, *, lately: bool = False
) -> HttpResponseRedirect | None:
    """Where somebody goes who has not shown their second factor in this session, or not lately;
    None when they have."""
    if not factors.enrolled(request.user):
        return _first(request, "mfa_activate_totp")
    shown = factors.used_lately if lately else factors.used
    if not shown(request, request.user):
        return _first(request, "mfa_reauthenticate")
    return None


def tell_the_idle(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: who is led to sign-in because they did nothing for too long is told so there,
    and who was sending something, that it was not saved. It stands in the address, since who is
    signed out is given no cookie."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        onward = response.headers.get("Location", "")
        if onward and onward.startswith(f"{reverse('account_login')}?"):
            if cast(SessionStore, request.session).idled:
                onward += "&idle=1"
            if request.method == "POST" and _leads_back(onward, request):
                onward += "&unsaved=1"
            response.headers["Location"] = onward
        return response

    return answer


def _leads_back(onward: str, request: HttpRequest) -> bool:
    """Whether sign-in comes before the very page that was asked for."""
    return parse_qs(urlsplit(onward).query).get("next") == [request.get_full_path()]


def _first(request: HttpRequest, page: str) -> HttpResponseRedirect:
    back = request.get_full_path() if request.method == "GET" else request.path
    return HttpResponseRedirect(f"{reverse(page)}?{urlencode({'next': back})}")
