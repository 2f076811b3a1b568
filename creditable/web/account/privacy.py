"""/account/privacy/: who got what about you, when, why, and under which sentence."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.disclosure import ledger, policies, templates
from creditable.disclosure.ledger import LedgerLine
from creditable.people.access import SignedRequest
from creditable.policy.contents import Policy, anchor_of

STATUS = {
    "queued": ("Waiting to leave", "plain"),
    "sent": ("Sent", "plain"),
    "confirmed": ("Received", "good"),
    "refused": ("Refused by the recipient", "warn"),
    "unknown": ("Sent, not known whether received", "warn"),
    "void": ("Taken back, never sent", "plain"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A release in the person's words."""

    entry: LedgerLine
    recipient: str
    purpose: str
    channel: str
    fields: tuple[str, ...]
    status: str
    tone: str
    anchor: str


@login_required
@require_safe
def privacy(request: SignedRequest) -> HttpResponse:
    policy = policies.current()
    lines = [_worded(entry, policy) for entry in ledger.of(request.user.pk)]
    return render(request, "account/privacy.html", {"lines": lines, "policy": policy})


def _worded(entry: LedgerLine, policy: Policy) -> Line:
    recipient = policy.recipients.get(entry.recipient)
    purpose = policy.purposes.get(entry.purpose)
    status, tone = STATUS[entry.status]
    return Line(
        entry=entry,
        recipient=recipient.label if recipient else entry.recipient,
        purpose=purpose.label if purpose else entry.purpose,
        channel=policy.channels.get(entry.channel, entry.channel),
        fields=_categories(entry, policy),
        status=status,
        tone=tone,
        anchor=anchor_of(entry.clause),
    )


def _categories(entry: LedgerLine, policy: Policy) -> tuple[str, ...]:
    """The fields as the policy calls them, each kind once."""
    template = templates.registered().get(entry.template)
    known = template.fields if template else {}
    named = (policy.categories.get(known.get(field, ""), field) for field in entry.fields)
    return tuple(dict.fromkeys(named))


urlpatterns = [path("privacy/", privacy, name="privacy")]
