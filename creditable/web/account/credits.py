"""/account/credits/: hours that you earned elsewhere, so that courses can say what is missing;
and a photo of the certificate for each, for yourself."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from allauth.core.ratelimit import consume, respond_429
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from creditable.credit import atlas, held, packs, proof_files
from creditable.credit.models import HeldCredit, Proof
from creditable.credit.phrases import MODE_NAMES, minutes_in_words
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest
from creditable.web.account.photo_form import PhotoForm


class CreditForm(forms.Form):
    """One course completed with somebody else."""

    authority = forms.ChoiceField(
        label=gettext_lazy("Credited by"),
        error_messages={"required": gettext_lazy("Choose the authority.")},
    )
    course_title = forms.CharField(
        label=gettext_lazy("Course"),
        max_length=160,
        error_messages={"required": gettext_lazy("Enter the course's name.")},
    )
    course_number = forms.CharField(
        label=gettext_lazy("Course number"),
        max_length=60,
        help_text=gettext_lazy("The authority's number of the course, as on your certificate."),
        error_messages={"required": gettext_lazy("Enter the course's number.")},
    )
    completed_on = forms.DateField(
        label=gettext_lazy("Completed on"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": gettext_lazy("Enter the date on your certificate."),
            "invalid": gettext_lazy("Enter a date, such as 2026-08-31."),
        },
    )
    hours = forms.DecimalField(
        label=gettext_lazy("Hours"),
        min_value=Decimal("0.1"),
        max_value=Decimal(200),
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"required": gettext_lazy("Enter the hours on your certificate.")},
    )

    topic = forms.ChoiceField(
        label=gettext_lazy("Topic"),
        required=False,
        help_text=gettext_lazy("If the authority asks for hours in it."),
    )
    mode = forms.ChoiceField(label=gettext_lazy("How it was taken"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = [
            (pack.name, [(f"{pack.id}/{id}", name) for id, name in atlas.topics(pack).items()])
            for pack in packs.all()
            if atlas.topics(pack)
        ]
        modes = [(mode, name()) for mode, name in MODE_NAMES.items()]
        boards = [(pack.id, pack.name) for pack in packs.all()]
        for name, choices in (
            ("authority", [("", _("Choose the authority")), *boards]),
            ("topic", [("", _("None of these")), *topics]),
            ("mode", [("", _("I do not know")), *modes]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def clean_topic(self) -> str:
        """The topic's word, which must be one of the authority that was chosen."""
        chosen: str = self.cleaned_data["topic"]
        authority, _slash, topic = chosen.partition("/")
        if topic and authority != self.cleaned_data.get("authority"):
            raise forms.ValidationError(_("Choose a topic of that authority, or none."))
        return topic

    def minutes(self) -> int:
        """The hours as the authority's minutes."""
        in_force = packs.get(self.cleaned_data["authority"]).versions[-1]
        hour = in_force.minutes_per_hour.value or 60
        hours: Decimal = self.cleaned_data["hours"]
        return round(hours * hour)


@never_cache
@login_required
def index(request: SignedRequest) -> HttpResponse:
    person = request.user
    form = CreditForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = {key: value for key, value in form.cleaned_data.items() if key != "hours"}
        try:
            held.add(subject_id=person.pk, minutes=form.minutes(), by=person.actor, **told)
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("Noted. Course pages count it from now on."))
            return HttpResponseRedirect(reverse("account:credits"))
    mine = HeldCredit.objects.filter(subject_id=person.pk).order_by("-completed_on", "id")
    credits = mine.annotate(is_shown=Exists(Proof.objects.filter(credit=OuterRef("pk"))))
    lines = [{"credit": credit, **_named(credit)} for credit in credits]
    status = 422 if form.is_bound else 200
    return render(request, "account/credits.html", {"form": form, "lines": lines}, status=status)


@login_required
@require_POST
def remove(request: SignedRequest, credit_id: UUID) -> HttpResponse:
    credit = get_object_or_404(HeldCredit, subject_id=request.user.pk, pk=credit_id)
    held.remove(credit=credit, by=request.user.actor)
    messages.success(request, _("Removed."))
    return HttpResponseRedirect(reverse("account:credits"))


@never_cache
@login_required
def proof(request: SignedRequest, credit_id: UUID) -> HttpResponse:
    """What shows one credit: to hand it in, to see it, or to hand in another."""
    credit = get_object_or_404(HeldCredit, subject_id=request.user.pk, pk=credit_id)
    is_sent = request.method == "POST"
    form = PhotoForm(request.POST, request.FILES) if is_sent else PhotoForm()
    if is_sent and form.is_valid():
        if not consume(request, action="hand_in_document", user=request.user):
            answer: HttpResponse = respond_429(request)
            return answer
        try:
            content = form.cleaned_data["file"].read()
            proof_files.hand_in(credit=credit, content=content, by=request.user.actor)
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("It is here, encrypted, for you alone."))
            return HttpResponseRedirect(reverse("account:credit_proof", args=[credit.pk]))
    kept = Proof.objects.filter(credit=credit).defer("encrypted").first()
    shown = {"form": form, "credit": credit, "proof": kept, **_named(credit)}
    status = 422 if form.is_bound else 200
    return render(request, "account/credit_proof.html", shown, status=status)


@login_required
@require_safe
def proof_file(request: SignedRequest, credit_id: UUID) -> HttpResponse:
    kept = get_object_or_404(Proof, credit_id=credit_id, credit__subject_id=request.user.pk)
    picture = proof_files.show(kept)
    if picture is None:
        raise Http404
    answer = HttpResponse(picture, content_type="image/jpeg")
    answer["Content-Disposition"] = f'attachment; filename="certificate-{kept.credit_id}.jpg"'
    answer["Cache-Control"] = "no-store"
    return answer


@login_required
@require_POST
def proof_remove(request: SignedRequest, credit_id: UUID) -> HttpResponse:
    credit = get_object_or_404(HeldCredit, subject_id=request.user.pk, pk=credit_id)
    proof_files.remove(credit=credit, by=request.user.actor)
    messages.success(request, _("It is gone, and its key with it."))
    return HttpResponseRedirect(reverse("account:credits"))


def _named(credit: HeldCredit) -> dict[str, str]:
    pack = packs.find(credit.authority)
    if pack is None:
        return {"authority": credit.authority, "hours": f"{credit.minutes} minutes"}
    hours = minutes_in_words(credit.minutes, pack, pack.versions[-1])
    return {"authority": pack.name, "hours": hours}


urlpatterns = [
    path("credits/", index, name="credits"),
    path("credits/<uuid:credit_id>/remove/", remove, name="credit_remove"),
    path("credits/<uuid:credit_id>/proof/", proof, name="credit_proof"),
    path("credits/<uuid:credit_id>/proof/file/", proof_file, name="credit_proof_file"),
    path("credits/<uuid:credit_id>/proof/remove/", proof_remove, name="credit_proof_remove"),
]
