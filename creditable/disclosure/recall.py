"""Taking back what is queued and has not left, when it may leave no more."""

from email.utils import parseaddr
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from creditable.disclosure import gate
from creditable.disclosure.models import Outbox, Release, ReleaseEvent, Reply
from creditable.disclosure.templates import registered


def unsent(subject_id: UUID) -> int:
    """Voids every waiting message about the person of which a required field may leave no more.
    The caller holds the person's lock, so the sender either finds it void or has sent it before.
    Says how many; whoever asked for them is told by the answer."""
    about = Release.objects.filter(batch=OuterRef("batch"), subject_id=subject_id)
    waiting = _waiting().filter(Exists(about))
    taken_back = 0
    for row in waiting.annotate(template=Subquery(about.values("template")[:1])):
        template = registered()[row.template]
        if gate.permits(template, [subject_id])[subject_id]:
            continue
        _void(row, "the person said no before it left")
        taken_back += 1
    return taken_back


def mailed_to(subject_id: UUID, address: str, *, why: str) -> int:
    """Voids every waiting mail about the person to this address; says how many. The caller holds
    the person's lock."""
    about = Release.objects.filter(batch=OuterRef("batch"), subject_id=subject_id)
    waiting = _waiting().filter(Exists(about), channel="smtp")
    taken_back = 0
    for row in waiting:
        if parseaddr(row.head["to"])[1].lower() == address.lower():
            _void(row, why)
            taken_back += 1
    return taken_back


def named(key: str, *, why: str) -> None:
    """Voids the message of that release, if it has not left. The caller holds the locks of the
    people in it."""
    for row in _waiting().filter(key=key):
        _void(row, why)


def _waiting() -> QuerySet[Outbox]:
    final = Reply.objects.filter(outbox_id=OuterRef("id")).exclude(outcome=Reply.Outcome.RETRY)
    sent = ReleaseEvent.objects.filter(batch=OuterRef("batch"), status=ReleaseEvent.Status.SENT)
    return Outbox.objects.filter(~Exists(final), ~Exists(sent), settled=False)


def _void(row: Outbox, why: str) -> None:
    Reply.objects.create(
        outbox=row, attempt=row.replies.count() + 1, outcome=Reply.Outcome.VOID, error=why
    )
    ReleaseEvent.objects.create(batch=row.batch, status=ReleaseEvent.Status.VOID)
