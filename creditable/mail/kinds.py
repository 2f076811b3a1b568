"""The kinds of message that exist. A kind says what it is for and which data it may hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from creditable.disclosure.messages import Mail
from creditable.disclosure.templates import Line, Template, register
from creditable.mail.rendering import render


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message to the person it is about. `fields` maps each value that its text
    uses to its category in the policy and must hold "email". A `secret` kind carries a code:
    its body never enters the archive. The text is `mail/<name>.txt` in the templates of the
    app that sends it: a first line "Subject: ...", an empty line, the text."""

    name: str
    purpose: str
    fields: Mapping[str, str]
    secret: bool = False
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

    def _build(self, lines: Sequence[Line], key: str) -> Mail:
        (line,) = lines
        return render(self.name, line.values, key)
