"""Cases: what people ask of the provider, and by when they are owed an answer."""

from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from creditable.audit.clock import Now
from creditable.audit.guard import AppendOnly
from creditable.disclosure.models import Subject
from creditable.lib.ids import uuid7


class NextNumber(Func):
    """The next case number. Numbers may have gaps: a case that was rolled back keeps its own."""

    template = "nextval('support_case_number')"
    output_field = models.PositiveIntegerField()


class Topic(models.TextChoices):
    BUYING = "buying", _("A course, before I buy it")
    LEARNING = "learning", _("A course I am taking")
    CREDIT = "credit", _("Credit, a certificate or a report to my authority")
    ORDER = "order", _("An order or a refund")
    PRIVACY = "privacy", _("My data and privacy")
    COMPLAINT = "complaint", _("A complaint")
    OTHER = "other", _("Something else")


class State(models.TextChoices):
    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", _("Closed")


class Case(models.Model):
    """Something a person told or asked us. `subject` is empty for someone without an account, or
    not signed in when writing; `email` is where the answer goes, as it was typed. `due` is the
    last day on which the first answer is in time.

    Who wrote and what they wrote is read by the member of staff who has the case (`owner`, since
    `taken_at`); anybody else says why, and the writer is told (`Opening`).

    `key` was minted with the form: the same form sent twice opens one case."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    number = models.PositiveIntegerField(unique=True, db_default=NextNumber())
    key = models.UUIDField(unique=True)
    subject = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="cases")
    name = models.CharField(max_length=120)
    email = models.EmailField(max_length=254)
    topic = models.CharField(max_length=12, choices=Topic.choices)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField(db_default=Now())
    due = models.DateField()
    owner = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(owner=None, taken_at=None)
                | Q(owner__isnull=False, taken_at__isnull=False),
                name="support_case_taken_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(body=""), name="support_case_says_something"),
            models.CheckConstraint(
                condition=Q(topic__in=Topic.values), name="support_case_topic_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="support_case_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["due"], condition=Q(state="open"), name="support_case_open"),
            models.Index(Upper("email"), "opened_at", name="support_case_sender"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """The number as people quote it."""
        return f"C-{self.number}"


class Opening(AppendOnly):
    """A case that was opened by somebody who does not have it, with the reason they gave. Its
    writer is told."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(db_default=Now())
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="openings")
    by = models.UUIDField()
    reason = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="support_opening_says_why"),
        ]
