"""/console/campaigns/: mail of a topic to those who want it: written, looked at, begun, watched."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from creditable.credit import packs
from creditable.lib.refusal import Refused
from creditable.outreach import campaigns
from creditable.outreach.models import Campaign
from creditable.people.access import SignedRequest, staff_required
from creditable.web.console.frame import page
from creditable.web.ui.errors import refused

A_PAGE = 50


class Writing(forms.Form):
    """What a campaign says, and to whom."""

    topic = forms.ChoiceField(
        label=gettext_lazy("What it is about"),
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Only those get it who want mail of this kind."),
        error_messages={"required": gettext_lazy("Choose what it is about.")},
    )
    authority = forms.ChoiceField(label=gettext_lazy("For whom"), required=False)
    headline = forms.CharField(label=gettext_lazy("Subject line"), max_length=160)
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=gettext_lazy(
            "An empty line begins a paragraph. How to stop such mail is added below by itself."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        served = packs.served(settings.PROVIDER).values()
        offered = {
            "topic": [(name, label[:1].upper() + label[1:]) for name, label in _topics()],
            "authority": [
                ("", _("Everybody")),
                *(
                    (pack.id, _("Who holds a license of %(name)s") % {"name": pack.name})
                    for pack in served
                ),
            ],
        }
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


def _topics() -> list[tuple[str, str]]:
    return list(campaigns.topics().items())


@staff_required("campaigns.view")
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    rows = Campaign.objects.defer("text").order_by("-written_at", "-id")
    shown = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "shown": shown,
        "campaigns": [(row, campaigns.topics().get(row.topic, row.topic)) for row in shown],
        "may_write": request.user.may("campaigns.send"),
    }
    return page(request, "console/campaigns.html", context)


@staff_required("campaigns.send")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedRequest) -> HttpResponse:
    return _write(request, None)


@staff_required("campaigns.send")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedRequest, campaign: UUID) -> HttpResponse:
    return _write(request, get_object_or_404(Campaign, pk=campaign))


def _write(request: SignedRequest, row: Campaign | None) -> HttpResponse:
    known = (
        {name: getattr(row, name) for name in ("topic", "authority", "headline", "text")}
        if row
        else None
    )
    form = Writing(request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid():
        try:
            written = campaigns.write(
                campaign=row, by=request.user.staff_actor, **form.cleaned_data
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            return HttpResponseRedirect(reverse("console:campaign", args=[written.pk]))
    context = {"form": form, "campaign": row}
    return page(request, "console/campaign_write.html", context, 422 if form.errors else 200)


@staff_required("campaigns.view")
@require_safe
def show(request: SignedRequest, campaign: UUID) -> HttpResponse:
    """A draft with whom it would reach; one on its way with whom it has reached."""
    row = get_object_or_404(Campaign, pk=campaign)
    pack = packs.find(row.authority)
    draft = row.state == campaigns.State.DRAFT
    counted = campaigns.progress(row)
    everybody = sum(counted.values())
    context = {
        "campaign": row,
        "topic": campaigns.topics().get(row.topic, row.topic),
        "authority": pack.name if pack else row.authority,
        "preview": campaigns.preview(row) if draft else None,
        "sent": counted.get("sent", 0),
        "left_out": campaigns.left_out(row),
        "done": everybody - counted.get("", 0),
        "everybody": everybody,
        "may_send": request.user.may("campaigns.send"),
    }
    return page(request, "console/campaign.html", context)


@staff_required("campaigns.send")
@require_POST
def turn(request: SignedRequest, campaign: UUID) -> HttpResponse:
    """Begins, pauses or resumes, as the button says."""
    row = get_object_or_404(Campaign, pk=campaign)
    verbs = {
        "start": (campaigns.start, _("The campaign is on its way.")),
        "pause": (campaigns.pause, _("Nobody else is written to until you resume it.")),
        "resume": (campaigns.resume, _("The campaign goes on.")),
    }
    verb, done = verbs.get(request.POST.get("action", ""), (None, ""))
    if verb is None:
        return refused(request, Refused(_("Press one of the buttons.")), status=422)
    try:
        verb(campaign=row, by=request.user.staff_actor)
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("console:campaign", args=[row.pk]))


urlpatterns = [
    path("campaigns/", index, name="campaigns"),
    path("campaigns/new/", new, name="campaign_new"),
    path("campaigns/<uuid:campaign>/", show, name="campaign"),
    path("campaigns/<uuid:campaign>/edit/", edit, name="campaign_edit"),
    path("campaigns/<uuid:campaign>/turn/", turn, name="campaign_turn"),
]
