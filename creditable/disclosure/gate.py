"""The gate: the only way by which personal data leaves.

release = gate.open(template=ORDER, by=actor, key="paypal.order:3f2a")
release.add(subject_id, {"total": "39.00", "name": "Ana Diaz"})
plan = release.decide()        # per person: allowed or not, and why; a dry run is free
released = release.commit()    # lock, decide again, ledger lines and outbox row together
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from creditable.audit import prepared
from creditable.disclosure import contracts, matters, standing, stream, subjects
from creditable.disclosure.arrays import array, uuids
from creditable.disclosure.file_keys import FileKey
from creditable.disclosure.messages import FILE_KEY, Message
from creditable.disclosure.models import Matter, ReleaseEvent, Withheld
from creditable.disclosure.standing import Said
from creditable.disclosure.templates import Line, Template
from creditable.lib.actor import Actor
from creditable.lib.ids import uuid7
from creditable.policy.contents import Cell, Policy
from creditable.policy.decide import Verdict

MANY = 1000
"""So many lines of the ledger are streamed, and not written by one statement."""

_canonical = json.JSONEncoder(sort_keys=True, default=str, ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Ground:
    """What a release stands on besides the policy, where its caller names it."""

    matter: UUID | None = None
    contract: UUID | None = None


_NO_GROUND = Ground()


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What the policy says of everybody whose values have the same fields: the personal fields
    that may leave and those that are shut, under which rule, clause and contract, and what they
    had refused; or why nothing of theirs may. A plan has one for all of them."""

    allowed: bool
    reason: str
    rule: str = ""
    clause: str = ""
    fields: tuple[str, ...] = ()
    shut: frozenset[str] = frozenset()
    refused: tuple[str, ...] = ()
    contract: UUID | None = None


class PlanLine(NamedTuple):
    """One person in a release, and what the policy says of them."""

    subject_id: UUID
    decision: Decision

    @property
    def allowed(self) -> bool:
        return self.decision.allowed

    @property
    def reason(self) -> str:
        return self.decision.reason

    @property
    def fields(self) -> tuple[str, ...]:
        return self.decision.fields


@dataclass(frozen=True, slots=True)
class Plan:
    """What a policy says of a release, person by person."""

    policy: Policy
    lines: tuple[PlanLine, ...]
    matter: Matter | None = None

    @property
    def allowed(self) -> tuple[PlanLine, ...]:
        return tuple(line for line in self.lines if line.decision.allowed)


@dataclass(frozen=True, slots=True)
class Released:
    """A committed release: the batch of its ledger lines, the row of the outbox that carries it
    (None where a page or a person carried it), who is in it, and the message that was built for
    it (both None where it was committed before)."""

    batch: UUID
    outbox_id: UUID | None
    allowed: "tuple[PlanLine, ...] | None" = field(default=None, compare=False)
    message: Message | None = field(default=None, compare=False)


class Denied(Exception):
    """The policy lets nobody in this release through; nothing was written. Whoever goes on without
    it calls `note`, so that the office sees what stayed here and why."""

    def __init__(self, release: "Opened", plan: Plan) -> None:
        super().__init__("; ".join(sorted({line.reason for line in plan.lines})))
        self.plan = plan
        self._release = release

    def note(self) -> None:
        self._release.note_withheld(self.plan)


def permits(template: Template, people: Sequence[UUID]) -> Mapping[UUID, bool]:
    """Whether all that the template needs (everything it has, where it needs nothing) may leave
    about each of these people now."""
    ruling = Ruling(template, people)
    fields = sorted(filter(template.is_personal, template.required or template.fields))
    return {
        subject_id: not fields or ruling.decide(fields, ruling.said(subject_id)).allowed
        for subject_id in people
    }


def open(
    *,
    template: Template,
    by: Actor,
    key: str | None,
    matter: UUID | None = None,
    contract: UUID | None = None,
) -> "Opened":
    """Begins a release. `key` names it for good: committing the same key again gives back the
    first release and writes nothing; None is for what is a release of its own each time. `matter`
    is the legal matter that demands it; `contract` the one under which it goes, where the recipient
    has several."""
    return Opened(template, by, key, Ground(matter, contract))


