"""Asking an identity provider who came back from it: through the gate, by the sender, while the
browser waits a moment. What it answers is forgotten as soon as it is read."""

import json
from collections.abc import Mapping
from typing import Any

from creditable.disclosure import gate, lane, replies
from creditable.disclosure.templates import Template
from creditable.lib.actor import Actor
from creditable.people import claims, releases
from creditable.people.claims import Claims, NotBelieved
from creditable.people.identity_providers import IdentityProvider

ENTRANCE = Actor.system("entrance")


class NoAnswer(Exception):
    """The provider did not answer in time, or not with what was asked for."""


def claims_of(
    provider: IdentityProvider, *, code: str, verifier: str, nonce: str, back: str
) -> Claims:
    """Who the one-time code stands for. Raises NoAnswer or NotBelieved. Call it outside of any
    transaction."""
    told = _ask(
        releases.EXCHANGE[provider.id],
        destination=provider.id,
        path=provider.token_path,
        code=code,
        verifier=verifier,
        back=back,
    )
    if provider.issuer:
        keys = _ask(
            releases.KEYS[provider.id],
            destination=provider.keys_destination,
            path=provider.keys_path,
        )
        return claims.of_token(
            str(told.get("id_token", "")),
            keys,
            issuer=provider.issuer,
            client_id=provider.client_id,
            nonce=nonce,
        )
    token = told.get("access_token")
    if not isinstance(token, str):
        raise NotBelieved("it gave no token")
    profile = _ask(
        releases.PROFILE[provider.id],
        destination=provider.id,
        path=provider.profile_path,
        token=token,
    )
    return claims.of_profile(profile)


def _ask(template: Template, **values: str) -> Mapping[str, Any]:
    release = gate.open(template=template, by=ENTRANCE, key=None)
    release.add(None, values)
    sent = release.commit().outbox_id
    assert sent is not None
    answer = lane.wait(sent)
    replies.forget(topic=releases.IDENTITY, outbox_id=sent)
    if answer is None or answer.outcome != "delivered":
        raise NoAnswer(answer.outcome if answer else "late")
    try:
        told = json.loads(answer.body)
    except ValueError as error:
        raise NoAnswer("not JSON") from error
    if not isinstance(told, dict):
        raise NoAnswer("not an object")
    return told
