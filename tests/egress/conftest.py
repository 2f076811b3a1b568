from collections.abc import Callable

import pytest

from creditable.egress.outbox import Message
from creditable.egress.outcome import Delivered, Outcome, Unsendable
from creditable.egress.sender import Sender
from tests.conftest import login_as
from tests.standins.fixtures import certificates, hook, launch, merchant

__all__ = ["certificates", "hook", "launch", "merchant"]


class Postman:
    """A channel of these tests: does what it is told, and remembers what it carried."""

    def __init__(self) -> None:
        self.carried: list[Message] = []
        self.outcomes: list[Outcome | Unsendable] = []
        self.while_carrying: Callable[[Message], None] = lambda _: None

    def carry(self, message: Message) -> Outcome:
        self.carried.append(message)
        self.while_carrying(message)
        outcome = self.outcomes.pop(0) if self.outcomes else Delivered(200)
        if isinstance(outcome, Unsendable):
            raise outcome
        return outcome

    def close(self) -> None:
        pass


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def send_one(postman: Postman) -> Callable[..., bool]:
    """One round of the sender, under its own database login."""
    sender = Sender({"postman": postman})

    def send_one(channel: str = "https") -> bool:
        with login_as("CREDITABLE_EGRESS_DATABASE_URL"):
            return sender.send_one(channel)

    return send_one
