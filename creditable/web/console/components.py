"""/console/ui/: the components that pages are made of, each drawn from the very lines of template
that stand beside it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django import forms
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from creditable.people.access import SignedRequest, staff_required
from creditable.web.console.frame import page
from creditable.web.ui.templatetags.ui import Bar
from creditable.web.ui.timeline import Step

SOURCES = Path(__file__).parent / "templates" / "console" / "components"
AT = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)


class ExampleForm(forms.Form):
    """Every kind of field; two of them as they look when they were not understood."""

    name = forms.CharField(
        label=gettext_lazy("Full name"),
        help_text=gettext_lazy("As on your license."),
        initial="Ada Reyes",
    )
    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    state = forms.ChoiceField(choices=[("", gettext_lazy("Choose")), ("TX", "Texas")])
    note = forms.CharField(required=False, widget=forms.Textarea)
    agree = forms.BooleanField(label=gettext_lazy("I have read it"))


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
        "website": "https://www.example.org/",
        "form": form,
        "bars": [
            Bar(_("State what Subpart S covers"), 92, "4.6"),
            Bar(_("Put a circuit into a verified dead state"), 88, "4.4"),
            Bar(_("Judge wiring methods"), 70, "3.5"),
        ],
        "columns": [
            Bar(f"{AT - timedelta(days=ago):%a %-d}", 12.5 * count, str(count))
            for ago, count in zip(range(6, -1, -1), (3, 5, 8, 6, 0, 1, 4), strict=True)
        ],
        "steps": [
            Step(_("Prepared"), "done", AT),
            Step(_("Sent, and taken"), "now", AT, _("The authority has not answered yet.")),
            Step(_("Accepted"), "next"),
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
