"""The archive of what was said to whom, and what came in from outside."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from creditable.audit.clock import Now
from creditable.audit.guard import AppendOnly
from creditable.lib.ids import uuid7


class Message(AppendOnly):
    """One mail as it was queued for a person. The text of a kind that carries a code is not
    kept. `batch` leads to its ledger line and to what became of it. `number` names it in the
    addresses for replies and reports, `to` is the address it went to, `choice` the choice of the
    policy by which it can be refused."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(db_default=Now())
    subject = models.ForeignKey("disclosure.Subject", on_delete=models.PROTECT)
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True)
    batch = models.UUIDField()
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    number = models.CharField(max_length=12, blank=True)
    message_id = models.CharField(max_length=250, blank=True)
    to = models.EmailField(max_length=254, blank=True)
    choice = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "number"],
                condition=~models.Q(number=""),
                name="mail_message_one_number",
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "-at"], name="mail_message_subject"),
            models.Index(
                fields=["message_id"],
                condition=~models.Q(message_id=""),
                name="mail_message_message_id",
            ),
        ]


class Arrival(models.Model):
    """A message that came in from outside. `digest` tells it from every other, so that one which
    is handed over twice is read once. `raw` and the envelope are blanked as soon as it has been
    read; `meaning` is what it was found to be, `subject` whom it concerns where that is known."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(db_default=Now())
    digest = models.CharField(max_length=64, unique=True)
    sender = models.CharField(max_length=320, blank=True)
    recipients = ArrayField(models.CharField(max_length=320), default=list)
    raw = models.BinaryField(default=bytes)
    meaning = models.CharField(max_length=20, blank=True)
    subject = models.ForeignKey("disclosure.Subject", null=True, on_delete=models.PROTECT)
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(handled_at__isnull=True) | models.Q(raw=b"", sender=""),
                name="mail_arrival_blank_once_handled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["at"],
                condition=models.Q(handled_at__isnull=True),
                name="mail_arrival_waiting",
            ),
        ]


class DeadAddress(models.Model):
    """An address of a person's to which no mail can be delivered, as its mail server said. It
    ends (`cleared_at`) when mail to it was seen to arrive, or the person took another address."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    since = models.DateTimeField(db_default=Now())
    subject = models.ForeignKey("disclosure.Subject", on_delete=models.PROTECT)
    address = models.EmailField(max_length=254)
    status = models.CharField(max_length=20, blank=True)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "address"],
                condition=models.Q(cleared_at__isnull=True),
                name="mail_deadaddress_once",
            ),
        ]
