"""A certificate's file, handed to us by somebody who wants to know whether it is the one we
issued, and if not, what was altered. Nothing of it is kept.

What is told is what the check page of that certificate tells: the same release, with its line in
the holder's ledger. What we issued is quoted only in the fields that the policy opens; of the
others it is said that they differ.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from creditable.credit import alterations, certificates
from creditable.credit.alterations import Alteration
from creditable.credit.certificates import Checked
from creditable.credit.models import Certificate
from creditable.lib import ids
from creditable.lib.actor import Actor
from creditable.lib.capped import Unreadable
from creditable.lib.text import printable

if TYPE_CHECKING:
    from creditable.credit.inspection import Contents

SERIAL = re.compile(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){3}-[0-9A-Z]{6}")
SERIALS = 5
NAME, LICENSE, COURSE, NUMBER = "Name", "License", "Course", "Certificate number"
OPENED_AS = {
    NAME: "holder_name",
    COURSE: "course_title",
    "Continuing-education credit": "hours",
    "Time in the course": "hours",
    "Completed on": "completed_on",
    "Course number": "course_number",
    "Provider number": "provider_number",
    "Approved by": "authority",
    "For a license of": "authority",
}
"""The check page's field for an entry that the certificate prints."""


class Verdict(StrEnum):
    GENUINE = "genuine"
    ALTERED = "altered"
    NOT_OURS = "not_ours"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Answer:
    """What we say of a file. `checked` is the certificate that it is, or says it is; `reason`
    tells why a file cannot be read (see inspection.inspect)."""

    verdict: Verdict
    checked: Checked | None = None
    alterations: tuple[Alteration, ...] = ()
    reason: str = ""


def recognize(*, pdf: bytes, by: Actor) -> Answer | None:
    """The answer for a file that is byte for byte one we issued; None for any other, which
    `compare` then reads."""
    digest = sha256(pdf).hexdigest()
    serial = Certificate.objects.filter(sha256=digest).values_list("serial", flat=True).first()
    if serial is None:
        return None
    return Answer(Verdict.GENUINE, certificates.check(serial=serial, by=by))


def compare(*, pdf: bytes, serial: str, by: Actor) -> Answer:
    """The answer for a file that is not one of ours byte for byte: the certificate whose number
    it bears, else that of `serial` (the page that it was handed in at; may be empty)."""
    from creditable.credit import inspection  # pypdf is large, and most workers read no file

    try:
        contents = inspection.inspect(pdf)
    except Unreadable as unreadable:
        return _unreadable(pdf, unreadable.reason, serial, by)
    issued = _issued([*_serials(contents), serial])
    if issued is None:
        return Answer(Verdict.NOT_OURS)
    checked = certificates.check(serial=issued.serial, by=by)
    assert checked is not None
    original = bytes(issued.pdf)
    found = alterations.between(
        inspection.read(original), contents, said=_said(issued), issued=original, handed=pdf
    )
    return Answer(Verdict.ALTERED, checked, tuple(_as_opened(found, checked)))


def _unreadable(pdf: bytes, reason: str, serial: str, by: Actor) -> Answer:
    """A damaged file may still be the front of ours, or ours but for a few bytes."""
    named = [match.decode() for match in re.findall(SERIAL.pattern.encode(), pdf)]
    issued = _issued([*dict.fromkeys(named), serial]) if reason == "broken" else None
    if issued is None:
        return Answer(Verdict.UNREADABLE, reason=reason)
    checked = certificates.check(serial=issued.serial, by=by)
    differ = alterations.in_bytes(bytes(issued.pdf), pdf)
    return Answer(Verdict.ALTERED, checked, (Alteration("damaged"), *differ))


def _issued(serials: list[str]) -> Certificate | None:
    known = [found for text in serials[:SERIALS] if (found := ids.read_serial(text))]
    certificates_by_serial = Certificate.objects.in_bulk(known, field_name="serial")
    return next((certificates_by_serial[s] for s in known if s in certificates_by_serial), None)


def _serials(contents: "Contents") -> list[str]:
    """Every number in the file that could be a certificate's, each once."""
    texts = (*contents.properties.values(), *contents.lines, *contents.links)
    return list(dict.fromkeys(found for text in texts for found in SERIAL.findall(text)))


def _said(issued: Certificate) -> dict[str, str]:
    said = issued.content
    return {
        NAME: said["holder_name"],
        **({LICENSE: said["license_line"]} if said["license_line"] else {}),
        COURSE: said["course_title"],
        **dict(said["facts"]),
        NUMBER: issued.serial,
    }


def _as_opened(found: tuple[Alteration, ...], checked: Checked) -> Iterator[Alteration]:
    """The alterations, quoting what was issued only where the check page shows it too, and of the
    file what can be read."""
    for each in found:
        alteration = replace(each, label=printable(each.label), theirs=printable(each.theirs))
        labels = alteration.label.split(", ")
        opened = all(
            label == NUMBER or checked.fields.get(OPENED_AS.get(label, "")) for label in labels
        )
        yield alteration if opened else replace(alteration, ours="")
