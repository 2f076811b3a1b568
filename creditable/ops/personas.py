"""The people of a demo, as its provider's people.yaml lists them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class LicenseHeld:
    """A license that a persona has entered."""

    authority: str
    license_type: str
    number: str
    name_as_printed: str
    issued: date | None = None
    expires: date | None = None


@dataclass(frozen=True)
class CreditHeld:
    """Credit that a persona has earned elsewhere and told us of."""

    authority: str
    course_title: str
    course_number: str
    completed_on: date
    minutes: int
    topic: str = ""
    mode: str = ""


@dataclass(frozen=True)
class Study:
    """A course that a persona is in. All but the last `seconds_left` of its reading time is
    behind them."""

    course: str
    seconds_left: int = 0


@dataclass(frozen=True)
class Persona:
    """Somebody whom a visitor of the demo may be. `about` says it in half a sentence;
    `authenticator` is the secret (base32) of their authenticator app; `refuses` are the choices
    of the policy to which they said no, with their words."""

    name: str
    email: str
    about: str
    profile: Mapping[str, str] = field(default_factory=dict)
    licenses: Sequence[LicenseHeld] = ()
    held: Sequence[CreditHeld] = ()
    studies: Sequence[Study] = ()
    refuses: Mapping[str, str] = field(default_factory=dict)
    roles: Sequence[str] = ()
    authenticator: str = ""

    @property
    def first_name(self) -> str:
        return self.name.split()[0]


def read(file: Path) -> list[Persona]:
    """Everybody in the file, in its order; nobody when there is none."""
    if not file.exists():
        return []
    return [_persona(entry) for entry in yaml.safe_load(file.read_text())["people"]]


def _persona(entry: dict[str, Any]) -> Persona:
    return Persona(
        **{
            **entry,
            "licenses": [LicenseHeld(**each) for each in entry.get("licenses", ())],
            "held": [CreditHeld(**each) for each in entry.get("held", ())],
            "studies": [Study(**each) for each in entry.get("studies", ())],
        }
    )
