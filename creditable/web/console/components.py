"""/console/ui/: the components that pages are made of, each drawn from the very lines of template
that stand beside it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django import forms
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from creditable.people.access import SignedRequest, staff_required
from creditable.web.console.frame import page
from creditable.web.ui.templatetags.ui import Bar
from creditable.web.ui.timeline import Step

SOURCES = Path(__file__).parent / "templates" / "console" / "components"
AT = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)


class ExampleForm(forms.Form):
    """Every kind of field; two of them as they look when they were not understood."""

    name = forms.CharField(label="Full name", help_text="As on your license.", initial="Ada Reyes")
    email = forms.EmailField(label="E-mail address")
    state = forms.ChoiceField(choices=[("", "Choose"), ("TX", "Texas")])
    note = forms.CharField(required=False, widget=forms.Textarea)
    agree = forms.BooleanField(label="I have read it")


@dataclass(frozen=True)
class Example:
    """A component: its name, the lines that make it, and what they make."""

    name: str
    source: str
    drawn: SafeString

    @property
    def anchor(self) -> str:
        return self.name.replace(" ", "-")


def examples() -> list[Example]:
    """All components in the order of their files."""
    form = ExampleForm({"name": "Ada Reyes", "email": "ada@", "agree": "on"})
    shown = {
        "at": AT,
        "form": form,
        "bars": [
            Bar("State what Subpart S covers", 92, "4.6"),
            Bar("Put a circuit into a verified dead state", 88, "4.4"),
            Bar("Judge wiring methods", 70, "3.5"),
        ],
        "steps": [
            Step("Prepared", "done", AT),
            Step("Sent, and taken", "now", AT, "The authority has not answered yet."),
            Step("Accepted", "next"),
        ],
    }
    return [
        Example(
            file.stem[3:].replace("-", " "),
            file.read_text(encoding="utf-8").strip(),
            render_to_string(f"console/components/{file.name}", {"example": shown}),
        )
        for file in sorted(SOURCES.glob("*.html"))
    ]


@staff_required("design.view")
@require_safe
def components(request: SignedRequest) -> HttpResponse:
    return page(request, "console/components.html", {"examples": examples()})


urlpatterns = [path("ui/", components, name="components")]
