"""What people let us do: /account/choices/ for who is signed in, and the same by the signed link
that stands in a mail. Looking changes nothing, however often; only a POST does.

The link's pages take no cookie and no token against forged requests: whoever could forge one would
need the link itself, which is all that its holder has.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from creditable.disclosure import choices, ledger, policies
from creditable.disclosure.choices import Option, Source
from creditable.disclosure.models import Answer
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.lib.tokens import BadToken
from creditable.mail import links
from creditable.mail.links import Link
from creditable.mail.models import Message
from creditable.people.access import SignedRequest
from creditable.policy.contents import Policy, anchor_of
from creditable.rights import followers

LINK = Actor.outside("link in a mail")
ONE_CLICK = Actor.outside("mail program")
RECEIPTS = 50

HOW = {
    "account": gettext_lazy("on this page"),
    "link": gettext_lazy("by the link in a mail"),
    "one_click": gettext_lazy("with the button of your mail program"),
    "reply": gettext_lazy("by answering a mail"),
    "gpc": gettext_lazy("by your browser (Global Privacy Control)"),
    "staff": gettext_lazy("through our staff"),
    "need": gettext_lazy("when you asked for something that needs it"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A choice as the page shows it."""

    option: Option
    how: str
    browser: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The choices about one way to reach a person, or about others who want to."""

    title: str
    icon: str
    lines: Sequence[Line]


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: SignedRequest) -> HttpResponse:
    person = request.user
    if request.method == "POST":
        changed = _take(request, person.pk, source="account", by=person.actor)
        messages.success(request, _said(changed))
        return HttpResponseRedirect(reverse("account:choices"), status=303)
    policy = policies.current()
    receipts = [
        (row, policy.choices[row.choice].label, HOW.get(row.source, row.source))
        for row in Answer.objects.filter(subject_id=person.pk).order_by("-at", "-id")[:RECEIPTS]
        if row.choice in policy.choices
    ]
    context = {"groups": _groups(policy, choices.options(person.pk)), "receipts": receipts}
    return render(request, "account/choices.html", context)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """All choices of whom the link is for, without sign-in."""
    _link, person = _holder(token)
    changed = None
    if request.method == "POST":
        changed = _said(_take(request, person.pk, source="link", by=LINK))
    groups = _groups(policies.current(), choices.options(person.pk))
    return _page(request, "choices_by_link", token, person, groups=groups, changed=changed)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Refuses the choice that the mail belonged to. A mail program asks with the fixed body of RFC
    8058 and gets a plain answer; a person is asked once and presses the button."""
    link, person = _holder(token, needs_choice=True)
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    if request.method == "POST":
        if not one_click and "sure" not in request.POST:
            return _page(request, "stop", token, person, link=link, status=422)
        refused = _say(person, link, agrees=False, source="one_click" if one_click else "link")
        if one_click:
            return HttpResponse(refused or _("Stopped."), content_type="text/plain")
        return _page(request, "stopped", token, person, link=link, refused=refused)
    return _page(request, "stop", token, person, link=link)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, token: str) -> HttpResponse:
    """Agrees again, for whom somebody else has refused."""
    link, person = _holder(token, needs_choice=True)
    if request.method == "POST":
        refused = _say(person, link, agrees=True, source="link")
        return _page(request, "undone", token, person, link=link, refused=refused)
    return _page(request, "undo", token, person, link=link)


@never_cache
@require_safe
def why(request: HttpRequest, token: str) -> HttpResponse:
    """Why somebody got the mail that the link stood in."""
    link, person = _holder(token, needs_choice=True)
    sent = Message.objects.filter(subject_id=person.pk, number=link.number).first()
    if sent is None:
        raise Http404
    line = ledger.of_batch(subject_id=person.pk, batch=sent.batch)
    option = next((o for o in choices.options(person.pk) if o.name == link.choice), None)
    return _page(
        request,
        "why",
        token,
        person,
        link=link,
        sent=sent,
        to=masked(sent.to),
        line=line,
        anchor=anchor_of(line.clause) if line else "",
        option=option,
        how=HOW.get(option.source, "") if option else "",
    )


