"""Templates: the exact fields that one kind of release may hold. Nothing else can be added."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from creditable.disclosure.messages import Message
from creditable.policy.contents import Cell

CARRIED = frozenset({"smtp", "https", "file_drop", "sftp", "dns"})
RECORDED = frozenset({"web", "manual", "answer"})


@dataclass(frozen=True, slots=True)
class Line:
    """One person's part of a message: the values of the fields that may leave."""

    subject_id: UUID | None
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of release. `fields` maps each field to its category in the policy; a category
    under `system.` holds no personal data and needs no permission. `required` are the fields
    without which nothing is sent, the others stay behind when their cell is closed. `build`
    makes the message from the lines and the release's key (which makes a repeat recognizable),
    and touches nothing else. Channels that the sender does not carry (a page that somebody looks
    at, a list that staff type in, the answer to a program) have no `build` and leave only their
    lines in the ledger. `topic` names the handler of the answer."""

    name: str
    recipient: str
    purpose: str
    channel: str
    fields: Mapping[str, str]
    required: frozenset[str] = frozenset()
    build: Callable[[Sequence[Line], str], Message] | None = None
    topic: str = ""
    group: str = "customer"
    hours: float = 72

    def __post_init__(self) -> None:
        if not self.required <= set(self.fields):
            raise ValueError(f"{self.name}: required fields {self.required} are not its fields")
        if self.channel not in CARRIED | RECORDED:
            raise ValueError(f"{self.name}: no channel {self.channel}")
        if (self.build is None) != (self.channel in RECORDED):
            raise ValueError(f"{self.name}: a carried channel needs `build`, a recorded one none")

    def cell(self, field: str) -> Cell:
        """What the policy is asked about the field."""
        category = self.fields[field]
        return Cell(category, self.recipient, self.purpose, self.channel, self.group)

    def is_personal(self, field: str) -> bool:
        return not self.fields[field].startswith("system.")


_registered: dict[str, Template] = {}


def register(template: Template) -> Template:
    """Makes the template known by its name, once."""
    known = _registered.setdefault(template.name, template)
    if known is not template:
        raise ValueError(f"two templates are named {template.name}")
    return template


def registered() -> Mapping[str, Template]:
    return _registered
