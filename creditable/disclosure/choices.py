"""What people say to the choices of the policy, what they object to, and what is held for them.

A no is kept twice: as the answer to a choice, which rules give way to, and as an objection over
cells in the widest reading, which later versions of the policy are held against. Where no rule
gives way to it, what it covers is held at once. A yes takes all of it back. What has been queued
and not yet sent is taken back as soon as a no stands against it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from creditable.audit import clock, trail
from creditable.disclosure import objections, policies, recall, standing, subjects
from creditable.disclosure.models import Answer, Hold, Objection, Standing
from creditable.disclosure.templates import Template
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.policy.contents import Cell, Policy, Reach

Source = Literal["account", "link", "one_click", "reply", "gpc", "staff", "need"]
REFUSABLE = ("consent", "legitimate_interest", "public_task")
"""The bases on which a person may stop what goes to somebody: GDPR articles 7(3) and 21(1). Not yet
checked against the regulation's text; a lawyer should confirm it."""


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of the policy as one person sees it. `agrees` is what holds now; `said_at` is when
    they last said something about it, None while the default holds."""

    name: str
    label: str
    agrees: bool
    asked_first: bool
    said_at: datetime | None
    source: str

    @property
    def open(self) -> bool:
        """Whether it is asked first and was not answered yet."""
        return self.asked_first and self.said_at is None


def answers(subject_id: UUID) -> Mapping[str, bool]:
    """The person's latest answer to each choice they have answered (one query)."""
    found = Standing.objects.filter(subject_id=subject_id).values_list("answers", flat=True).first()
    return found or {}


def agrees(subject_id: UUID, choice: str) -> bool:
    """Whether the person has nothing against what the choice is about; nobody has where the policy
    has no such choice (one query)."""
    decisions, said = standing.of([subject_id])
    return choice not in standing.refused_by(subject_id, decisions.policy, said)


def options(subject_id: UUID) -> list[Option]:
    """Every choice of the policy, in its order, with what holds for the person."""
    policy, given = policies.current(), answers(subject_id)
    latest = {
        row.choice: row for row in Answer.objects.filter(subject_id=subject_id).order_by("at", "id")
    }
    return [
        Option(
            name=name,
            label=choice.label,
            agrees=given.get(name, not choice.asked),
            asked_first=choice.asked,
            said_at=latest[name].at if name in latest else None,
            source=latest[name].source if name in latest else "",
        )
        for name, choice in policy.choices.items()
    ]


def needed(*, subject_id: UUID, template: Template) -> list[Option]:
    """The choices that are asked first and stand, alone, between this person and a release: what
    has to be asked now. None where a no was said: it is not asked away, it is changed among the
    person's choices (three queries)."""
    decisions, said = standing.of([subject_id])
    policy = decisions.policy
    refused = standing.refused_by(subject_id, policy, said)
    unanswered = {option.name: option for option in options(subject_id) if option.open}
    wanted: set[str] = set()
    for field in sorted(filter(template.is_personal, template.required)):
        cell = template.cell(field)
        openings = [opening.unless & refused for opening in decisions.openings.get(cell, ())]
        if openings and all(openings):
            wanted |= min(openings, key=lambda stopped: (len(stopped), sorted(stopped)))
    if not wanted <= unanswered.keys():
        return []
    return [option for name, option in unanswered.items() if name in wanted]


@transaction.atomic
def say(
    *, subject_id: UUID, choice: str, agrees: bool, source: Source, words: str = "", by: Actor
) -> bool:
    """Takes a person's yes or no to a choice, in force before the next release. Saying the same
    again is kept as said again and changes nothing. False when it had been said before."""
    policies.keep_current()
    subjects.lock([subject_id])
    policy = policies.current()
    if choice not in policy.choices:
        raise Refused(_("Our privacy policy has no such choice now. Nothing was changed."))
    row, _made = Standing.objects.get_or_create(subject_id=subject_id)
    before: bool | None = row.answers.get(choice)
    row.answers[choice] = agrees
    row.save(update_fields=["answers"])
    _receipt(
        subject_id=subject_id, policy=policy, choice=choice, agrees=agrees, source=source,
        words=words, by=by,
    )  # fmt: skip
    if agrees:
        _withdraw(subject_id, choice)
    else:
        covers = policy.choices[choice].covers
        objection, _made = Objection.objects.get_or_create(
            subject_id=subject_id,
            choice=choice,
            withdrawn_at=None,
            defaults={"reach": objections.plain(covers), "words": words},
        )
        refused = policy.refused(row.answers)
        _hold(
            objection,
            [
                cell
                for cell in _refusable(covers)
                if policies.decisions().decide(cell, refused).allowed
            ],
        )
        recall.unsent(subject_id)
    return before != agrees


