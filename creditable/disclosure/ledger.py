"""Reading the ledger: who got which of a person's data, when and under which sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import BigIntegerField, F, Func, OuterRef, QuerySet, Subquery

from creditable.disclosure import matters, policies
from creditable.disclosure.models import Contract, Leaves, Matter, Release, ReleaseEvent, Seal
from creditable.policy import notice


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
    `party` is with whom the contract was, under which it left."""

    at: datetime
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


def of(subject_id: UUID, *, most: int = 200) -> list[LedgerLine]:
    """The newest releases about the person that may be shown now, newest first."""
    return _read(Release.objects.filter(subject_id=subject_id), most)


def of_batch(*, subject_id: UUID, batch: UUID) -> LedgerLine | None:
    """What one release held about the person; None where it may not be shown."""
    lines = _read(Release.objects.filter(subject_id=subject_id, batch=batch), 1)
    return next(iter(lines), None)


def _read(releases: QuerySet[Release], most: int) -> list[LedgerLine]:
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
    rows = (
        releases.filter(matters.shown())
        .annotate(
            status=Subquery(status.values("status")[:1]), index=Subquery(leaves.values("index")[:1])
        )
        .annotate(sealed_at=Subquery(seal.values("at")[:1]))
        .order_by("-at", "-id")[:most]
    )
    demands = {
        matter.pk: Demand(matter.authority, matter.reference, matter.hidden_until)
        for matter in Matter.objects.filter(pk__in={row.matter_id for row in rows}).defer(
            "document"
        )
    }
    under = {row.contract_id for row in rows if row.contract_id}
    parties = dict(Contract.objects.filter(pk__in=under).values_list("pk", "party"))
    versions = {number: policies.published(number) for number in {r.policy_version for r in rows}}
    return [
        LedgerLine(
            at=row.at,
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
