"""What the ledger itself lets out: the root of its tree, which is about nobody."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as _

from creditable.disclosure.messages import Mail
from creditable.disclosure.templates import Line, Template, register


def _build(lines: Sequence[Line], key: str) -> Mail:
    (line,) = lines
    text = _(
        "Keep this line (time, rows, root, signature). The ledger must agree with it for good:\n\n"
        "{line}\n\nPublic key: {key}\n"
    ).format(line=line.values["seal"], key=line.values["public_key"])
    return Mail(
        sender=settings.MAIL_FROM,
        to=settings.AUDITOR,
        subject=_("Root of the ledger of releases"),
        text=text,
        html=f"<pre>{text}</pre>",
        message_id=f"<{key}@{settings.BASE_URL.partition('://')[2]}>",
    )


ROOT = register(
    Template(
        name="ledger.root",
        recipient="auditor",
        purpose="audit",
        channel="smtp",
        fields={"seal": "system.operations", "public_key": "system.operations"},
        required=frozenset({"seal", "public_key"}),
        build=_build,
        topic="ledger.root",
    )
)
