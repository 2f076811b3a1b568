"""/account/with/<provider>/: signing in and linking by way of an identity provider.

Before the browser leaves, a page says what the other side will learn; when it is back, a page shows
what it said, before anything of it is kept.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import structlog
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url, perform_login
from allauth.core.ratelimit import consume_or_429
from csp.decorators import csp_update
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from creditable.audit import clock
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people import identities, identity_calls, identity_providers
from creditable.people.access import SignedRequest
from creditable.people.adapter import ONWARD
from creditable.people.claims import NotBelieved
from creditable.people.identity_calls import NoAnswer
from creditable.people.identity_providers import IdentityProvider
from creditable.people.models import Person
from creditable.web.account.forms import name_field
from creditable.web.ui.cookies import came_back, seen_to
from creditable.web.ui.errors import refused

ENTRANCE = Actor.system("entrance")
ASKED, RECEIVED = "identity_asked", "identity_received"
"""In the session: what a provider was asked, and what it said."""
LASTS = timedelta(minutes=10)

log = structlog.get_logger(__name__)


class NewAccount(forms.Form):
    """What is kept of what the provider said; the name may be another."""

    name = name_field()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, provider: str) -> HttpResponse:
    """What the provider will learn and tell; on POST, the way there. Its origin is in form-action
    of this page alone: browsers hold where a form leads on to be part of the form."""
    one = _offered(provider)
    view: Any = reauthentication_required(_leave) if request.user.is_authenticated else _leave
    widened: Any = csp_update({"form-action": [one.origin]})
    return cast(HttpResponse, widened(view)(request, one))


def _leave(request: HttpRequest, one: IdentityProvider) -> HttpResponse:
    if request.method != "POST":
        shown = {"company": one, "onward": get_next_redirect_url(request)}
        return render(request, "account/identity_leave.html", shown)
    verifier = secrets.token_urlsafe(48)
    asked = {
        "provider": one.id,
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": verifier,
        "by": _who(request),
        "at": clock.now().isoformat(),
    }
    request.session[ASKED] = asked
    if onward := get_next_redirect_url(request):
        request.session[ONWARD] = onward
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    return HttpResponseRedirect(
        one.question(
            state=asked["state"],
            nonce=asked["nonce"],
            challenge=challenge.decode().rstrip("="),
            back=_back(one),
        ),
        status=303,
    )


@never_cache
@require_safe
def back(request: HttpRequest, provider: str) -> HttpResponse:
    """Here the provider sends the browser back. An answer is heard once, and only by the browser
    that asked, of the provider that it asked."""
    one = _offered(provider)
    if not came_back(request):
        return HttpResponseRedirect(seen_to(request, reverse("account_login")))
    asked = request.session.pop(ASKED, None)
    if not _answers(asked, one, request):
        return _problem(request, one, "unknown")
    if "code" not in request.GET:
        denied = request.GET.get("error") == "access_denied"
        return _problem(request, one, "denied" if denied else "failed")
    limited: HttpResponse | None = consume_or_429(request, action="identity")
    if limited:
        return limited
    try:
        claims = identity_calls.claims_of(
            one,
            code=request.GET["code"],
            verifier=asked["verifier"],
            nonce=asked["nonce"],
            back=_back(one),
        )
    except NoAnswer as error:
        log.warning("identity.no_answer", provider=one.id, why=str(error))
        return _problem(request, one, "late", status=503)
    except NotBelieved as error:
        log.warning("identity.not_believed", provider=one.id, why=str(error))
        return _problem(request, one, "failed")
    person = identities.holder(provider=one.id, number=claims.number)
    if person is not None and not request.user.is_authenticated:
        identities.learned(person=person, provider=one, by=person.actor)
        return _sign_in(request, person, one)
    request.session[RECEIVED] = {
        "provider": one.id,
        "by": _who(request),
        "at": clock.now().isoformat(),
        "number": claims.number,
        "name": claims.name,
        "email": _usable(claims.email),
        "vouched": claims.email_verified and bool(_usable(claims.email)),
        "others": list(claims.others),
    }
    return HttpResponseRedirect(reverse("account:identity_received"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def received(request: HttpRequest) -> HttpResponse:
    """What the provider said, before anything of it is kept: who is signed in links it, who has no
    account may open one."""
    got: dict[str, Any] | None = request.session.get(RECEIVED)
    if got is None or got["by"] != _who(request) or _is_over(got["at"]):
        request.session.pop(RECEIVED, None)
        start = "account:security" if request.user.is_authenticated else "account_login"
        return HttpResponseRedirect(reverse(start))
    one = _offered(got["provider"])
    if isinstance(request.user, Person):
        return _link(request, one, got)
    form = NewAccount(request.POST or None, initial={"name": got["name"]})
    if request.method == "POST" and got["vouched"] and form.is_valid():
        try:
            person = identities.open_account(
                provider=one,
                number=got["number"],
                name=form.cleaned_data["name"],
                email=got["email"],
                by=ENTRANCE,
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field == "name" else None, _why(refusal, one))
        else:
            del request.session[RECEIVED]
            return _sign_in(request, person, one)
    shown = {"company": one, "got": got, "form": form}
    status = 200 if request.method != "POST" else 422
    return render(request, "account/identity_received.html", shown, status=status)


@login_required
@require_POST
def unlink(request: SignedRequest, identity_id: UUID) -> HttpResponse:
    person = request.user
    try:
        identities.unlink(person=person, identity_id=identity_id, by=person.actor)
    except Refused as refusal:
        return refused(request, refusal, status=404)
    messages.success(request, _("Unlinked. A code by e-mail still signs you in."))
    return HttpResponseRedirect(reverse("account:security"))


def _link(request: HttpRequest, one: IdentityProvider, got: dict[str, Any]) -> HttpResponse:
    person = cast(Person, request.user)
    if request.method != "POST":
        return render(request, "account/identity_received.html", {"company": one, "got": got})
    del request.session[RECEIVED]
    try:
        identities.link(person=person, provider=one, number=got["number"], by=person.actor)
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(request, _("{provider} is linked.").format(provider=one.name))
    return HttpResponseRedirect(reverse("account:security"))


def _sign_in(request: HttpRequest, person: Person, one: IdentityProvider) -> HttpResponse:
    """As by code: a second step is asked for where one is set up."""
    record_authentication(request, person, "identity", provider=one.id)
    return cast(HttpResponse, perform_login(request, person))


def _offered(provider: str) -> IdentityProvider:
    for one in identity_providers.offered():
        if one.id == provider:
            return one
    raise Http404


def _back(one: IdentityProvider) -> str:
    return f"{settings.BASE_URL}{reverse('account:identity_back', args=[one.id])}"


def _who(request: HttpRequest) -> str:
    return str(request.user.pk or "")


def _answers(asked: Any, one: IdentityProvider, request: HttpRequest) -> bool:
    """Whether this is the answer to what was asked (RFC 6749 10.12, RFC 9207)."""
    return (
        isinstance(asked, dict)
        and asked["provider"] == one.id
        and asked["by"] == _who(request)
        and not _is_over(asked["at"])
        and hmac.compare_digest(asked["state"].encode(), _said(request.GET, "state").encode())
        and _said(request.GET, "iss") in {"", one.issuer}
    )


def _said(query: QueryDict, name: str) -> str:
    return query.get(name, "")


def _is_over(at: str) -> bool:
    return clock.now() - datetime.fromisoformat(at) > LASTS


def _usable(email: str) -> str:
    try:
        validate_email(email)
    except forms.ValidationError:
        return ""
    return email if len(email) <= 254 else ""


def _why(refusal: Refused, one: IdentityProvider) -> str:
    """The provider vouches that the address is theirs, so they may know that it has an account."""
    if refusal.code == "taken":
        return _(
            "This address has an account, and an equal address links nothing. Sign in to it with a"
            " code; then link {provider} on the page Security."
        ).format(provider=one.name)
    return refusal.message


def _problem(
    request: HttpRequest, one: IdentityProvider, what: str, *, status: int = 422
) -> HttpResponse:
    shown = {"company": one, "what": what}
    return render(request, "account/identity_problem.html", shown, status=status)


urlpatterns = [
    path("with/received/", received, name="identity_received"),
    path("with/<slug:provider>/", leave, name="identity_leave"),
    path("with/<slug:provider>/back/", back, name="identity_back"),
    path("with/<uuid:identity_id>/unlink/", unlink, name="identity_unlink"),
]
