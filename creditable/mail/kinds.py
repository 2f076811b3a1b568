"""The kinds of message that exist. A kind says what it is for and which data it may hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from creditable.disclosure.messages import Mail
from creditable.disclosure.templates import Line, Template, register
from creditable.mail.rendering import render


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One kind of message to the person it is about. `fields` maps each value that its text
    uses to its category in the policy and must hold "email". A `secret` kind carries a code:
    its body never enters the archive. `choice` is the choice of the policy by which people refuse
    the kind; without one it is about something they did, comes whatever they chose, and says so.
    The text is `mail/<name>.txt` in the templates of the
    app that sends it: a first line "Subject: ...", an empty line, the text."""

    name: str
    purpose: str
    fields: Mapping[str, str]
    secret: bool = False
    choice: str = ""
    template: Template = field(init=False)

    def __post_init__(self) -> None:
        template = Template(
            name=f"mail.{self.name}",
            recipient="self",
            purpose=self.purpose,
            channel="smtp",
            fields=self.fields,
            required=frozenset({"email"}),
            build=self._build,
            topic="mail",
        )
        object.__setattr__(self, "template", register(template))
        if _kinds.setdefault(self.name, self) is not self:
            raise ValueError(f"two kinds of mail are named {self.name}")

    def _build(self, lines: Sequence[Line], key: str) -> Mail:
        (line,) = lines
        assert line.subject_id is not None
        return render(
            self.name,
            line.values,
            key,
            subject_id=line.subject_id,
            choice=self.choice,
            secret=self.secret,
        )


_kinds: dict[str, Kind] = {}


def registered() -> Mapping[str, Kind]:
    """Every kind by its name."""
    return _kinds
