"""A certificate as a PDF: frozen values in, bytes out."""

import io
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import segno

from creditable.credit import guilloche
from creditable.lib import pdf

TEMPLATE = Path(__file__).with_name("certificate.typ")


@dataclass(frozen=True, slots=True)
class Provider:
    """Who issues: `lines` stand under its name (place, web address), `mark` is SVG, the colors
    are six-digit hexadecimals."""

    name: str
    legal_name: str
    lines: tuple[str, ...]
    mark: str
    band: str
    accent: str
    signatory_name: str
    signatory_title: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """Everything that a certificate says. `license_line` is empty for one that no authority
    asked for; `facts` are label and value in the order of print."""

    serial: str
    holder_name: str
    license_line: str
    statement: str
    course_title: str
    facts: tuple[tuple[str, str], ...]
    issued_on: date
    check_url: str
    footer: str
    provider: Provider


def render(certificate: Certificate) -> bytes:
    """The certificate as PDF. The same values give the same bytes. Raises pdf.Unprintable."""
    provider = certificate.provider
    content = {
        "serial": certificate.serial,
        "holder_name": certificate.holder_name,
        "license_line": certificate.license_line,
        "statement": certificate.statement,
        "course_title": certificate.course_title,
        "facts": [{"label": label, "value": value} for label, value in certificate.facts],
        "issued_on": [
            certificate.issued_on.year,
            certificate.issued_on.month,
            certificate.issued_on.day,
        ],
        "check_url": certificate.check_url,
        "check_words": _in_two(certificate.check_url),
        "qr": qr_svg(certificate.check_url),
        "footer": certificate.footer,
        "fonts": pdf.FAMILIES,
        "provider_name": provider.name,
        "provider_legal_name": provider.legal_name,
        "provider_lines": list(provider.lines),
        "sheet": guilloche.sheet(provider.accent, provider.band),
        "mark": provider.mark,
        "band": provider.band,
        "accent": provider.accent,
        "signatory_name": provider.signatory_name,
        "signatory_title": provider.signatory_title,
    }
    issued = certificate.issued_on
    return pdf.typeset(
        TEMPLATE.read_bytes(),
        {"certificate": json.dumps(content)},
        at=datetime(issued.year, issued.month, issued.day, tzinfo=UTC),
    )


def _in_two(url: str) -> tuple[str, str]:
    """The address as it is printed, the part before its last name and that name."""
    head, slash, name = url.split("//", 1)[-1].rstrip("/").rpartition("/")
    return head + slash, name


def qr_svg(url: str) -> str:
    """The address as a QR code, dark on white with its quiet zone, as SVG."""
    drawn = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        drawn, kind="svg", border=2, dark="#101418", light="#ffffff", xmldecl=False
    )
    return drawn.getvalue().decode()
