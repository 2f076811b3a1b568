"""/console/completions/: completions of many people as a file, for a reason that is on record."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from creditable.audit.clock import now
from creditable.credit import completions, packs
from creditable.lib.dates import local_date
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest, staff_required
from creditable.web.console.frame import page


class FileForm(forms.Form):
    """Which completions, and what for."""

    first = forms.DateField(
        label=gettext_lazy("Completed from"), widget=forms.DateInput(attrs={"type": "date"})
    )
    last = forms.DateField(
        label=gettext_lazy("Completed until"), widget=forms.DateInput(attrs={"type": "date"})
    )
    authority = forms.ChoiceField(label=gettext_lazy("Authority"), required=False)
    purpose = forms.ChoiceField(label=gettext_lazy("What for"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        authority, purpose = self.fields["authority"], self.fields["purpose"]
        assert isinstance(authority, forms.ChoiceField)
        assert isinstance(purpose, forms.ChoiceField)
        authority.choices = [("", _("Any, or none")), *((p.id, p.name) for p in packs.all())]
        purpose.choices = [("", _("Choose …")), *completions.purposes().items()]


@staff_required("completions.export", lately=True)
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    today = local_date(now(), settings.TIME_ZONE)
    form = FileForm(initial={"first": today - timedelta(days=365), "last": today})
    return page(request, "console/completions.html", {"form": form})


@staff_required("completions.export", lately=True)
@require_POST
def file(request: SignedRequest) -> HttpResponseBase:
    form = FileForm(request.POST)
    if form.is_valid():
        asked = form.cleaned_data
        try:
            lines = completions.export(**asked, by=request.user.staff_actor)
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            name = f"completions-{asked['first']}-{asked['last']}.csv"
            return StreamingHttpResponse(
                lines,
                content_type="text/csv; charset=utf-8",
                headers={
                    "Content-Disposition": f'attachment; filename="{name}"',
                    "Cache-Control": "no-store",
                },
            )
    return page(request, "console/completions.html", {"form": form}, 422)


urlpatterns = [
    path("completions/", index, name="completions"),
    path("completions/file/", file, name="completions_file"),
]
