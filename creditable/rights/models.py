"""Policies that are being written, and who hears of them without an account."""

from django.db import models
from django.db.models.functions import Lower

from creditable.audit.clock import Now
from creditable.disclosure.models import Subject
from creditable.lib.ids import uuid7


class Draft(models.Model):
    """A version of the policy that somebody is writing: its YAML files by name. It binds nobody;
    once published it is gone, since the published version holds it all."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    begun_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(unique=True)
    files = models.JSONField()


class Follower(models.Model):
    """An address without an account that asked to hear of new versions of the policy. Whether it
    still wants to stands in the subject's answers; `confirmed_at` is when it first said yes by the
    link in the mail."""

    subject = models.OneToOneField(
        Subject, primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    email = models.EmailField(max_length=254)
    asked_at = models.DateTimeField(db_default=Now())
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="rights_follower_one_address"),
        ]
