"""Reading the ledger: who got which of a person's data, when and under which sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, F, Func, OuterRef, QuerySet, Subquery

from creditable.audit import prepared
from creditable.disclosure import matters, policies
from creditable.disclosure.models import Contract, Leaves, Matter, Release, ReleaseEvent, Seal
from creditable.policy import notice

MOST = 200


@dataclass(frozen=True, slots=True)
class Demand:
    """The legal matter behind a release: who demanded it, under which reference, and until when
    the person was not to be told (None where nothing was hidden)."""

    authority: str
    reference: str
    hidden_until: datetime | None


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One release of a person's data, as that person reads it. `sentence` is the clause of the
    policy version then in force; `status` the last thing known of the message. `index` is its place
    in the tree and `sealed_at` when it came there; both are None until it is sealed.
    `party` is with whom the contract was, under which it left; `batch` what left together."""

    at: datetime
    batch: UUID
    recipient: str
    purpose: str
    channel: str
    template: str
    fields: Sequence[str]
    rule: str
    clause: str
    sentence: str
    policy_version: int
    actor_kind: str
    status: str
    index: int | None
    sealed_at: datetime | None
    demand: Demand | None
    party: str


def of(subject_id: UUID) -> list[LedgerLine]:
    """The newest releases about the person that may be shown now, newest first."""
    return _lines(_newest(subject_id))


def of_batch(*, subject_id: UUID, batch: UUID) -> LedgerLine | None:
    """What one release held about the person; None where it may not be shown."""
    return next(iter(_lines(_of_batch(subject_id, batch))), None)


@prepared.query
def _newest(subject_id: UUID) -> QuerySet[Any]:
    return _shown().filter(subject_id=subject_id)[:MOST]


@prepared.query
def _of_batch(subject_id: UUID, batch: UUID) -> QuerySet[Any]:
    return _shown().filter(subject_id=subject_id, batch=batch)[:1]


def _shown() -> QuerySet[Release]:
    """Releases that their people may see now, newest first, with what became of each."""
    status = ReleaseEvent.objects.filter(batch=OuterRef("batch")).order_by("-at", "-id")
    leaves = Leaves.objects.filter(
        span__contains=Func(
            OuterRef("id"), function="disclosure_id_time", output_field=BigIntegerField()
        ),
        lines__contains=[OuterRef("id")],
    ).annotate(
        index=F("first")
        + Func("lines", OuterRef("id"), function="array_position", output_field=BigIntegerField())
        - 1
    )
    seal = Seal.objects.filter(size__gt=OuterRef("index")).order_by("size")
    return (
        Release.objects.filter(matters.shown())
        .annotate(
            status=Subquery(status.values("status")[:1]),
            index=Subquery(leaves.values("index")[:1]),
        )
        .annotate(sealed_at=Subquery(seal.values("at")[:1]))
        .order_by("-at", "-id")
    )


def _lines(rows: Sequence[Any]) -> list[LedgerLine]:
    demands = {
        matter.pk: Demand(matter.authority, matter.reference, matter.hidden_until)
        for matter in Matter.objects.filter(pk__in={row.matter_id for row in rows}).defer(
            "document"
        )
    }
    under = {row.contract_id for row in rows if row.contract_id}
    parties = dict(Contract.objects.filter(pk__in=under).values_list("pk", "party"))
    versions = {
        number: policies.frozen(number, sha256)
        for number, sha256 in {(row.policy_version, row.policy_sha256) for row in rows}
    }
    return [
        LedgerLine(
            at=row.at,
            batch=row.batch,
            recipient=row.recipient,
            purpose=row.purpose,
            channel=row.channel,
            template=row.template,
            fields=row.fields,
            rule=row.rule,
            clause=row.clause,
            sentence=notice.sentence(versions[row.policy_version], row.clause),
            policy_version=row.policy_version,
            actor_kind=row.actor_kind,
            status=row.status,
            index=row.index,
            sealed_at=row.sealed_at,
            demand=demands.get(row.matter_id) if row.matter_id else None,
            party=parties.get(row.contract_id, "") if row.contract_id else "",
        )
        for row in rows
    ]
