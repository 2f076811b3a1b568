"""Legal matters as the gate sees them: what an approved demand of the law names, while it may be
obeyed."""

from collections.abc import Collection
from typing import Literal
from uuid import UUID

from django.db.models import Count, DateField, Q, QuerySet
from django.db.models.functions import Cast

from creditable.audit import clock
from creditable.audit.clock import Now
from creditable.disclosure.models import Handover, Matter, MatterWord
from creditable.policy.contents import covers

APPROVERS = 2

State = Literal["open", "approved", "refused", "released", "expired"]


def in_force(matter_id: UUID) -> Matter | None:
    """The matter, where two people have approved it, nobody has refused it and its last day has
    not passed (two queries, without the document)."""
    matter = Matter.objects.defer("document").filter(pk=matter_id).first()
    if matter is None or state(matter) != "approved":
        return None
    return matter


def state(matter: Matter) -> State:
    """How far it has come (one query, two where it is approved)."""
    said = words(matter)
    if any(word.kind == MatterWord.Kind.REFUSED for word in said):
        return "refused"
    if Handover.objects.filter(matter=matter).exists():
        return "released"
    if matter.expires < clock.now().date():
        return "expired"
    return "approved" if len(approvers(said)) >= APPROVERS else "open"


def to_approve() -> QuerySet[Matter]:
    """Matters that still lack an approval, may still be obeyed, and that nobody has refused."""
    refused = MatterWord.objects.filter(kind=MatterWord.Kind.REFUSED).values("matter_id")
    approved = Count("words", filter=Q(words__kind=MatterWord.Kind.APPROVED))
    return (
        Matter.objects.exclude(pk__in=refused)
        .annotate(approvals=approved)
        .filter(approvals__lt=APPROVERS, expires__gte=Cast(Now(), DateField()))
    )


def words(matter: Matter) -> list[MatterWord]:
    return list(matter.words.order_by("at", "id"))


def approvers(said: Collection[MatterWord]) -> list[UUID]:
    return [word.by for word in said if word.kind == MatterWord.Kind.APPROVED]


def names(matter: Matter, category: str) -> bool:
    return any(covers(name, category) for name in matter.categories)


def shown() -> Q:
    """The lines of the ledger that their people may see now: those without a silence, those whose
    silence has run out, and those whose silence was lifted."""
    lifted = MatterWord.objects.filter(kind=MatterWord.Kind.LIFTED).values("matter_id")
    return Q(visible_from__lte=Now()) | Q(matter_id__in=lifted)
