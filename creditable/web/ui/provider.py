"""The provider's face: name, rules in its own words, mark and colors, from its `provider.yaml`.

Colors are checked when they are read: text in them must stay legible (WCAG 2.2, 1.4.3: at
least 4.5 to 1), so that no provider can paint its pages out of reach of anybody's eyes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.urls import reverse

COLOR = re.compile(r"#[0-9a-fA-F]{6}")
LEGIBLE = 4.5
PAPER = {"light": "#fbfaf7", "dark": "#111413"}  # as in static/ui/tokens.css
WHITE = "#ffffff"


class ProviderRefused(Exception):
    """The provider's file cannot be used; the message names the place and the cure."""


@dataclass(frozen=True)
class Provider:
    """Who runs this installation, as its pages show it."""

    name: str
    legal_name: str
    tagline: str
    street: str
    city: str
    region: str
    postal_code: str
    email: str
    phone: str
    support_hours: str
    privacy_contact: str
    privacy_email: str
    privacy_phone: str
    refund_rule: str
    complaint_rule: str
    technical_needs: str
    stylesheet: str
    """CSS: the custom properties that static/ui/tokens.css leaves to the provider."""
    mark: str
    """SVG source of its mark."""

    @cached_property
    def digest(self) -> str:
        """Changes with colors or mark; part of their addresses, so that they may be cached."""
        return sha256((self.stylesheet + self.mark).encode()).hexdigest()[:12]

    @cached_property
    def stylesheet_address(self) -> str:
        return reverse("ui:stylesheet", args=[self.digest])

    @cached_property
    def mark_address(self) -> str:
        return reverse("ui:mark", args=[self.digest])


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colors after WCAG 2.2, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    """Relative luminance as WCAG defines it for sRGB."""
    channels = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def read(folder: Path) -> Provider:
    """The provider that `folder` describes; ProviderRefused says what to mend."""
    path = folder / "provider.yaml"
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        mark = (folder / _text(written, "mark")).read_text(encoding="utf-8")
        address, privacy = _part(written, "address"), _part(written, "privacy_contact")
        return Provider(
            **{
                name: _text(written, name)
                for name in (
                    "name",
                    "legal_name",
                    "tagline",
                    "email",
                    "phone",
                    "support_hours",
                    "refund_rule",
                    "complaint_rule",
                    "technical_needs",
                )
            },
            **{name: _text(address, name) for name in ("street", "city", "region", "postal_code")},
            privacy_contact=_text(privacy, "name"),
            privacy_email=_text(privacy, "email"),
            privacy_phone=_text(privacy, "phone"),
            stylesheet=_stylesheet(_part(written, "colors")),
            mark=mark,
        )
    except (OSError, yaml.YAMLError, ProviderRefused) as error:
        raise ProviderRefused(f"{path}: {error}") from error


def _part(written: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = written.get(name) if isinstance(written, dict) else None
    if not isinstance(part, dict):
        raise ProviderRefused(f"{name} must hold names and values")
    return part


def _text(written: Mapping[str, Any], name: str) -> str:
    value = written.get(name) if isinstance(written, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise ProviderRefused(f"{name} must be text")
    return " ".join(value.split())


def _color(written: Mapping[str, Any], name: str, key: str, *grounds: str) -> str:
    value = _part(written, name).get(key)
    if not isinstance(value, str) or not COLOR.fullmatch(value):
        raise ProviderRefused(f"colors.{name}.{key} must look like '#0b5a84'")
    for ground in grounds:
        ratio = contrast(value, ground)
        if ratio < LEGIBLE:
            raise ProviderRefused(
                f"colors.{name}.{key} {value} is hard to read beside {ground}: "
                f"{ratio:.1f} to 1, where {LEGIBLE} to 1 is needed"
            )
    return value


def _stylesheet(colors: Mapping[str, Any]) -> str:
    """The custom properties, once every pair that meets as text and ground is legible."""
    pairs = {"accent": [], "on-accent": [], "tint": []}  # type: dict[str, list[str]]
    for mode, paper in PAPER.items():
        tint = _color(colors, "tint", mode)
        on_accent = _color(colors, "on_accent", mode)
        pairs["accent"].append(_color(colors, "accent", mode, paper, on_accent, tint))
        pairs["on-accent"].append(on_accent)
        pairs["tint"].append(tint)
    both = ";".join(f"--{name}:light-dark({','.join(pair)})" for name, pair in pairs.items())
    hero = ";".join(f"--hero-{end}:{_color(colors, 'hero', end, WHITE)}" for end in ("from", "to"))
    return f"@layer tokens{{:root{{{both};{hero}}}}}\n"


@cache
def current() -> Provider:
    """The provider of this installation."""
    return read(Path(settings.PROVIDER))
