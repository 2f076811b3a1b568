"""Writing to the trail and reading it back."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from creditable.audit.models import Event
from creditable.lib.actor import Actor


def record(
    *,
    verb: str,
    by: Actor,
    noun: str,
    noun_id: object,
    about: UUID | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Notes a deed in the transaction that does it. `detail` carries no personal values."""
    Event.objects.create(
        verb=verb,
        noun=noun,
        noun_id=str(noun_id),
        about=about,
        actor_kind=by.kind,
        actor_id=by.subject_id,
        actor_name=by.name,
        detail=detail or {},
    )


@dataclass(frozen=True, slots=True)
class Deed:
    """One of many deeds that somebody did together, as `record` takes it."""

    verb: str
    noun: str
    noun_id: object
    about: UUID | None = None
    detail: dict[str, Any] = field(default_factory=dict)


def record_each(*, by: Actor, deeds: Iterable[Deed]) -> None:
    """As `record` for each, in a statement for every few thousand."""
    Event.objects.bulk_create(
        (
            Event(
                verb=deed.verb,
                noun=deed.noun,
                noun_id=str(deed.noun_id),
                about=deed.about,
                actor_kind=by.kind,
                actor_id=by.subject_id,
                actor_name=by.name,
                detail=deed.detail,
            )
            for deed in deeds
        ),
        batch_size=2000,
    )


def viewed(*, by: Actor, subject_id: UUID, page: str) -> None:
    """Notes that a member of staff looked at a person's record: the access log."""
    record(verb="view", by=by, noun=page, noun_id=subject_id, about=subject_id)
