"""/console/banners/: what advertisers show on our pages."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from creditable.audit.clock import now
from creditable.lib.refusal import Refused
from creditable.outreach import banners
from creditable.outreach.models import Banner
from creditable.people.access import SignedRequest, staff_required
from creditable.web.console.frame import page
from creditable.web.ui.errors import refused

MOST = 100


class BannerForm(forms.Form):
    """What an advertiser wants shown."""

    advertiser = forms.CharField(label=gettext_lazy("Advertiser"), max_length=120)
    says = forms.CharField(
        label=gettext_lazy("What the picture says"),
        max_length=200,
        help_text=gettext_lazy("For who hears the page."),
    )
    address = forms.CharField(
        label=gettext_lazy("Where it leads"),
        max_length=300,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    begins = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"})
    )
    ends = forms.DateField(
        label=gettext_lazy("Through"), widget=forms.DateInput(attrs={"type": "date"})
    )
    file = forms.FileField(
        label=gettext_lazy("Picture"),
        help_text=gettext_lazy("PNG or JPEG, at most 256 KB, 1600 by 500 pixels."),
    )


@staff_required("banners.enter")
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: SignedRequest) -> HttpResponse:
    told = (request.POST, request.FILES) if request.method == "POST" else ()
    form = BannerForm(*told)
    if form.is_valid() and _enter(request, form):
        messages.success(request, _("The banner is entered."))
        return HttpResponseRedirect(reverse("console:banners"))
    today = now().date()
    rows = Banner.objects.defer("picture").order_by("ended_at", "-ends", "-pk")[:MOST]
    context = {
        "banners": [(row, row.ended_at is None and row.ends >= today) for row in rows],
        "form": form,
    }
    return page(request, "console/banners.html", context, 422 if form.errors else 200)


def _enter(request: SignedRequest, form: BannerForm) -> bool:
    told = dict(form.cleaned_data)
    file: UploadedFile[bytes] = told.pop("file")
    if (file.size or 0) > banners.LARGEST:
        form.add_error("file", _("The picture is larger than 256 KB."))
        return False
    try:
        banners.enter(
            **told, filename=file.name or "", picture=file.read(), by=request.user.staff_actor
        )
    except Refused as refusal:
        form.add_error(refusal.field or None, refusal.message)
        return False
    return True


@staff_required("banners.enter")
@require_POST
def end(request: SignedRequest, banner: UUID) -> HttpResponse:
    try:
        banners.end(banner_id=banner, by=request.user.staff_actor)
    except Refused as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(reverse("console:banners"))


urlpatterns = [
    path("banners/", index, name="banners"),
    path("banners/<uuid:banner>/end/", end, name="banner_end"),
]
