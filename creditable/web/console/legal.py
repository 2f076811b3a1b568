"""/console/legal/: what the law demands: each matter with its document, who approved it, what was
released under it, and until when its people are not told."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from creditable.audit.clock import now
from creditable.disclosure import matters, policies
from creditable.disclosure.models import Handover, Matter, MatterWord
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest, staff_required
from creditable.people.models import Person
from creditable.policy.contents import Policy
from creditable.rights import legal
from creditable.web.console.frame import page
from creditable.web.ui.errors import refused

LARGEST = 5 * 1_048_576
MOST_PEOPLE = 50


class Opening(forms.Form):
    """A matter, as its document states it."""

    kind = forms.ChoiceField(label=gettext_lazy("What it is"), choices=Matter.Kind.choices)
    authority = forms.CharField(
        label=gettext_lazy("Who demands it"),
        max_length=200,
        help_text=gettext_lazy("The court, office or service, as the document names it."),
    )
    reached_at = forms.CharField(
        label=gettext_lazy("How it is reached"),
        max_length=300,
        help_text=gettext_lazy(
            "Address and phone number from a register of your own, not from the document: call "
            "back before you approve."
        ),
    )
    reference = forms.CharField(label=gettext_lazy("Its reference"), max_length=120)
    people = forms.CharField(
        label=gettext_lazy("About whom"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The e-mail address of each account, one a line."),
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Which data it names"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )
    expires = forms.DateField(
        label=gettext_lazy("Last day on which it may be obeyed"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": gettext_lazy("Enter a date, such as 2027-01-31.")},
    )
    hidden_until = forms.DateField(
        label=gettext_lazy("Silence ordered until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy(
            "Leave it empty unless the document forbids telling the people. On this day they see "
            "the release, and why it was hidden."
        ),
        error_messages={"invalid": gettext_lazy("Enter a date, such as 2027-01-31.")},
    )
    file = forms.FileField(
        label=gettext_lazy("The document (at most 5 MB)"),
        error_messages={
            "required": gettext_lazy("Choose the document."),
            "empty": gettext_lazy("This file is empty."),
        },
    )

    def __init__(self, *args: Any, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        demanded = set(legal.template_of(Matter.Kind.COURT_ORDER).fields.values())
        categories = self.fields["categories"]
        assert isinstance(categories, forms.ChoiceField)
        categories.choices = [
            (name, label) for name, label in policy.categories.items() if name in demanded
        ]

    def clean_people(self) -> list[Any]:
        found = []
        for line in self.cleaned_data["people"].split():
            person = Person.objects.filter(email__iexact=line).first()
            if person is None:
                raise forms.ValidationError(
                    _("No account has the address %(address)s."), params={"address": line}
                )
            found.append(person.pk)
        if len(found) > MOST_PEOPLE:
            raise forms.ValidationError(_("A matter names at most 50 people. Ask a narrower one."))
        return found

    def clean_hidden_until(self) -> datetime | None:
        day = self.cleaned_data["hidden_until"]
        return datetime.combine(day, time(), UTC) if day else None

    def clean_file(self) -> "UploadedFile[bytes]":
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(_("This file is larger than 5 MB."))
        return file


class Reasons(forms.Form):
    """Why a matter is refused, or a silence lifted."""

    words = forms.CharField(
        label=gettext_lazy("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


@staff_required("legal.view")
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    rows = Matter.objects.defer("document").order_by("-opened_at", "-id")
    context = {
        "matters": [(row, matters.state(row)) for row in rows],
        "may_open": request.user.may("legal.open"),
    }
    return page(request, "console/matters.html", context)


@staff_required("legal.open")
@require_http_methods(["GET", "HEAD", "POST"])
def opening(request: SignedRequest) -> HttpResponse:
    told = (request.POST, request.FILES) if request.method == "POST" else ()
    form = Opening(*told, policy=policies.current())
    if form.is_valid() and (matter := _open(request, form)):
        messages.success(request, _("The matter is open. It takes the approval of two people."))
        return HttpResponseRedirect(reverse("console:matter", args=[matter.number]))
    return page(request, "console/matter_open.html", {"form": form}, 422 if form.errors else 200)


def _open(request: SignedRequest, form: Opening) -> Matter | None:
    told = dict(form.cleaned_data)
    file = told.pop("file")
    try:
        return legal.open(
            **told, filename=file.name, document=file.read(), by=request.user.staff_actor
        )
    except Refused as refusal:
        form.add_error(refusal.field or None, refusal.message)
        return None


@staff_required("legal.view")
@require_safe
def show(request: SignedRequest, matter: int) -> HttpResponse:
    row = _find(matter)
    policy = policies.current()
    said = matters.words(row)
    staff = Person.objects.in_bulk([row.opened_by, *(word.by for word in said)])
    state = matters.state(row)
    lifted = next((word for word in said if word.kind == MatterWord.Kind.LIFTED), None)
    template = legal.template_of(row.kind)
    context = {
        "matter": row,
        "state": state,
        "opened_by": staff.get(row.opened_by),
        "said": [(word, staff.get(word.by)) for word in said],
        "people": legal.named(row),
        "fields": [
            (name, policy.categories.get(template.fields[name], name))
            for name in legal.fields_of(row)
        ],
        "handover": Handover.objects.filter(matter=row).defer("content").first(),
        "silent": bool(row.hidden_until and row.hidden_until > now() and not lifted),
        "lifted": lifted,
        "may_open": request.user.may("legal.open"),
        "may_approve": request.user.may("legal.approve"),
        "approved_here": request.user.pk in matters.approvers(said),
        "reasons": Reasons(auto_id="why-%s"),
    }
    return page(request, "console/matter.html", context)


def _find(number: int) -> Matter:
    return get_object_or_404(Matter.objects.defer("document"), number=number)


@staff_required("legal.view")
@require_safe
def document(request: SignedRequest, matter: int) -> HttpResponse:
    """The document, as a download: nothing in it is run or shown here."""
    row = get_object_or_404(Matter, number=matter)
    content = legal.document(matter=row, by=request.user.staff_actor)
    return _download(content, f"{row.code}-document")


@staff_required("legal.open")
@require_safe
def file(request: SignedRequest, matter: int) -> HttpResponse:
    """What is handed to the authority."""
    row = get_object_or_404(Handover.objects.select_related("matter"), matter__number=matter)
    content = legal.file(handover=row, by=request.user.staff_actor)
    return _download(content, f"{row.matter.code}.json")


def _download(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


@staff_required("legal.approve")
@require_POST
def approve(request: SignedRequest, matter: int) -> HttpResponse:
    row = _find(matter)
    try:
        legal.approve(matter=row, by=request.user.staff_actor)
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(request, _("You have approved the matter."))
    return _back(row)


@staff_required("legal.approve")
@require_POST
def refuse(request: SignedRequest, matter: int) -> HttpResponse:
    return _with_reasons(request, matter, legal.refuse, _("The matter is refused."))


@staff_required("legal.approve")
@require_POST
def lift(request: SignedRequest, matter: int) -> HttpResponse:
    done = _("The silence is lifted: the people see the release from now on.")
    return _with_reasons(request, matter, legal.lift, done)


def _with_reasons(request: SignedRequest, matter: int, verb: Any, done: str) -> HttpResponse:
    row = _find(matter)
    form = Reasons(request.POST)
    if not form.is_valid():
        why = Refused(_("Say why: it stays on record. Nothing was changed."))
        return refused(request, why, status=422)
    try:
        verb(matter=row, words=form.cleaned_data["words"], by=request.user.staff_actor)
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(request, done)
    return _back(row)


@staff_required("legal.open")
@require_POST
def release(request: SignedRequest, matter: int) -> HttpResponse:
    row = _find(matter)
    known = {str(subject_id): subject_id for subject_id in row.people}
    chosen = request.POST.getlist("person")
    try:
        if not set(chosen) <= known.keys():
            raise Refused(_("The document does not name everybody whom you chose."))
        legal.release(
            matter=row,
            people=[known[each] for each in chosen],
            fields=request.POST.getlist("field"),
            by=request.user.staff_actor,
        )
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(request, _("Released. Fetch the file below and hand it over."))
    return _back(row)


def _back(matter: Matter) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("console:matter", args=[matter.number]))


urlpatterns = [
    path("legal/", index, name="matters"),
    path("legal/new/", opening, name="matter_open"),
    path("legal/<int:matter>/", show, name="matter"),
    path("legal/<int:matter>/document/", document, name="matter_document"),
    path("legal/<int:matter>/file/", file, name="matter_file"),
    path("legal/<int:matter>/approve/", approve, name="matter_approve"),
    path("legal/<int:matter>/refuse/", refuse, name="matter_refuse"),
    path("legal/<int:matter>/release/", release, name="matter_release"),
    path("legal/<int:matter>/lift/", lift, name="matter_lift"),
]
