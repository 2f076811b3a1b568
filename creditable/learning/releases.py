"""What learning lets out: mail to the learner, and what authorities audit."""

from creditable.credit import packs
from creditable.disclosure.templates import Template, register
from creditable.mail.kinds import Kind

ENROLLED = Kind(
    name="learning.enrolled",
    purpose="learning",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "course": "user.ce.enrollment",
    },
)

CHANGED = Kind(
    name="learning.changed",
    purpose="learning",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "course": "user.ce.enrollment",
        "changes": "system.operations",
    },
)

COMPLETED = Kind(
    name="learning.completed",
    purpose="learning",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "course": "user.ce.enrollment",
        "completion": "user.ce.completion",
        "score": "user.ce.score",
    },
)

AUDIT_FIELDS = {
    "holder_name": "user.name",
    "license": "user.government_id.ce_license",
    "completion": "user.ce.completion",
    "report": "user.ce.report",
    "certificate": "user.ce.certificate",
    "evidence": "user.ce.progress",
    "attestation": "user.ce.attestation",
    "exam": "user.ce.score",
}
"""What an authority is shown of a completion that it audits. A part that the policy does not let
through stays here, and the pack says which."""


def _audit_template(authority: str, channel: str) -> Template:
    return register(
        Template(
            name=f"learning.audit.{authority}.{channel}",
            recipient=f"authority.{authority}",
            purpose="licensure",
            channel=channel,
            fields=AUDIT_FIELDS,
            required=frozenset({"holder_name", "license", "completion"}),
        )
    )


AUDITS = {
    (pack.id, channel): _audit_template(pack.id, channel)
    for pack in packs.all()
    if pack.is_told_by_us
    for channel in ("manual", "web")
}
"""By the authority, and by whether our staff hand it over or somebody of theirs opens a page. One
that hears nothing of completions from us is shown none."""
