"""Who issues certificates and reports: the provider, as its provider.yaml tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from creditable.credit import document, keys


class IssuerRefused(Exception):
    """provider.yaml lacks what a certificate needs; the message names the place and the cure."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """The provider on its certificates, and its number with each authority."""

    face: document.Provider
    numbers: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.face.name

    def number(self, authority: str) -> str:
        """Our number with the authority; empty when it has given us none."""
        return self.numbers.get(authority, "")


def read(folder: Path) -> Issuer:
    """The issuer that the provider's folder describes."""
    path = folder / "provider.yaml"
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        address, website = written["address"], str(written.get("website", ""))
        face = document.Provider(
            name=_line(written["name"]),
            legal_name=_line(written["legal_name"]),
            lines=(
                f"{_line(address['city'])}, {_line(address['region'])}",
                website.removeprefix("https://").strip("/"),
            ),
            mark=(folder / written["mark"]).read_text(encoding="utf-8"),
            band=written["colors"]["hero"]["from"],
            accent=written["colors"]["accent"]["light"],
            signatory_name=_line(written["signatory"]["name"]),
            signatory_title=_line(written["signatory"]["title"]),
        )
        numbers = {
            row["authority"]: _line(row["number"]) for row in written.get("provider_numbers", [])
        }
    except KeyError as error:
        raise IssuerRefused(f"{path}: certificates need {error}; add it") from error
    except (OSError, yaml.YAMLError, TypeError, AttributeError) as error:
        raise IssuerRefused(f"{path} cannot be read: {error}") from error
    return Issuer(face, numbers)


@cache
def current() -> Issuer:
    """The provider of this installation."""
    return read(Path(settings.PROVIDER))


def key(use: keys.Use, *, at: datetime) -> keys.Key:
    """The provider's key for that use, made on first use."""
    return keys.current(_keys(), use, organization=current().name, at=at)


def replace_key(use: keys.Use, *, at: datetime) -> keys.Public:
    """A new key in the place of the one in use, which signs no more and stays published."""
    return keys.replace(_keys(), use, organization=current().name, at=at)


def published_keys() -> list[keys.Public]:
    """Every key that the provider ever signed with, those in use first."""
    return list(keys.published(_keys()))


def _keys() -> Path:
    return Path(settings.DATA) / "keys"


def _line(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"expected text, found {value!r}")
    return " ".join(value.split())
