"""The published policy: the one that people read and the gate runs."""

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from django.apps import apps
from django.db import connection, transaction
from django.utils.translation import gettext as _

from creditable.audit import clock, prepared, trail
from creditable.disclosure import objections
from creditable.disclosure.models import PolicyVersion
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.policy import compare, datamap, decide, document
from creditable.policy.compare import Comparison, Edition
from creditable.policy.contents import Policy
from creditable.policy.decide import Decisions


class NoPolicy(Exception):
    """Nothing has been published yet, so nothing may leave."""


@transaction.atomic
def publish(*, policy: Policy, by: Actor) -> PolicyVersion:
    """Freezes the policy as its version. Publishing the same text again changes nothing; another
    text under a number already taken is refused, and so is a day that has not come: the gate obeys
    the newest version, so people may not read another. Whoever objected to what it would let out
    more widely is held, in the same transaction."""
    _run(_PUBLISHING)
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
    if policy.effective > clock.now().date():
        raise Refused(
            _(
                "A version holds from the moment it is published, and this one says {day}. Publish "
                "it on that day, or give it today's date. Nothing was published."
            ).format(day=policy.effective.isoformat())
        )
    comparison = against_current(policy)
    version = PolicyVersion.objects.create(
        version=policy.version,
        effective=policy.effective,
        sha256=policy.sha256,
        canonical=policy.canonical,
        columns=columns(),
    )
    held = 0
    if comparison is not None:
        held = objections.hold(objections.concerned(comparison), version=policy.version)
    trail.record(
        verb="policies.publish",
        by=by,
        noun="policy",
        noun_id=policy.version,
        detail={"held": held},
    )
    return version


def keep_current() -> None:
    """Until the transaction ends no version is published. Whoever says something says it to one
    policy: publishing has either heard it, or comes after it was held against what it publishes."""
    _run(_SPEAKING)


_PUBLISHING = "SELECT pg_advisory_xact_lock(hashtext('disclosure.policies'))"
_SPEAKING = "SELECT pg_advisory_xact_lock_shared(hashtext('disclosure.policies'))"


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def against_current(policy: Policy) -> Comparison | None:
    """What the policy would change, if it were published now; None where it would be the first."""
    newest = PolicyVersion.objects.order_by("-version").values_list("version", flat=True).first()
    if newest is None:
        return None
    return compare.compare(edition(newest), Edition(policy, columns()))


def edition(version: int) -> Edition:
    """A published version with the data map it was published with."""
    row = PolicyVersion.objects.defer("canonical").get(version=version)
    return Edition(frozen(row.version, row.sha256), row.columns)


def columns() -> Mapping[str, str]:
    """The category of each place of personal data in this program."""
    return data_map().categories()


@cache
def data_map() -> datamap.DataMap:
    """The data maps of all packages of this program."""
    maps = (Path(app.path) / "data_map.yaml" for app in apps.get_app_configs())
    return datamap.load(sorted(file for file in maps if file.exists()))


def current() -> Policy:
    """The newest published policy (one query; the text itself is kept in memory by its hash)."""
    return frozen(*_newest())


def published(version: int) -> Policy:
    """A published version, however old."""
    sha256 = PolicyVersion.objects.values_list("sha256", flat=True).get(version=version)
    return frozen(version, sha256)


def decisions() -> Decisions:
    """The newest published policy, compiled."""
    return compiled(*_newest())


def _newest() -> tuple[int, str]:
    with prepared.cursor() as cursor:
        cursor.execute(
            "SELECT version, sha256 FROM disclosure_policyversion ORDER BY version DESC LIMIT 1"
        )
        newest = cursor.fetchone()
    if newest is None:
        raise NoPolicy("publish a privacy policy first")
    version, sha256 = newest
    return version, sha256


def choice_label(name: str) -> str:
    """What the newest policy calls a choice; its bare name when it has none such."""
    choice = current().choices.get(name)
    return choice.label if choice else name


@lru_cache(maxsize=4)
def frozen(version: int, sha256: str) -> Policy:
    """A published version of which the hash is known; its text is kept in memory."""
    row = PolicyVersion.objects.get(version=version, sha256=sha256)
    return document.parse(bytes(row.canonical))


@lru_cache(maxsize=4)
def compiled(version: int, sha256: str) -> Decisions:
    """A published version, ready to decide."""
    return decide.compile(frozen(version, sha256))
