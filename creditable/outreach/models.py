"""Campaigns and whom each one reaches; lists that agencies rent."""

from django.db import models
from django.db.models import Q

from creditable.audit.clock import Now
from creditable.audit.guard import AppendOnly
from creditable.disclosure.models import Contract, Subject
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


class Rental(models.Model):
    """An order of an agency for a list, under its contract: what it offers to those on the list
    (`offer`), for one use on `use_on`, at most `limit` names. Somebody other than who took the
    order finds that the offer is of an appropriate and related purpose, or refuses it."""

    class State(models.TextChoices):
        ORDERED = "ordered"
        APPROVED = "approved"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid7)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    offer = models.TextField()
    use_on = models.DateField()
    limit = models.PositiveIntegerField()
    ordered_at = models.DateTimeField(db_default=Now())
    ordered_by = models.UUIDField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.ORDERED)
    vetted_at = models.DateTimeField(null=True)
    vetted_by = models.UUIDField(null=True)
    finding = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="ordered", vetted_by=None, vetted_at=None)
                | (
                    ~Q(state="ordered")
                    & Q(vetted_by__isnull=False, vetted_at__isnull=False)
                    & ~Q(finding="")
                ),
                name="outreach_rental_vetted",
            ),
            models.CheckConstraint(
                condition=Q(vetted_by=None) | ~Q(vetted_by=models.F("ordered_by")),
                name="outreach_rental_vetted_by_another",
            ),
            models.CheckConstraint(condition=Q(limit__gt=0), name="outreach_rental_some_names"),
        ]


class Decoy(models.Model):
    """A name at an address of ours that stands among the others in each list: what is mailed to it
    shows what became of the list."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    entered_at = models.DateTimeField(db_default=Now())
    name = models.CharField(max_length=120)
    street = models.CharField(max_length=140)
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=2)
    postal_code = models.CharField(max_length=10)
    ended_at = models.DateTimeField(null=True)


class RentedList(AppendOnly):
    """The list as it was handed over, encrypted, with the batch of its lines in the ledger. Its
    decoys bear `mark` in their street, so that a letter tells which list it came from."""

    rental = models.OneToOneField(Rental, on_delete=models.PROTECT, primary_key=True)
    at = models.DateTimeField(db_default=Now())
    by = models.UUIDField()
    batch = models.UUIDField(unique=True)
    names = models.PositiveIntegerField()
    decoys = models.PositiveIntegerField()
    mark = models.CharField(max_length=8, unique=True)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)


class Recall(AppendOnly):
    """A list that its agency must not use any more and has to destroy, and why."""

    listed = models.OneToOneField(RentedList, on_delete=models.PROTECT, primary_key=True)
    at = models.DateTimeField(db_default=Now())
    by = models.UUIDField()
    why = models.TextField()


class Banner(models.Model):
    """An advertiser's picture that leads to their site, from `begins` through `ends`. The picture
    lies here, the same for everybody; nothing notes who saw it or who followed it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    entered_at = models.DateTimeField(db_default=Now())
    advertiser = models.CharField(max_length=120)
    says = models.CharField(max_length=200)
    address = models.URLField(max_length=300)
    begins = models.DateField()
    ends = models.DateField()
    content_type = models.CharField(max_length=10)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    picture = models.BinaryField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gte=models.F("begins")), name="outreach_banner_dates"
            ),
            models.CheckConstraint(
                condition=Q(content_type__in=("image/png", "image/jpeg")),
                name="outreach_banner_picture",
            ),
        ]
