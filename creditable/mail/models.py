"""The archive of what was said to whom."""

from django.db import models

from creditable.audit.clock import Now
from creditable.audit.guard import AppendOnly
from creditable.lib.ids import uuid7


class Message(AppendOnly):
    """One mail as it was queued for a person. The text of a kind that carries a code is not
    kept. `batch` leads to its ledger line and to what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(db_default=Now())
    subject = models.ForeignKey("disclosure.Subject", on_delete=models.PROTECT)
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True)
    batch = models.UUIDField()
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["subject", "-at"], name="mail_message_subject")]
