"""What credit lets out: rosters and identity documents to authorities, the check page, mail to the
holder."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import date
from email.utils import parseaddr
from typing import cast
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from creditable.credit import issuer, packs
from creditable.credit.formats import LATER, WRITTEN, ce_broker_xml
from creditable.credit.pack import Layout, Pack
from creditable.credit.roster import Participant, Roster
from creditable.disclosure.messages import Attachment, Mail, Message, Request, Upload
from creditable.disclosure.templates import Line, Template, register
from creditable.mail.kinds import Kind
from creditable.people import documents

FIELDS = {
    "holder_name": "user.name",
    "license_type": "user.government_id.ce_license",
    "license_type_name": "user.government_id.ce_license",
    "license_number": "user.government_id.ce_license",
    "course_title": "user.ce.completion",
    "course_number": "user.ce.completion",
    "completed_on": "user.ce.completion",
    "minutes": "user.ce.completion",
    "line_id": "system.operations",
    "roster_id": "system.operations",
    "authority_name": "system.operations",
    "provider_name": "system.operations",
    "provider_number": "system.operations",
    "location": "system.operations",
}
OPTIONAL = frozenset({"location", "provider_number"})
SAID_BY = {
    "license_type": "license_type_name",
    "first_name": "holder_name",
    "last_name": "holder_name",
    "hours": "minutes",
}
"""What a layout may show, and the field that it is made of or that goes with it."""


def _fields(layout: Layout) -> Mapping[str, str]:
    """What a roster of this layout lets out: what it shows, and by what the authority's answer is
    matched. What the file never says is not released."""
    columns = (*layout.fields, *layout.participant, *layout.totals)
    shown = {column.field for column in columns} | {"authority_name", "roster_id", "line_id"}
    shown |= {name for of, name in SAID_BY.items() if of in shown}
    return {name: category for name, category in FIELDS.items() if name in shown}


def roster_of(rows: Sequence[Mapping[str, object]]) -> Roster:
    """The roster that these participants' released values make; the first one's shared values
    are everybody's. What its layout does not say was not released, and is empty."""
    first = rows[0]
    return Roster(
        roster_id=str(first["roster_id"]),
        authority_name=str(first["authority_name"]),
        provider_name=str(first.get("provider_name", "")),
        provider_number=str(first.get("provider_number", "")),
        location=str(first.get("location", "")),
        participants=tuple(
            Participant(
                line_id=str(row["line_id"]),
                holder_name=str(row.get("holder_name", "")),
                license_type=str(row.get("license_type", "")),
                license_type_name=str(row.get("license_type_name", "")),
                license_number=str(row.get("license_number", "")),
                course_title=str(row.get("course_title", "")),
                course_number=str(row.get("course_number", "")),
                completed_on=cast(date, row["completed_on"]),
                minutes=cast("int | None", row.get("minutes")),
            )
            for row in rows
        ),
    )


def _roster_template(pack: Pack) -> Template:
    layout = pack.layout
    fields = _fields(layout)

    def build(lines: Sequence[Line], key: str) -> Message:
        return _message(pack, roster_of([line.values for line in lines]), key)

    return register(
        Template(
            name=f"credit.roster.{pack.id}",
            recipient=f"authority.{pack.id}",
            purpose="licensure",
            channel=layout.channel,
            fields=fields,
            required=frozenset(fields) - OPTIONAL,
            build=build if layout.is_carried else None,
            topic="credit.roster",
        )
    )


def _message(pack: Pack, roster: Roster, key: str) -> Message:
    """What carries a roster. CE Broker, a mailbox and a folder do not know a roster again, so what
    is for them is for once."""
    layout = pack.layout
    format = WRITTEN[layout.format]
    content = format.write(roster, layout)
    if layout.channel == "sftp":
        name = format.filename(roster, layout)
        return Upload(layout.destination, layout.path, name, content)
    if layout.channel == "smtp":
        return _mail(pack, roster, key, content)
    if layout.format == "ce_broker_xml":
        return Request(
            destination=layout.destination,
            method="POST",
            path=layout.path,
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": ce_broker_xml.MEDIA_TYPE,
            },
            body=ce_broker_xml.form(content),
            once=True,
        )
    return Request(
        destination=layout.destination,
        method="POST",
        path=layout.path,
        headers={
            "Content-Type": format.MEDIA_TYPE,
            "Accept": format.MEDIA_TYPE,
            "Idempotency-Key": roster.roster_id,
        },
        body=content,
    )


def _mail(pack: Pack, roster: Roster, key: str, content: bytes) -> Mail:
    """The file in a mail that says nothing of its lines but their number."""
    format = WRITTEN[pack.layout.format]
    ours = issuer.current()
    lines = (
        _("Roster {number} of {provider}").format(number=roster.roster_id, provider=ours.name),
        _("Our number with you: {number}").format(number=ours.number(pack.id) or "-"),
        _("Completions: {number}").format(number=len(roster.participants)),
        "",
        _("The file is attached. Please confirm it under the number of the roster."),
    )
    domain = parseaddr(settings.MAIL_FROM)[1].rpartition("@")[2]
    return Mail(
        sender=settings.MAIL_FROM,
        to=pack.layout.address,
        subject=lines[0],
        text="\n".join(lines) + "\n",
        html="",
        message_id=f"<{key.replace(':', '.')}@{domain}>",
        attachment=Attachment(
            filename=format.filename(roster, pack.layout),
            media_type=format.MEDIA_TYPE,
            content=content,
        ),
        once=True,
    )