def masked(address: str) -> str:
    """Enough of an address for its owner to know it, and too little for anybody else."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a link is for: somebody with an account, or an address that follows the policy."""

    pk: UUID
    email: str


def _holder(token: str, *, needs_choice: bool = False) -> tuple[Link, Holder]:
    try:
        link = links.read(token)
    except BadToken as error:
        raise Http404 from error
    address = followers.address_of(link.subject_id)
    if address is None or (needs_choice and not link.choice):
        raise Http404
    return link, Holder(link.subject_id, address)


def _page(
    request: HttpRequest,
    name: str,
    token: str,
    person: Holder,
    *,
    status: int = 200,
    **more: object,
) -> HttpResponse:
    link = cast(Link | None, more.get("link"))
    context = {
        "token": token,
        "address": masked(person.email),
        "label": policies.choice_label(link.choice) if link else "",
        **more,
    }
    return render(request, f"account/{name}.html", context, status=status)


def _say(person: Holder, link: Link, *, agrees: bool, source: Source) -> str:
    """Takes the answer; what stands against it in words, where something does."""
    by = ONE_CLICK if source == "one_click" else LINK
    try:
        choices.say(subject_id=person.pk, choice=link.choice, agrees=agrees, source=source, by=by)
    except Refused as refusal:
        return refusal.message
    return ""


def _take(request: HttpRequest, subject_id: UUID, *, source: Source, by: Actor) -> int:
    """Takes each answer of the form that differs from what holds; says how many did. Only choices
    that the form showed are answered. A no to all is a no to each, also where silence was one
    already: what was said outlives a version that reads silence as a yes."""
    shown, agreed = request.POST.getlist("shown"), request.POST.getlist("yes")
    no_to_all = "none" in request.POST
    if no_to_all:
        agreed = []
    changed = 0
    for option in choices.options(subject_id):
        agrees = option.name in agreed
        said_now = agrees != option.agrees or (no_to_all and option.said_at is None)
        if option.name in shown and said_now:
            choices.say(
                subject_id=subject_id, choice=option.name, agrees=agrees, source=source, by=by
            )
            changed += 1
    return changed


def _said(changed: int) -> str:
    if not changed:
        return _("Nothing had to be changed.")
    return ngettext(
        "Your choice is saved. It holds from the next message on.",
        "{changed} choices are saved. They hold from the next message on.",
        changed,
    ).format(changed=changed)


WAYS = {
    "smtp": (gettext_lazy("By e-mail"), "mail"),
    "postal": (gettext_lazy("By post"), "document"),
    "phone": (gettext_lazy("By phone"), "chat"),
    "web": (gettext_lazy("On this site"), "learn"),
}


def _groups(policy: Policy, options: Iterable[Option]) -> list[Group]:
    """The choices by the way on which they reach a person; the rest is about others."""
    grouped: dict[str, list[Line]] = {}
    for option in options:
        reach = policy.choices[option.name].covers
        own_ways = [way for way in reach.channels if way in WAYS] if reach.channels else []
        line = Line(
            option, str(HOW.get(option.source, "")), browser=policy.choices[option.name].gpc
        )
        grouped.setdefault(own_ways[0] if own_ways else "", []).append(line)
    ordered = sorted(grouped, key=[*WAYS, ""].index)
    others = (gettext_lazy("What others get"), "eye")
    return [
        Group(str(title), icon, grouped[way])
        for way in ordered
        for title, icon in [WAYS.get(way, others)]
    ]


urlpatterns = [path("choices/", own, name="choices")]
link_urlpatterns = [
    path("choices/<str:token>/", by_link, name="by_link"),
    path("choices/<str:token>/stop/", stop, name="stop"),
    path("choices/<str:token>/undo/", undo, name="undo"),
    path("choices/<str:token>/why/", why, name="why"),
]
