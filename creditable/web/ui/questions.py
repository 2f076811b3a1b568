"""What an authority's rules ask of the holder of a license, as fields of a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from creditable.credit import atlas
from creditable.credit.demands import Asked
from creditable.credit.pack import Pack

LARGEST = 100_000


def date_field(label: Any, help_text: Any = "", *, required: bool = False) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "invalid": _("Enter a date, such as 2026-08-31."),
            "required": _("Enter the day on which it was finished."),
        },
    )


def fields(pack: Pack) -> dict[str, forms.Field]:
    """A field for each role and each fact on which a verdict of that authority may hang."""
    found: dict[str, forms.Field] = {
        f"role_{role.id}": forms.BooleanField(label=role.name, required=False)
        for role in pack.roles
    }
    return found | {f"fact_{ask.name}": _field(ask) for ask in atlas.questions(pack)}


def roles(pack: Pack, told: Mapping[str, Any]) -> tuple[str, ...]:
    """The roles that were ticked."""
    return tuple(role.id for role in pack.roles if told.get(f"role_{role.id}"))


def facts(pack: Pack, told: Mapping[str, Any]) -> dict[str, Any]:
    """What was answered, as a case states it."""
    found: dict[str, Any] = {}
    for ask in atlas.questions(pack):
        answer = told.get(f"fact_{ask.name}")
        if answer in (None, ""):
            continue
        match ask.kind:
            case "yes_no":
                found[ask.name] = answer == "yes"
            case "date":
                found[ask.name] = answer.isoformat()
            case "number":
                found[ask.name] = int(answer) if answer == int(answer) else float(answer)
            case "choice":
                found[ask.name] = answer
    return found


def typed(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Roles and facts as they stand in the fields."""
    found: dict[str, Any] = {f"role_{role}": True for role in answers.get("roles", ())}
    for name, value in answers.get("facts", {}).items():
        shown = value if not isinstance(value, bool) else "yes" if value else "no"
        found[f"fact_{name}"] = shown
    return found


def _field(ask: Asked) -> forms.Field:
    label = ask.says[0].upper() + ask.says[1:]
    choices: list[tuple[str, Any]]
    match ask.kind:
        case "number":
            return forms.DecimalField(
                label=label, required=False, min_value=0, max_value=LARGEST, decimal_places=2
            )
        case "date":
            return date_field(label)
        case "yes_no":
            choices = [("", _("I do not know")), ("yes", _("Yes")), ("no", _("No"))]
        case "choice":
            choices = [("", _("I do not know")), *((word, word) for word in ask.choices)]
    return forms.ChoiceField(label=label, required=False, choices=choices)
