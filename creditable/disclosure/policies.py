"""The published policy: the one that people read and the gate runs."""

from functools import lru_cache

from django.db import connection, transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.disclosure.models import PolicyVersion
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.policy import decide, document
from creditable.policy.contents import Policy
from creditable.policy.decide import Decisions


class NoPolicy(Exception):
    """Nothing has been published yet, so nothing may leave."""


@transaction.atomic
def publish(*, policy: Policy, by: Actor) -> PolicyVersion:
    """Freezes the policy as its version. Publishing the same text again changes nothing; another
    text under a number already taken is refused."""
    published = PolicyVersion.objects.filter(version=policy.version).first()
    if published is not None:
        if published.sha256 != policy.sha256:
            raise Refused(
                _(
                    "Version {version} is published and cannot change. Give the new text the "
                    "number {value1}."
                ).format(version=policy.version, value1=policy.version + 1)
            )
        return published
    version = PolicyVersion.objects.create(
        version=policy.version,
        effective=policy.effective,
        sha256=policy.sha256,
        canonical=policy.canonical,
    )
    trail.record(verb="policies.publish", by=by, noun="policy", noun_id=policy.version)
    return version


def current() -> Policy:
    """The newest published policy (one query; the text itself is kept in memory by its hash)."""
    return _policy(*_newest())


def published(version: int) -> Policy:
    """A published version, however old."""
    sha256 = PolicyVersion.objects.values_list("sha256", flat=True).get(version=version)
    return _policy(version, sha256)


def decisions() -> Decisions:
    """The newest published policy, compiled."""
    return _decisions(*_newest())


def _newest() -> tuple[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version, sha256 FROM disclosure_policyversion ORDER BY version DESC LIMIT 1"
        )
        newest = cursor.fetchone()
    if newest is None:
        raise NoPolicy("publish a privacy policy first")
    version, sha256 = newest
    return version, sha256


@lru_cache(maxsize=4)
def _policy(version: int, sha256: str) -> Policy:
    row = PolicyVersion.objects.get(version=version, sha256=sha256)
    return document.parse(bytes(row.canonical))


@lru_cache(maxsize=4)
def _decisions(version: int, sha256: str) -> Decisions:
    return decide.compile(_policy(version, sha256))