class Ruling:
    """What stands for and against one kind of release to these people: the policy, what they said,
    the contract with the recipient and the legal matter (one query, and one or two more where a
    contract or a matter is needed)."""

    def __init__(
        self, template: Template, people: Sequence[UUID], ground: Ground = _NO_GROUND
    ) -> None:
        self._template = template
        self._personal = frozenset(filter(template.is_personal, template.fields))
        self._decisions, self._said = standing.of(people)
        self.policy = self._decisions.policy
        self._silent = Said(self.policy.refused({}))
        self._bound = self.policy.needs_contract(template.recipient)
        self._contract = (
            contracts.in_force(template.recipient, ground.contract) if self._bound else None
        )
        self._demanded = self.policy.needs_matter(template.recipient)
        self.matter: Matter | None = None
        if self._demanded and ground.matter:
            self.matter = matters.in_force(ground.matter)

    def said(self, subject_id: UUID) -> Said:
        return self._said.get(subject_id, self._silent)

    def names(self, subject_id: UUID) -> bool:
        """Whether the legal matter is about this person, where one is needed at all."""
        return self.matter is None or subject_id in self.matter.people

    def decide(self, fields: Sequence[str], said: Said) -> Decision:
        """What of these personal fields may leave for somebody who said this."""
        verdicts = {name: self._verdict(self._template.cell(name), said) for name in fields}
        required = self._template.required
        closed = [v for name, v in verdicts.items() if name in required and not v.allowed]
        open_fields = tuple(name for name, verdict in verdicts.items() if verdict.allowed)
        if closed or not open_fields:
            reasons = [verdict.reason for verdict in closed or verdicts.values()]
            return Decision(allowed=False, reason=next(iter(reasons), "it holds no field"))
        first = verdicts[open_fields[0]]
        return Decision(
            allowed=True,
            reason=first.reason,
            rule=first.rule or "",
            clause=first.clause or "",
            fields=open_fields,
            shut=self._personal.difference(open_fields),
            refused=tuple(sorted(said.refused)),
            contract=self._contract.pk if self._contract else None,
        )

    def _verdict(self, cell: Cell, said: Said) -> Verdict:
        verdict = self._decisions.decide(cell, said.refused)
        if not verdict.allowed:
            return verdict
        if cell in said.held:
            reason = f"on hold until the person says yes: {verdict.reason}"
            return replace(verdict, allowed=False, reason=reason)
        if self._bound and (why := contracts.bars(self._contract, cell, self.policy)):
            return replace(verdict, allowed=False, reason=f"{why}: {verdict.reason}")
        if self._demanded and not (self.matter and matters.names(self.matter, cell.category)):
            reason = f"no approved legal matter names it: {verdict.reason}"
            return replace(verdict, allowed=False, reason=reason)
        return verdict


