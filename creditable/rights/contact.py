"""Writing to those for whom a new version of the policy holds something.

The hold stands since the moment the version was published, whether or not a letter arrives.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from creditable.audit.clock import now
from creditable.disclosure import gate, policies, subjects
from creditable.disclosure.models import Hold
from creditable.disclosure.standing import cell_of
from creditable.jobs import enqueue
from creditable.lib.actor import Actor
from creditable.mail import post
from creditable.people.models import Person
from creditable.policy import notice
from creditable.policy.contents import Policy
from creditable.rights.releases import HELD

MOST = 200
FIRST = UUID(int=0)


def tell_all(*, by: Actor, after: UUID = FIRST) -> None:
    """Writes to the next people who were not told yet, and comes back for the rest. Whom no mail
    reaches is asked once and holds up nobody."""
    waiting = untold().filter(subject_id__gt=after).order_by("subject_id")
    some = list(waiting.values_list("subject_id", flat=True).distinct()[:MOST])
    for subject_id in some:
        tell(subject_id=subject_id, by=by)
    if len(some) == MOST:
        enqueue("rights.tell_held", {"after": str(some[-1])}, key="rights.tell_held")


def untold() -> QuerySet[Hold]:
    """Holds of a new version whose people have an account and have not been written to."""
    people = Person.objects.values("subject_id")
    return Hold.objects.filter(
        version__isnull=False, told_at=None, lifted_at=None, subject_id__in=people
    )


@transaction.atomic
def tell(*, subject_id: UUID, by: Actor) -> None:
    """Writes to one person, once for each version, about all that it holds for them. Where the
    policy lets no mail to them leave, or none can be delivered, their account still shows it, and
    they stay untold."""
    subjects.lock([subject_id])
    holds = list(untold().filter(subject_id=subject_id).order_by("version"))
    person = Person.objects.filter(pk=subject_id).first()
    if not holds or person is None:
        return
    policy = policies.current()
    version = holds[-1].version
    values = {"name": person.name, "version": version, "objected": lines(holds, policy)}
    try:
        sent = post.send(
            kind=HELD,
            subject_id=subject_id,
            to=person.email,
            values=values,
            by=by,
            key=f"held:{version}:{subject_id}",
        )
    except gate.Denied as denied:
        denied.note()
        return
    if sent:
        Hold.objects.filter(pk__in=[hold.pk for hold in holds]).update(told_at=now())


def lines(holds: Iterable[Hold], policy: Policy) -> list[str]:
    """What is held, a line for each recipient and purpose, in the words of the policy."""
    return [
        _("{what} to {recipient}, for {purpose}").format(
            what=passage.what, recipient=passage.recipient, purpose=passage.purpose
        )
        for passage in notice.passages(policy, map(cell_of, holds))
    ]
