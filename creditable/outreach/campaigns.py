"""Campaigns: written, looked at, sent to those who want them, one person a transaction.

Nobody is asked whether they may be written to but the gate, at the moment when their mail is
queued. So a no that is said while a campaign is on its way holds for the very next message, and
what is queued already is taken back. A campaign that was interrupted goes on with whoever waits.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import Now, now
from creditable.disclosure import gate, policies
from creditable.jobs import enqueue
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.mail import addresses, post
from creditable.mail.kinds import Kind
from creditable.mail.models import DeadAddress
from creditable.outreach.models import Campaign, Recipient
from creditable.outreach.releases import TOPICS
from creditable.people.models import License, Person

State = Campaign.State
AT_ONCE = 100
"""Messages that one run of the job queues; the next run goes on."""
PORTION = 5_000


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom a campaign would reach if it were begun now, and why others are left out."""

    receiving: int
    left_out: Mapping[str, int]


def topics() -> Mapping[str, str]:
    """The topics that the policy in force has, by their choice, with what people call them."""
    choices = policies.current().choices
    return {name: choices[name].label for name in TOPICS if name in choices}


@transaction.atomic
def write(
    *, campaign: Campaign | None, topic: str, authority: str, headline: str, text: str, by: Actor
) -> Campaign:
    """A new draft, or a draft written anew. What was begun is not changed any more."""
    if topic not in topics():
        raise Refused(_("Our policy knows no such mail."), field="topic")
    said = {
        "topic": topic,
        "authority": authority,
        "headline": " ".join(headline.split()),
        "text": text.strip(),
    }
    if campaign is None:
        campaign = Campaign.objects.create(**said)
    elif not Campaign.objects.filter(pk=campaign.pk, state=State.DRAFT).update(
        **said, written_at=Now()
    ):
        raise Refused(_("This campaign has begun: what it says stays as it is."), code="begun")
    campaign.refresh_from_db()
    trail.record(verb="campaigns.write", by=by, noun="campaign", noun_id=campaign.pk)
    return campaign


def aimed_at(campaign: Campaign) -> QuerySet[Person]:
    """Everybody it is meant for, whether they want it or not."""
    people = Person.objects.filter(is_active=True)
    if campaign.authority:
        licensed = License.objects.filter(authority=campaign.authority)
        people = people.filter(pk__in=licensed.values("subject_id"))
    return people


def preview(campaign: Campaign) -> Preview:
    """Asks the gate about everybody; writes nothing."""
    receiving = 0
    left_out: Counter[str] = Counter()
    for portion in _portions(aimed_at(campaign)):
        ruling = gate.Ruling(TOPICS[campaign.topic].template, [pk for pk, _email in portion])
        dead = _dead([pk for pk, _email in portion])
        decided: dict[Any, gate.Decision] = {}
        for pk, email in portion:
            said = ruling.said(pk)
            if said not in decided:
                decided[said] = ruling.decide(("email", "name"), said)
            if not decided[said].allowed:
                left_out[decided[said].reason] += 1
            elif (pk, email.lower()) in dead:
                left_out[_unreachable()] += 1
            else:
                receiving += 1
    return Preview(receiving, dict(left_out.most_common()))


def _portions(people: QuerySet[Person]) -> Iterator[list[tuple[UUID, str]]]:
    rows = people.order_by("pk").values_list("pk", "email")
    last = None
    while portion := list((rows.filter(pk__gt=last) if last else rows)[:PORTION]):
        yield portion
        last = portion[-1][0]


def _dead(people: list[UUID]) -> set[tuple[UUID, str]]:
    rows = DeadAddress.objects.filter(subject_id__in=people, cleared_at=None)
    return {(pk, address.lower()) for pk, address in rows.values_list("subject_id", "address")}


def _unreachable() -> str:
    return _("no mail reaches their address")