def _letter_template(pack: Pack) -> Template:
    """What a letter says that amends a line: nothing that the line did not."""
    layout = pack.layout
    return register(
        Template(
            name=f"credit.letter.{pack.id}",
            recipient=f"authority.{pack.id}",
            purpose="licensure",
            channel="manual",
            fields=_fields(layout),
            required=frozenset(_fields(layout)) - OPTIONAL,
        )
    )


def _question_template(pack: Pack) -> Template:
    layout = pack.layout

    def build(lines: Sequence[Line], key: str) -> Request:
        (line,) = lines
        return Request(
            destination=layout.destination,
            method="GET",
            path=f"{layout.path}/{line.values['receipt']}",
            headers={"Accept": "application/json"},
        )

    return register(
        Template(
            name=f"credit.question.{pack.id}",
            recipient=f"authority.{pack.id}",
            purpose="licensure",
            channel="https",
            fields={"receipt": "system.operations"},
            required=frozenset({"receipt"}),
            build=build,
            topic="credit.question",
            hours=1,
        )
    )


def _document_template(pack: Pack) -> Template:
    """The identity document of somebody whose license demands one. Its body is encrypted until it
    leaves, with the license that it belongs to."""
    layout = pack.layout
    assert layout.identity is not None
    path = layout.identity.path

    def build(lines: Sequence[Line], key: str) -> Request:
        (line,) = lines
        values = line.values
        return Request(
            destination=layout.destination,
            method="PUT",
            path=f"{path}/{values['document_id']}",
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            body=json.dumps(
                {
                    "license_type": values["license_type"],
                    "license_number": values["license_number"],
                    "name": values["holder_name"],
                    "media_type": "image/jpeg",
                    "picture": base64.b64encode(cast(bytes, values["document"])).decode(),
                }
            ).encode(),
            file_key=str(documents.KEYS.key(cast(UUID, values["document_id"]))),
        )

    fields = {
        "document": "user.government_id.identity_document",
        "holder_name": "user.name",
        "license_type": "user.government_id.ce_license",
        "license_number": "user.government_id.ce_license",
        "document_id": "system.operations",
    }
    return register(
        Template(
            name=f"credit.identity_document.{pack.id}",
            recipient=f"authority.{pack.id}",
            purpose="licensure",
            channel="https",
            fields=fields,
            required=frozenset(fields),
            build=build,
            topic="credit.identity_document",
        )
    )


ROSTERS = {pack.id: _roster_template(pack) for pack in packs.all() if pack.is_told_by_us}
LETTERS = {
    pack.id: _letter_template(pack)
    for pack in packs.all()
    if pack.is_told_by_us and pack.layout.amend == "letter"
}
QUESTIONS = {
    pack.id: _question_template(pack)
    for pack in packs.all()
    if pack.layout.channel == "https" and pack.layout.format in LATER
}

DOCUMENTS = {pack.id: _document_template(pack) for pack in packs.all() if pack.layout.identity}

CHECK = register(
    Template(
        name="credit.check",
        recipient="public_verifier",
        purpose="verification",
        channel="web",
        fields={
            "state": "user.ce.certificate",
            "replaced_by": "user.ce.certificate",
            "revoked_on": "user.ce.certificate",
            "holder_name": "user.name",
            "course_title": "user.ce.completion",
            "completed_on": "user.ce.completion",
            "calendar": "system.operations",
            "hours": "user.ce.completion",
            "authority": "user.ce.certificate",
            "course_number": "user.ce.certificate",
            "provider_number": "system.operations",
            "issued_on": "user.ce.certificate",
            "sha256": "system.operations",
            "fingerprint": "system.operations",
        },
    )
)

CERTIFICATE_READY = Kind(
    name="credit.certificate_ready",
    purpose="licensure",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "certificate": "user.ce.certificate",
    },
)

CERTIFICATE_CORRECTED = Kind(
    name="credit.certificate_corrected",
    purpose="licensure",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "certificate": "user.ce.certificate",
    },
)

CERTIFICATE_REVOKED = Kind(
    name="credit.certificate_revoked",
    purpose="licensure",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "certificate": "user.ce.certificate",
    },
)

REPORT_ANSWERED = Kind(
    name="credit.report_answered",
    purpose="licensure",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "report": "user.ce.report",
    },
)

_COMPLETION_FIELDS = {
    "completed_on": "user.ce.completion",
    "holder_name": "user.name",
    "license_type": "user.government_id.ce_license",
    "license_number": "user.government_id.ce_license",
    "authority": "user.government_id.ce_license",
    "course_title": "user.ce.completion",
    "course_number": "user.ce.completion",
    "minutes": "user.ce.completion",
}

COMPLETIONS = register(
    Template(
        name="credit.completions",
        recipient="office",
        purpose="verification",
        channel="manual",
        fields=_COMPLETION_FIELDS,
        required=frozenset(_COMPLETION_FIELDS),
    )
)

ELIGIBILITY = register(
    Template(
        name="credit.eligibility",
        recipient="vendor.eligibility",
        purpose="eligibility",
        channel="answer",
        fields={
            "eligible": "user.ce.eligibility",
            "name": "user.name",
            "license": "user.government_id.ce_license",
        },
        required=frozenset({"eligible"}),
    )
)

AGREEMENT_NEEDED = Kind(
    name="credit.agreement_needed",
    purpose="licensure",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "report": "user.ce.report",
    },
)

DOCUMENT_NEEDED = Kind(
    name="credit.document_needed",
    purpose="licensure",
    fields={
        "email": "user.contact.email",
        "name": "user.name",
        "report": "user.ce.report",
    },
)
