"""/account/privacy/: who got what about you, when, why, and under which sentence."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from creditable.audit import prepared
from creditable.disclosure import choices, ledger, policies, proofs, templates
from creditable.disclosure.ledger import LedgerLine
from creditable.disclosure.models import Hold
from creditable.mail import archive
from creditable.people.access import SignedRequest
from creditable.policy.contents import Policy, anchor_of
from creditable.web.ui.templatetags.ui import Bar

STATUS = {
    "queued": (gettext_lazy("Waiting to leave"), "plain"),
    "sent": (gettext_lazy("Sent"), "plain"),
    "confirmed": (gettext_lazy("Received"), "good"),
    "refused": (gettext_lazy("Refused by the recipient"), "warn"),
    "unknown": (gettext_lazy("Sent, not known whether received"), "warn"),
    "void": (gettext_lazy("Taken back, never sent"), "plain"),
    "recalled": (gettext_lazy("Recalled: it must not be used any more"), "warn"),
}


ICONS = {"self": "mail", "payment": "receipt", "authority": "license", "public_verifier": "eye"}


@dataclass(frozen=True, slots=True)
class Line:
    """A release in the person's words. `title` is what a mail was about, else empty."""

    entry: LedgerLine
    title: str
    recipient: str
    purpose: str
    channel: str
    fields: tuple[str, ...]
    status: str
    tone: str
    anchor: str
    icon: str
    may_stop: bool
    place: int | None


@login_required
@require_safe
def privacy(request: SignedRequest) -> HttpResponse:
    policy = policies.current()
    entries = ledger.of(request.user.pk)
    left = [entry.batch for entry in entries if entry.channel == "smtp"]
    mails = archive.titles(subject_id=request.user.pk, batches=left)
    titles = {batch: title or _("A mail with a code") for batch, title in mails.items()}
    lines = [_worded(entry, policy, titles.get(entry.batch, "")) for entry in entries]
    context = {
        "lines": lines,
        "held": bool(_held(request.user.pk)),
        "recipients": _by_recipient(lines),
        "recipients_caption": _("Who got something, by lines below"),
    }
    return render(request, "account/privacy.html", context)


@login_required
@require_safe
@never_cache
def proof(request: SignedRequest) -> HttpResponse:
    """One's own lines, each with its path to the root, to be checked without us."""
    content = proofs.of(request.user.pk)
    answer = JsonResponse(content, json_dumps_params={"indent": 1, "ensure_ascii": False})
    answer["Content-Disposition"] = 'attachment; filename="ledger-proof.json"'
    return answer


@prepared.query
def _held(subject_id: UUID) -> QuerySet[Hold, UUID]:
    held = Hold.objects.filter(subject_id=subject_id, lifted_at=None)
    return held.values_list("subject_id", flat=True)[:1]


def _by_recipient(lines: Sequence[Line]) -> list[Bar]:
    """How many releases each recipient got, most first."""
    counted = Counter(line.recipient for line in lines)
    return [
        Bar(f"{recipient[:1].upper()}{recipient[1:]}", 100 * times / len(lines), str(times))
        for recipient, times in counted.most_common()
    ]


def _worded(entry: LedgerLine, policy: Policy, title: str) -> Line:
    recipient = policy.recipients.get(entry.recipient)
    purpose = policy.purposes.get(entry.purpose)
    status, tone = STATUS[entry.status]
    return Line(
        entry=entry,
        title=title,
        recipient=recipient.label if recipient else entry.recipient,
        purpose=purpose.label if purpose else entry.purpose,
        channel=policy.channels.get(entry.channel, entry.channel),
        fields=_categories(entry, policy),
        status=str(status),
        tone=tone,
        anchor=anchor_of(entry.clause),
        icon=ICONS.get(entry.recipient.partition(".")[0], "send"),
        place=None if entry.index is None else entry.index + 1,
        may_stop=bool(purpose and purpose.basis in choices.REFUSABLE and entry.recipient != "self"),
    )


def _categories(entry: LedgerLine, policy: Policy) -> tuple[str, ...]:
    """The fields as the policy calls them, each kind once."""
    template = templates.registered().get(entry.template)
    known = template.fields if template else {}
    named = (policy.categories.get(known.get(field, ""), field) for field in entry.fields)
    return tuple(dict.fromkeys(named))


urlpatterns = [
    path("privacy/", privacy, name="privacy"),
    path("privacy/proof.json", proof, name="privacy_proof"),
]
