"""What readers of badges look up: who issues them, by which keys, and which count no more."""

from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from creditable.credit import badges, issuer, openbadge, proofs
from creditable.credit.keys import Public, Use
from creditable.credit.models import StatusList

MULTIKEY = "https://w3id.org/security/multikey/v1"


@require_safe
@cache_control(public=True, max_age=300)
def profile(request: HttpRequest) -> JsonResponse:
    """The issuer, with every key that it ever signed badges with."""
    site = badges.site()
    methods = [_method(key) for key in issuer.published_keys() if key.use is Use.BADGES]
    return _public(openbadge.controller(site, methods), "application/ld+json")


@require_safe
@cache_control(public=True, max_age=300)
def key(request: HttpRequest, fingerprint: str) -> JsonResponse:
    """One key, in the form in which its signatures are checked."""
    for public in issuer.published_keys():
        if public.fingerprint == fingerprint:
            context = {"@context": MULTIKEY} if public.use is Use.BADGES else {}
            return _public(context | _method(public), "application/json")
    raise Http404


@require_safe
@cache_control(public=True, max_age=300)
def key_set(request: HttpRequest) -> JsonResponse:
    """The keys of tokens and documents, with the certificates that name them (RFC 7517)."""
    found = [_method(one) for one in issuer.published_keys() if one.use is Use.DOCUMENTS]
    return _public({"keys": found}, "application/jwk-set+json")


@require_safe
@cache_control(public=True, max_age=60)
def status(request: HttpRequest, number: int) -> JsonResponse:
    """A list of badges that count no more."""
    found = StatusList.objects.filter(pk=number).exclude(credential={}).first()
    if found is None:
        raise Http404
    return _public(found.credential, "application/vc")


def _method(public: Public) -> dict[str, Any]:
    site = badges.site()
    if public.use is Use.BADGES:
        return openbadge.multikey(site, public.fingerprint, public.certificate)
    return proofs.jwk(public.certificate, kid=site.key(public.fingerprint))


def _public(content: dict[str, Any], content_type: str) -> JsonResponse:
    """An answer that programs on other sites may read: it says nothing about anybody."""
    answer = JsonResponse(content, content_type=content_type)
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


urlpatterns = [
    path(".well-known/jwks.json", key_set, name="key_set"),
    path("verify/issuer/", profile, name="issuer"),
    path("verify/keys/<str:fingerprint>/", key, name="key"),
    path("verify/status/<int:number>/", status, name="status_list"),
]
