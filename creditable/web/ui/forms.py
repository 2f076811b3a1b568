"""How forms look: Django's own form rendering with our templates, so `{{ form }}` and
`{{ form.email.as_field_group }}` are in the design wherever they are written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe


class Renderer(TemplatesSetting):
    """settings.FORM_RENDERER names this class; "django.forms" must be among the apps. The controls
    that nearly every form has are written here: as templates they are half the cost of a page
    with a form."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> SafeString:
        write = CONTROLS.get(template_name)
        if write:
            return mark_safe(write(context["widget"]))  # noqa: S308 - each part is escaped
        return mark_safe(super().render(template_name, context, request))  # noqa: S308


def attributes(attrs: Mapping[str, object]) -> str:
    """The attributes of a control, as Django writes them: True is the name alone, False is
    nothing."""
    return "".join(
        f" {name}" if value is True else f' {name}="{conditional_escape(str(value))}"'
        for name, value in attrs.items()
        if value is not False
    )


def _input(widget: Mapping[str, Any]) -> str:
    value = widget["value"]
    written = "" if value is None else f' value="{conditional_escape(str(value))}"'
    name = escape(widget["name"])
    return f'<input type="{widget["type"]}" name="{name}"{written}{attributes(widget["attrs"])}>'


def _select(widget: Mapping[str, Any]) -> str:
    name, attrs = escape(widget["name"]), attributes(widget["attrs"])
    return f'<select name="{name}"{attrs}>{_options(widget["optgroups"])}</select>'


def _options(groups: Iterable[tuple[str | None, Sequence[Mapping[str, Any]], int]]) -> str:
    """The choices of a list, in their groups."""
    written: list[str] = []
    for label, choices, _index in groups:
        lines = "".join(map(_option, choices))
        if label:
            lines = f'<optgroup label="{escape(label)}">{lines}</optgroup>'
        written.append(lines)
    return "".join(written)


def _option(option: Mapping[str, Any]) -> str:
    value, label = escape(str(option["value"])), escape(str(option["label"]))
    selected = " selected" if option["selected"] else ""
    return f'<option value="{value}"{selected}>{label}</option>'


def _choices(widget: Mapping[str, Any]) -> str:
    """Boxes or circles, each in its label, in their groups."""
    attrs = widget["attrs"]
    classes = " ".join(filter(None, ("choices", attrs.get("class"))))
    written = [f"<div{attributes({'class': classes, 'id': attrs.get('id') or False})}>"]
    for label, choices, _index in widget["optgroups"]:
        if label:
            written.append(f'<p class="field__label">{escape(label)}</p>')
        written += map(_choice, choices)
    return "".join([*written, "</div>"])


def _choice(option: Mapping[str, Any]) -> str:
    label = {"class": "choice", "for": option["attrs"].get("id") or False}
    words = conditional_escape(option["label"])
    return f"<label{attributes(label)}>{_input(option)}<span>{words}</span></label>"


CONTROLS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/radio.html": _choices,
    "django/forms/widgets/checkbox_select.html": _choices,
    **{
        f"django/forms/widgets/{kind}.html": _input
        for kind in ("text", "email", "number", "password", "hidden", "date", "checkbox", "file")
    },
}
