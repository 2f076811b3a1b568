"""The trail of what was done, and the offset of the demo's clock."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from creditable.audit.clock import Now
from creditable.audit.guard import AppendOnly
from creditable.lib.ids import uuid7


class ClockOffset(models.Model):
    """At most one row: the seconds that `creditable_now()` runs ahead. Only the demo and tests
    have it; production refuses to start while it exists."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seconds = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="audit_clockoffset_one_row"),
            models.CheckConstraint(
                condition=models.Q(seconds__gte=0), name="audit_clockoffset_forward"
            ),
        ]


class Event(AppendOnly):
    """One thing that somebody did: which verb, on what, by whom. `detail` holds facts about the
    deed (counts, states, field names), never a person's data. `about` is the subject whose
    record was touched, where there is one."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(db_default=Now())
    verb = models.CharField(max_length=80)
    noun = models.CharField(max_length=40)
    noun_id = models.CharField(max_length=80)
    about = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=40, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["noun", "noun_id"], name="audit_event_noun"),
            models.Index(fields=["about", "at"], name="audit_event_about"),
            BrinIndex(fields=["at"], name="audit_event_at"),
        ]
