"""The answers of the DNS to questions about mail that came in."""

import json
from uuid import UUID

from creditable.disclosure import replies
from creditable.disclosure.replies import Answer
from creditable.mail import keys
from creditable.support import inbound


@replies.on(keys.TOPIC)
def keys_found(answer: Answer) -> None:
    """Reads the message again, now with the keys; with none where the DNS did not answer."""
    found = json.loads(answer.body) if answer.outcome == "delivered" else {}
    named = {name: text.encode() for name, text in found.items()}
    inbound.read(arrival_id=UUID(answer.reference), keys=named)
