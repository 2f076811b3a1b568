"""Campaigns, and whom each one reaches."""

from django.db import models
from django.db.models import Q

from creditable.audit.clock import Now
from creditable.disclosure.models import Subject
from creditable.lib.ids import uuid7


class Campaign(models.Model):
    """One mailing to many, by `topic`: the choice of the policy by which people want it or not.
    `authority` narrows it to those who hold a license of that authority. It may be written while
    it is a draft; once begun, what it says stays as it is."""

    class State(models.TextChoices):
        DRAFT = "draft"
        SENDING = "sending"
        PAUSED = "paused"
        DONE = "done"

    id = models.UUIDField(primary_key=True, default=uuid7)
    topic = models.CharField(max_length=80)
    authority = models.CharField(max_length=60, blank=True)
    headline = models.CharField(max_length=160)
    text = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    written_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft", started_at=None)
                | (~Q(state="draft") & Q(started_at__isnull=False)),
                name="outreach_campaign_begun",
            ),
            models.CheckConstraint(
                condition=Q(state="done", finished_at__isnull=False)
                | (~Q(state="done") & Q(finished_at=None)),
                name="outreach_campaign_finished",
            ),
        ]


class Recipient(models.Model):
    """Somebody whom a campaign was begun for: written to once, or left out and why. Nothing yet
    while `outcome` is empty."""

    class Outcome(models.TextChoices):
        SENT = "sent"
        LEFT_OUT = "left_out"

    id = models.UUIDField(primary_key=True, default=uuid7)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="recipients")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "subject"], name="outreach_recipient_once"),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "subject"],
                condition=Q(outcome=""),
                name="outreach_recipient_waiting",
            ),
        ]
