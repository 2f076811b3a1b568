"""Asking the DNS for the keys of mail services that signed a message. The answer comes later."""

from collections.abc import Iterable, Sequence

from creditable.disclosure import gate
from creditable.disclosure.messages import Lookup
from creditable.disclosure.templates import Line, Template, register
from creditable.lib.actor import Actor

TOPIC = "mail.keys"


def _build(lines: Sequence[Line], key: str) -> Lookup:
    (line,) = lines
    return Lookup(str(line.values["names"]).split())


KEYS = register(
    Template(
        name="mail.keys",
        recipient="hosting",
        purpose="security",
        channel="dns",
        fields={"names": "system.operations"},
        required=frozenset({"names"}),
        build=_build,
        topic=TOPIC,
        hours=1,
    )
)


def ask(*, names: Iterable[str], reference: str, by: Actor) -> None:
    """Asks for the texts under these names; `reference` comes back with the answer."""
    release = gate.open(template=KEYS, by=by, key=f"keys:{reference}")
    release.add(None, {"names": " ".join(sorted(names))})
    release.commit(reference=reference)
