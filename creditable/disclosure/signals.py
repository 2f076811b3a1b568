"""What a browser says for its user: Global Privacy Control."""

from uuid import UUID

from django.db import transaction

from creditable.disclosure import choices, policies, subjects
from creditable.disclosure.models import Answer
from creditable.lib.actor import Actor

WORDS = "Sec-GPC: 1"


@transaction.atomic
def heed(*, subject_id: UUID, by: Actor) -> list[str]:
    """Takes the signal as the person's no to each choice that the policy lets it answer, and says
    which. It is heeded once for each choice: what the person says afterwards counts more than
    what their browser goes on sending."""
    subjects.lock([subject_id])
    heard = set(
        Answer.objects.filter(subject_id=subject_id, source="gpc").values_list("choice", flat=True)
    )
    answered = [name for name, choice in policies.current().choices.items() if choice.gpc]
    new = [name for name in answered if name not in heard]
    for name in new:
        choices.say(
            subject_id=subject_id, choice=name, agrees=False, source="gpc", words=WORDS, by=by
        )
    return new
