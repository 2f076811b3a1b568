"""Reading what was said to whom."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from creditable.mail.models import Message


def titles(*, subject_id: UUID, batches: Iterable[UUID]) -> Mapping[UUID, str]:
    """The subject lines of the person's mails, by the release that each left in; empty for a mail
    with a code (one query)."""
    sent = Message.objects.filter(subject_id=subject_id, batch__in=batches)
    return dict(sent.values_list("batch", "title"))
