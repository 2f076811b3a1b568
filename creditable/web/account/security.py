"""/account/security/: how you sign in, where you are signed in, your second step."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from creditable.lib.refusal import Refused
from creditable.people import factors, identities, identity_providers, sessions
from creditable.people.access import SignedRequest
from creditable.people.models import Identity, Person
from creditable.web.ui.errors import refused


@login_required
@require_safe
def security(request: SignedRequest) -> HttpResponse:
    person = request.user
    shown = {
        "browsers": sessions.of(person.pk, here=request.session.session_key),
        "has_password": person.has_usable_password(),
        "has_second_step": factors.enrolled(person),
        "vouching": _vouching(person),
    }
    return render(request, "account/security.html", shown)


def _vouching(person: Person) -> list[tuple[str, str, Identity | None]]:
    """Each identity provider that is offered or linked: its id, its name, and the link."""
    linked = {identity.provider: identity for identity in identities.of(person.pk)}
    offered = [one.id for one in identity_providers.offered()]
    return [
        (provider, settings.IDENTITY_PROVIDERS[provider]["name"], linked.get(provider))
        for provider in dict.fromkeys((*offered, *linked))
    ]


@login_required
@require_POST
def end(request: SignedRequest, session_id: UUID) -> HttpResponse:
    person = request.user
    try:
        sessions.end(subject_id=person.pk, session_id=session_id, by=person.actor)
    except Refused as refusal:
        return refused(request, refusal, status=404)
    messages.success(request, _("That browser is signed out."))
    return HttpResponseRedirect(reverse("account:security"))


@login_required
@require_POST
def end_others(request: SignedRequest) -> HttpResponse:
    person = request.user
    here = request.session.session_key
    ended = sessions.end_others(subject_id=person.pk, here=here, by=person.actor)
    words = (
        _("{number} signed out.").format(number=ended)
        if ended
        else _("You were signed in nowhere else.")
    )
    messages.success(request, words)
    return HttpResponseRedirect(reverse("account:security"))


urlpatterns = [
    path("security/", security, name="security"),
    path("security/browsers/<uuid:session_id>/end/", end, name="browser_end"),
    path("security/browsers/end-others/", end_others, name="browsers_end"),
]