@transaction.atomic
def start(*, campaign: Campaign, by: Actor) -> None:
    """Begins to send. Who it is meant for is settled now; whether each of them wants it, when
    their turn comes."""
    _turn(campaign, State.DRAFT, State.SENDING, started_at=Now())
    people = aimed_at(campaign).order_by("pk").values_list("pk", flat=True)
    Recipient.objects.bulk_create(
        (Recipient(campaign=campaign, subject_id=pk) for pk in people.iterator()),
        batch_size=PORTION,
    )
    trail.record(verb="campaigns.start", by=by, noun="campaign", noun_id=campaign.pk)
    _go_on(campaign.pk)


@transaction.atomic
def pause(*, campaign: Campaign, by: Actor) -> None:
    """Nobody else is written to until it is resumed."""
    _turn(campaign, State.SENDING, State.PAUSED)
    trail.record(verb="campaigns.pause", by=by, noun="campaign", noun_id=campaign.pk)


@transaction.atomic
def resume(*, campaign: Campaign, by: Actor) -> None:
    _turn(campaign, State.PAUSED, State.SENDING)
    trail.record(verb="campaigns.resume", by=by, noun="campaign", noun_id=campaign.pk)
    _go_on(campaign.pk)


def _turn(campaign: Campaign, before: str, after: str, **more: object) -> None:
    found = Campaign.objects.filter(pk=campaign.pk, state=before)
    if not found.update(state=after, **more):
        raise Refused(
            _("The campaign has gone on meanwhile. Look at it again. Nothing was changed."),
            code="state",
        )


def _go_on(campaign_id: UUID) -> None:
    enqueue("outreach.send", {"campaign_id": str(campaign_id)}, key=f"outreach.send:{campaign_id}")


def send(*, campaign_id: UUID, by: Actor) -> None:
    """Writes to the next people, and comes back for the rest. Doing it again writes to nobody
    twice."""
    for _time in range(AT_ONCE):
        if not _send_one(campaign_id, by):
            return
    _go_on(campaign_id)


@transaction.atomic
def _send_one(campaign_id: UUID, by: Actor) -> bool:
    """One person; False when there is nobody left, or the campaign is not on its way."""
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)
    if campaign.state != State.SENDING:
        return False
    waiting = Recipient.objects.filter(campaign=campaign, outcome="").order_by("subject_id")
    recipient = waiting.first()
    if recipient is None:
        Campaign.objects.filter(pk=campaign.pk).update(state=State.DONE, finished_at=Now())
        return False
    reason = _write_to(recipient.subject_id, campaign, TOPICS[campaign.topic], by)
    outcome = Recipient.Outcome.LEFT_OUT if reason else Recipient.Outcome.SENT
    Recipient.objects.filter(pk=recipient.pk).update(outcome=outcome, reason=reason[:300], at=now())
    return True


def _write_to(subject_id: UUID, campaign: Campaign, kind: Kind, by: Actor) -> str:
    """Empty when the mail is queued, else why it is not."""
    person = Person.objects.filter(pk=subject_id, is_active=True).first()
    if person is None:
        return _("the account is gone")
    if addresses.is_dead(subject_id=subject_id, address=person.email):
        return _unreachable()
    values = {"name": person.name, "headline": campaign.headline, "text": campaign.text}
    try:
        post.send(
            kind=kind,
            subject_id=subject_id,
            to=person.email,
            values=values,
            by=by,
            key=f"campaign:{campaign.pk}:{subject_id}",
        )
    except gate.Denied as denied:
        return str(denied)
    return ""


def progress(campaign: Campaign) -> Mapping[str, int]:
    """How many were written to (`sent`), left out (`left_out`) and wait (empty)."""
    counted = campaign.recipients.values_list("outcome").annotate(Count("pk")).order_by()
    return dict(counted)


def left_out(campaign: Campaign) -> Mapping[str, int]:
    """Why people were left out, most frequent first."""
    rows = campaign.recipients.filter(outcome=Recipient.Outcome.LEFT_OUT)
    counted = rows.values_list("reason").annotate(many=Count("pk")).order_by("-many", "reason")
    return dict(counted)
