"""/console/roles/: which role may what, who holds it, and who has looked through that."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from creditable.lib.refusal import Refused
from creditable.people import roles
from creditable.people.access import SignedRequest, staff_required
from creditable.people.models import Person, RoleGrant
from creditable.people.permissions import PERMISSIONS, ROLES
from creditable.web.console.frame import page
from creditable.web.ui.errors import refused


class GrantForm(forms.Form):
    """A role for somebody who has an account."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address of the account"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Enter the address of the account."),
            "invalid": gettext_lazy("Enter an e-mail address."),
        },
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[(name, role.title) for name, role in ROLES.items()],
        error_messages={"invalid_choice": gettext_lazy("Choose a role from the list.")},
    )

    def clean_email(self) -> Person:
        person = Person.objects.filter(email__iexact=self.cleaned_data["email"]).first()
        if person is None:
            raise forms.ValidationError(_("Nobody has an account with this address."))
        return person


@staff_required("roles.view")
def index(request: SignedRequest) -> HttpResponse:
    """The roles as data, and a form for those who may give them."""
    may_grant = request.user.may("roles.grant")
    form = GrantForm(request.POST or None) if may_grant else None
    if request.method == "POST":
        if form is None:
            return refused(request, Refused(_("Your role cannot give roles.")), status=403)
        if form.is_valid():
            person: Person = form.cleaned_data["email"]
            role = form.cleaned_data["role"]
            roles.grant(subject_id=person.pk, role=role, by=request.user.staff_actor)
            messages.success(
                request,
                _("{name} is now in the role {title}.").format(
                    name=person.name, title=ROLES[role].title
                ),
            )
            return HttpResponseRedirect(reverse("console:roles"))
    shown = _roles()
    context = {
        "form": form,
        "held": [role for role in shown if role["holders"]],
        "free": [role for role in shown if not role["holders"]],
        "may_grant": may_grant,
        "review": _review(),
    }
    status = 422 if form is not None and form.is_bound else 200
    return page(request, "console/roles.html", context, status)


@staff_required("roles.grant")
@require_POST
def revoke(request: SignedRequest) -> HttpResponse:
    """Takes a role from somebody; their next click already goes without it."""
    grants = RoleGrant.objects.filter(revoked_at=None)
    try:
        grant = grants.get(pk=forms.UUIDField().clean(request.POST.get("grant")))
        roles.revoke(subject_id=grant.subject_id, role=grant.role, by=request.user.staff_actor)
    except (forms.ValidationError, RoleGrant.DoesNotExist):
        return refused(request, Refused(_("This person does not hold the role any more.")))
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(request, _("The role is taken back."))
    return HttpResponseRedirect(reverse("console:roles"))


@staff_required("roles.grant")
@require_POST
def review(request: SignedRequest) -> HttpResponse:
    """Puts on record that somebody has looked through what the page showed."""
    try:
        seen = [forms.UUIDField().clean(value) for value in request.POST.getlist("seen")]
        roles.review(seen=seen, by=request.user.staff_actor)
    except forms.ValidationError:
        return refused(request, Refused(_("Look through the roles on their page.")))
    except Refused as refusal:
        return refused(request, refusal)
    messages.success(request, _("The access review is on record."))
    return HttpResponseRedirect(reverse("console:roles"))


def _review() -> dict[str, Any]:
    latest = roles.last_review()
    if latest is None:
        return {"due": True}
    return {
        "due": roles.is_due(),
        "at": latest.at,
        "until": roles.review_ends(latest),
        "reviewer": Person.objects.filter(pk=latest.actor_id).first(),
    }


def _roles() -> list[dict[str, Any]]:
    grants = list(RoleGrant.objects.filter(revoked_at=None).order_by("granted_at"))
    people = Person.objects.in_bulk([grant.subject_id for grant in grants])
    return [
        {
            "title": role.title,
            "permissions": [PERMISSIONS[name] for name in PERMISSIONS if name in role.permissions],
            "holders": [
                (grant, people.get(grant.subject_id)) for grant in grants if grant.role == name
            ],
        }
        for name, role in ROLES.items()
    ]


urlpatterns = [
    path("roles/", index, name="roles"),
    path("roles/revoke/", revoke, name="role_revoke"),
    path("roles/review/", review, name="role_review"),
]