class Opened:
    """A release that is being put together."""

    def __init__(self, template: Template, by: Actor, key: str | None, ground: Ground) -> None:
        self.template = template
        self.by = by
        self.key = f"{template.name}:{uuid7()}" if key is None else key
        self._is_new = key is None
        self.ground = ground
        self._personal = sorted(filter(template.is_personal, template.fields))
        self._labels = [(name, f"{_canonical(name)}: ") for name in sorted(template.fields)]
        self._values: dict[UUID | None, Mapping[str, object]] = {}

    def add(self, subject_id: UUID | None, values: Mapping[str, object]) -> None:
        """A person's values, by the template's fields; nobody's (None) where the template holds
        no personal data. A field that the template does not have is an error of the program,
        not of the person."""
        if unknown := values.keys() - self.template.fields.keys():
            raise ValueError(f"{self.template.name} has no field {sorted(unknown)}")
        if missing := [name for name in self.template.required if not values.get(name)]:
            raise ValueError(f"{self.template.name} needs {sorted(missing)}")
        if subject_id is None and self._personal:
            raise ValueError(f"{self.template.name} holds personal data: whose?")
        if subject_id in self._values:
            raise ValueError(f"{subject_id} is in this release already")
        self._values[subject_id] = values

    def added(self, subject_id: UUID) -> Mapping[str, object]:
        """The values of a person as they were added."""
        return self._values[subject_id]

    def decide(self) -> Plan:
        """What would leave, and why. Writes nothing. The policy is asked once for all whose values
        have the same fields and who said the same, however many they are."""
        ruling = Ruling(self.template, self._people(), self.ground)
        decided: dict[tuple[Said, tuple[bool, ...]], Decision] = {}
        personal, said = self._personal, ruling.said
        lines = []
        for subject_id, values in self._values.items():
            if subject_id is None:
                continue
            if not ruling.names(subject_id):
                lines.append(PlanLine(subject_id, _UNNAMED))
                continue
            case = (said(subject_id), tuple(map(bool, map(values.get, personal))))
            decision = decided.get(case)
            if decision is None:
                fields = [name for name in personal if values.get(name)]
                decision = decided[case] = ruling.decide(fields, said(subject_id))
            lines.append(PlanLine(subject_id, decision))
        return Plan(ruling.policy, tuple(lines), ruling.matter)

    def commit(self, *, reference: str = "") -> Released:
        """Writes the ledger lines and the outbox row, or neither. `reference` is handed to the
        reply handler. Raises Denied when the policy lets nobody through."""
        if not self._values:
            raise ValueError(f"{self.template.name}: nobody was added")
        if self.template.build is None and (before := self._before()):
            return before  # a page that is looked at again and again needs no lock for it
        return self._commit(reference)

    @transaction.atomic
    def _commit(self, reference: str) -> Released:
        keys = subjects.lock(self._people())
        if self.template.build is None and not self._is_new:
            _lock_key(self.key)
            if before := self._before():
                return before
        plan = self.decide()
        allowed = plan.allowed
        if plan.lines and not allowed:
            if before := self._before():
                return before
            raise Denied(self, plan)
        kept = [self.kept(line) for line in allowed]
        carried = None if self.template.build is None else uuid7()
        message = self._message(allowed, kept)
        released = Released(uuid7(), carried, tuple(allowed), message)
        about = self._about(released, plan)
        digests = (
            self._digest(keys[line.subject_id], part)
            for line, part in zip(allowed, kept, strict=True)
        )
        many = len(allowed) >= MANY
        with prepared.cursor() as cursor:
            cursor.execute(
                _RECORD if self.template.build is None else _CARRY,
                {
                    **about,
                    **(_written((), ()) if many else _written(allowed, digests)),
                    **self._packed(message),
                    "reference": reference,
                },
            )
            (at,) = cursor.fetchone()
        if at is None and (before := self._before()):
            return before
        if many:
            _stream(allowed, digests, about | {"at": at})
        if len(allowed) < len(plan.lines):
            self.note_withheld(plan)
        return released

    def _people(self) -> list[UUID]:
        return [subject_id for subject_id in self._values if subject_id is not None]

    def _before(self) -> Released | None:
        if self._is_new:
            return None
        with prepared.cursor() as cursor:
            cursor.execute(_RECORDED if self.template.build is None else _CARRIED, [self.key])
            found = cursor.fetchone()
        return Released(*found) if found else None

    def _about(self, released: Released, plan: Plan) -> dict[str, Any]:
        """What all lines of the ledger say, and their event."""
        template, policy = self.template, plan.policy
        return {
            "batch": released.batch,
            "outbox_id": released.outbox_id,
            "key": self.key,
            "recipient": template.recipient,
            "purpose": template.purpose,
            "channel": template.channel,
            "template": template.name,
            "policy_version": policy.version,
            "policy_sha256": policy.sha256,
            "matter_id": plan.matter.pk if plan.matter else None,
            "hidden_until": plan.matter.hidden_until if plan.matter else None,
            "actor_kind": self.by.kind,
            "actor_id": self.by.subject_id,
            "actor_name": self.by.name,
            "event_id": uuid7(),
            "status": ReleaseEvent.Status.QUEUED
            if template.build
            else ReleaseEvent.Status.CONFIRMED,
        }

    def _message(
        self, allowed: Sequence[PlanLine], kept: Sequence[Mapping[str, object]]
    ) -> Message | None:
        if self.template.build is None:
            return None
        lines = [Line(line.subject_id, part) for line, part in zip(allowed, kept, strict=True)]
        if None in self._values:
            lines.append(Line(None, self._values[None]))
        return self.template.build(lines, self.key)

    def _packed(self, message: Message | None) -> dict[str, Any]:
        """What the outbox holds, where there is something to carry."""
        if message is None:
            return {}
        head, body = message.packed()
        if key := head.get(FILE_KEY):
            body = FileKey.named(key).encrypt(body)
        return {
            "topic": self.template.topic,
            "carrier": message.channel,
            "destination": message.destination,
            "head": json.dumps(head),
            "body": body,
            "digest": hashlib.sha256(body).hexdigest(),
            "hours": self.template.hours,
        }

    def note_withheld(self, plan: Plan) -> None:
        """What stayed here, for the office: once for each person, with the last reason."""
        Withheld.objects.bulk_create(
            [
                Withheld(
                    key=self.key,
                    subject_id=line.subject_id,
                    template=self.template.name,
                    recipient=self.template.recipient,
                    reason=line.reason,
                )
                for line in plan.lines
                if not line.allowed
            ],
            update_conflicts=True,
            unique_fields=["key", "subject"],
            update_fields=["reason"],
        )

    def _digest(self, key: bytes, values: Mapping[str, object]) -> str:
        """Over the template's name and the values, as one canonical JSON text: put together from
        labels, it takes a third of what an encoder takes that is made anew for each person."""
        said = [label + _canonical(values[name]) for name, label in self._labels if name in values]
        text = f"[{_canonical(self.template.name)}, {{{', '.join(said)}}}]"
        return hmac.digest(key, text.encode(), "sha256").hex()

    def kept(self, line: PlanLine) -> Mapping[str, object]:
        """The values of the person that go into the message."""
        values = self._values[line.subject_id]
        if not line.decision.shut:
            return values
        return {name: value for name, value in values.items() if name not in line.decision.shut}


