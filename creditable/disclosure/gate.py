"""The gate: the only way by which personal data leaves.

release = gate.open(template=ORDER, by=actor, key="paypal.order:3f2a")
release.add(subject_id, {"total": "39.00", "name": "Ana Diaz"})
plan = release.decide()        # per person: allowed or not, and why; a dry run is free
released = release.commit()    # lock, decide again, ledger lines and outbox row together
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from creditable.audit import clock
from creditable.disclosure import policies, subjects
from creditable.disclosure.models import Outbox, Release, ReleaseEvent, Subject
from creditable.disclosure.templates import Line, Template
from creditable.lib.actor import Actor
from creditable.lib.ids import uuid7
from creditable.policy.contents import Cell
from creditable.policy.decide import Verdict


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What the policy says of one person in a release: the personal fields that may leave,
    under which rule and clause; or why nothing of theirs may."""

    subject_id: UUID
    allowed: bool
    reason: str
    rule: str
    clause: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    lines: tuple[PlanLine, ...]

    @property
    def allowed(self) -> tuple[PlanLine, ...]:
        return tuple(line for line in self.lines if line.allowed)


@dataclass(frozen=True, slots=True)
class Released:
    """A committed release: the batch of its ledger lines and the message that carries it
    (None where a page or a person carried it)."""

    batch: UUID
    outbox_id: UUID | None


class Denied(Exception):
    """The policy lets nobody in this release through; nothing was written."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("; ".join(sorted({line.reason for line in plan.lines})))
        self.plan = plan


def open(*, template: Template, by: Actor, key: str) -> "Opened":
    """Begins a release. `key` names it for good: committing the same key again gives back the
    first release and writes nothing."""
    return Opened(template, by, key)


class Opened:
    """A release that is being put together."""

    def __init__(self, template: Template, by: Actor, key: str) -> None:
        self.template = template
        self.by = by
        self.key = key
        self._values: dict[UUID | None, Mapping[str, object]] = {}

    def add(self, subject_id: UUID | None, values: Mapping[str, object]) -> None:
        """A person's values, by the template's fields; nobody's (None) where the template holds
        no personal data. A field that the template does not have is an error of the program,
        not of the person."""
        unknown = set(values) - set(self.template.fields)
        if unknown:
            raise ValueError(f"{self.template.name} has no field {sorted(unknown)}")
        missing = self.template.required - {name for name, value in values.items() if value}
        if missing:
            raise ValueError(f"{self.template.name} needs {sorted(missing)}")
        if subject_id is None and any(map(self.template.is_personal, self.template.fields)):
            raise ValueError(f"{self.template.name} holds personal data: whose?")
        if subject_id in self._values:
            raise ValueError(f"{subject_id} is in this release already")
        self._values[subject_id] = values

    def decide(self) -> Plan:
        """What would leave, and why. Writes nothing."""
        decisions = policies.decisions()
        lines = []
        for subject_id, values in self._values.items():
            if subject_id is None:
                continue
            verdicts = {
                name: decisions.decide(self._cell(name))
                for name, value in values.items()
                if value and self.template.is_personal(name)
            }
            lines.append(_plan_line(subject_id, verdicts, self.template.required))
        return Plan(tuple(lines))

    def commit(self, *, reference: str = "") -> Released:
        """Writes the ledger lines and the outbox row, or neither. `reference` is handed to the
        reply handler. Raises Denied when the policy lets nobody through."""
        if not self._values:
            raise ValueError(f"{self.template.name}: nobody was added")
        return self._before() or self._commit(reference)

    @transaction.atomic
    def _commit(self, reference: str) -> Released:
        people = [subject_id for subject_id in self._values if subject_id is not None]
        locked = {subject.id: subject for subject in subjects.lock(people)}
        _lock_key(self.key)
        if before := self._before():
            return before
        plan = self.decide()
        if people and not plan.allowed:
            raise Denied(plan)
        batch = uuid7()
        self._write_ledger(batch, plan, locked)
        outbox_id = self._write_outbox(batch, plan, reference)
        return Released(batch, outbox_id)

    def _before(self) -> Released | None:
        if self.template.build is not None:
            sent = Outbox.objects.filter(key=self.key).values_list("batch", "id").first()
            return Released(*sent) if sent is not None else None
        recorded = Release.objects.filter(key=self.key).values_list("batch", flat=True).first()
        return Released(recorded, None) if recorded is not None else None

    def _cell(self, field: str) -> Cell:
        template = self.template
        return Cell(
            category=template.fields[field],
            recipient=template.recipient,
            purpose=template.purpose,
            channel=template.channel,
            group=template.group,
        )

    def _write_ledger(self, batch: UUID, plan: Plan, locked: Mapping[UUID, Subject]) -> None:
        policy = policies.current()
        Release.objects.bulk_create(
            Release(
                subject_id=line.subject_id,
                batch=batch,
                key=self.key,
                recipient=self.template.recipient,
                purpose=self.template.purpose,
                channel=self.template.channel,
                template=self.template.name,
                fields=list(line.fields),
                rule=line.rule,
                clause=line.clause,
                policy_version=policy.version,
                policy_sha256=policy.sha256,
                digest=_digest(
                    bytes(locked[line.subject_id].digest_key), self.kept(line), self.template.name
                ),
                actor_kind=self.by.kind,
                actor_id=self.by.subject_id,
                actor_name=self.by.name,
            )
            for line in plan.allowed
        )
        status = (
            ReleaseEvent.Status.QUEUED if self.template.build else ReleaseEvent.Status.CONFIRMED
        )
        ReleaseEvent.objects.create(batch=batch, status=status)

    def _write_outbox(self, batch: UUID, plan: Plan, reference: str) -> UUID | None:
        if self.template.build is None:
            return None
        lines = [Line(line.subject_id, self.kept(line)) for line in plan.allowed]
        if None in self._values:
            lines.append(Line(None, self._values[None]))
        message = self.template.build(lines, self.key)
        head, body = message.packed()
        row = Outbox.objects.create(
            key=self.key,
            topic=self.template.topic,
            reference=reference,
            batch=batch,
            channel=message.channel,
            destination=message.destination,
            head=head,
            body=body,
            digest=hashlib.sha256(body).hexdigest(),
            expires_at=clock.now() + timedelta(hours=self.template.hours),
        )
        return row.id

    def kept(self, line: PlanLine) -> dict[str, object]:
        """The values of the person that go into the message."""
        return {
            name: value
            for name, value in self._values[line.subject_id].items()
            if name in line.fields or not self.template.is_personal(name)
        }


def _plan_line(
    subject_id: UUID, verdicts: Mapping[str, Verdict], required: frozenset[str]
) -> PlanLine:
    open_fields = tuple(sorted(name for name, verdict in verdicts.items() if verdict.allowed))
    closed = [v for name, v in sorted(verdicts.items()) if name in required and not v.allowed]
    if closed or not open_fields:
        reasons = [verdict.reason for verdict in closed or verdicts.values()]
        return PlanLine(
            subject_id=subject_id,
            allowed=False,
            reason=next(iter(reasons), "it holds no field"),
            rule="",
            clause="",
            fields=(),
        )
    first = verdicts[open_fields[0]]
    return PlanLine(
        subject_id=subject_id,
        allowed=True,
        reason=first.reason,
        rule=first.rule or "",
        clause=first.clause or "",
        fields=open_fields,
    )


def _digest(key: bytes, values: Mapping[str, Any], template: str) -> str:
    text = json.dumps([template, values], sort_keys=True, default=str, ensure_ascii=False)
    return hmac.digest(key, text.encode(), "sha256").hex()


def _lock_key(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