def _withdraw(subject_id: UUID, choice: str) -> None:
    """Takes back what a no to the choice had shut (the empty choice: a stop of one's own)."""
    now = clock.now()
    Hold.objects.filter(
        subject_id=subject_id, version=None, objection__choice=choice, lifted_at=None
    ).update(answered_at=now, lifted_at=now)
    Objection.objects.filter(subject_id=subject_id, choice=choice, withdrawn_at=None).update(
        withdrawn_at=now
    )


def _refusable(reach: Reach) -> list[Cell]:
    """What the policy opens within the reach on a basis that a person may refuse."""
    decisions = policies.decisions()
    purposes = decisions.policy.purposes
    return [
        cell
        for cell in decisions.openings
        if reach.meets(cell) and purposes[cell.purpose].basis in REFUSABLE
    ]


def _hold(objection: Objection, cells: Sequence[Cell]) -> None:
    Hold.objects.bulk_create(
        [
            Hold(subject_id=objection.subject_id, objection=objection, **asdict(one))
            for one in cells
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def stop(*, subject_id: UUID, recipient: str, words: str = "", by: Actor) -> int:
    """Stops all that goes to a recipient, or to anybody below it, on a basis that the person may
    refuse; says how many cells are shut now. Refused when nothing of it may be refused."""
    policies.keep_current()
    subjects.lock([subject_id])
    reach = Reach(recipients=(recipient,))
    cells = _refusable(reach)
    if not cells:
        raise Refused(
            _(
                "What goes there is needed for what you ordered, or the law asks for it, so it "
                "cannot be stopped here. Write to us and a person looks at it. Nothing was changed."
            ),
            code="needed",
        )
    objection = Objection.objects.create(
        subject_id=subject_id, reach=objections.plain(reach), words=words
    )
    _hold(objection, cells)
    recall.unsent(subject_id)
    trail.record(
        verb="choices.stop",
        by=by,
        noun="objection",
        noun_id=objection.pk,
        about=subject_id,
        detail={"recipient": recipient, "cells": len(cells)},
    )
    return len(cells)


@transaction.atomic
def answer_hold(
    *, subject_id: UUID, version: int | None, agrees: bool, words: str = "", by: Actor
) -> int:
    """The person's answer to what a version (None: they themselves) has put on hold: a yes lets it
    leave from now on, a no keeps it shut. Says how many cells it concerns."""
    subjects.lock([subject_id])
    now = clock.now()
    holds = Hold.objects.filter(subject_id=subject_id, version=version, lifted_at=None)
    changed = holds.update(answered_at=now, **({"lifted_at": now} if agrees else {}))
    if changed:
        if agrees and version is None:
            _withdraw(subject_id, choice="")
        _receipt(
            subject_id=subject_id, policy=policies.current(), agrees=agrees, source="account",
            choice=f"version {version}" if version else "stopped", words=words, by=by,
        )  # fmt: skip
    return changed


def _receipt(
    *,
    subject_id: UUID,
    policy: Policy,
    choice: str,
    agrees: bool,
    source: str,
    words: str,
    by: Actor,
) -> None:
    receipt = Answer.objects.create(
        subject_id=subject_id,
        choice=choice,
        agrees=agrees,
        source=source,
        words=words[:2000],
        policy_version=policy.version,
        policy_sha256=policy.sha256,
        actor_kind=by.kind,
        actor_id=by.subject_id,
        actor_name=by.name,
    )
    trail.record(
        verb="choices.say",
        by=by,
        noun="answer",
        noun_id=receipt.pk,
        about=subject_id,
        detail={"choice": choice, "agrees": agrees, "source": source},
    )
