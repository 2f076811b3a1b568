"""Policies that are being written."""

from django.db import models

from creditable.audit.clock import Now
from creditable.lib.ids import uuid7


class Draft(models.Model):
    """A version of the policy that somebody is writing: its YAML files by name. It binds nobody;
    once published it is gone, since the published version holds it all."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    begun_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(unique=True)
    files = models.JSONField()