_UNNAMED = Decision(allowed=False, reason="the legal matter does not name this person")


def _written(lines: Sequence[PlanLine], digests: Iterable[str]) -> dict[str, str]:
    """The lines as parameters of one statement. Of whom the policy says the same, the line points
    to it by its number."""
    numbers: dict[Decision, int] = {}
    cases = [numbers.setdefault(line.decision, len(numbers)) for line in lines]
    decisions = [{**_columns(decision), "number": n} for decision, n in numbers.items()]
    return {
        "people": uuids(line.subject_id for line in lines),
        "digests": array(digests),
        "cases": array(map(str, cases)),
        "decisions": json.dumps(decisions, default=str),
    }


def _stream(lines: Sequence[PlanLine], digests: Iterable[str], about: Mapping[str, Any]) -> None:
    """The lines as a stream, which takes half of what the statement takes and a round trip more."""
    visible = {"visible_from": about["hidden_until"] or about["at"]}
    rests = {
        decision: stream.rest({**about, **visible, **_columns(decision)})
        for decision in {line.decision for line in lines}
    }
    stream.write(
        (line.subject_id, digest, rests[line.decision])
        for line, digest in zip(lines, digests, strict=True)
    )


def _columns(decision: Decision) -> dict[str, Any]:
    """What the lines say on whom the policy says this."""
    return {
        "fields": decision.fields,
        "rule": decision.rule,
        "clause": decision.clause,
        "choices": decision.refused,
        "contract_id": decision.contract,
    }


# Everything that leaves passes here, so the statements are written out: composing them took longer
# than running them.
_CARRIED = "SELECT batch, id FROM disclosure_outbox WHERE key = %s"
_RECORDED = "SELECT batch, NULL FROM disclosure_release WHERE key = %s LIMIT 1"
_LEDGER = """
noted AS (
    INSERT INTO disclosure_releaseevent (id, at, batch, status)
    SELECT %(event_id)s, now, %(batch)s, %(status)s FROM begun
), written AS (
    INSERT INTO disclosure_release (
        id, at, visible_from, subject_id, digest, batch, key, recipient, purpose, channel,
        template, fields, rule, clause, policy_version, policy_sha256, choices, contract_id,
        matter_id, actor_kind, actor_id, actor_name
    )
    SELECT
        disclosure_row_id(), begun.now, coalesce(%(hidden_until)s, begun.now), line.subject_id,
        line.digest, %(batch)s, %(key)s, %(recipient)s, %(purpose)s, %(channel)s, %(template)s,
        decided.fields, decided.rule, decided.clause, %(policy_version)s, %(policy_sha256)s,
        decided.choices, decided.contract_id, %(matter_id)s::uuid, %(actor_kind)s, %(actor_id)s,
        %(actor_name)s
    FROM begun
    CROSS JOIN unnest(%(people)s::uuid[], %(digests)s::text[], %(cases)s::int[])
        AS line (subject_id, digest, number)
    JOIN jsonb_to_recordset(%(decisions)s) AS decided (
        number int, fields varchar[], rule text, clause text, choices varchar[], contract_id uuid
    ) USING (number)
)
SELECT (SELECT now FROM begun)
"""
_RECORD = "WITH begun AS MATERIALIZED (SELECT creditable_now() AS now)," + _LEDGER
# A second one with the same key waits for the first and begins nothing.
_CARRY = (
    """
WITH begun AS (
    INSERT INTO disclosure_outbox (
        id, key, topic, reference, batch, channel, destination, head, body, digest,
        created_at, not_before, expires_at, settled, lock
    )
    SELECT
        %(outbox_id)s, %(key)s, %(topic)s, %(reference)s, %(batch)s, %(carrier)s, %(destination)s,
        %(head)s, %(body)s, %(digest)s, now, now, now + %(hours)s * interval '1 hour', false, 0
    FROM creditable_now() AS now
    ON CONFLICT (key) DO NOTHING
    RETURNING created_at AS now
),"""
    + _LEDGER
)


def _lock_key(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
