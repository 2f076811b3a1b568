"""Subjects, published policies, what people said to them, contracts, the ledger of releases and its
seals, the outbox and its replies."""

import os

from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _

from creditable.audit.clock import Now
from creditable.audit.guard import AppendOnly
from creditable.lib.ids import uuid7


def random_key() -> bytes:
    return os.urandom(32)


class NextMatter(Func):
    """The next number of a legal matter."""

    template = "nextval('disclosure_matter_number')"
    output_field = models.PositiveIntegerField()


class Subject(models.Model):
    """A human being, as a random id: what every other row points to. Who it is stands in
    `people`; when that is erased, this id remains and means nobody.

    `digest_key` keys the digests in this subject's ledger rows. `lock` holds nothing: the
    right to update it lets the sender lock the row without being able to change it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    created_at = models.DateTimeField(db_default=Now())
    digest_key = models.BinaryField(default=random_key)
    lock = models.SmallIntegerField(default=0)


class PolicyVersion(AppendOnly):
    """A privacy policy as published: the canonical JSON that people read and the gate runs.
    `columns` gives the category that each place of personal data had then, `table.column` or
    `table.column.key`, so that a later version can be compared with it column by column."""

    version = models.PositiveIntegerField(primary_key=True)
    effective = models.DateField()
    published_at = models.DateTimeField(db_default=Now())
    sha256 = models.CharField(max_length=64, unique=True)
    canonical = models.BinaryField()
    columns = models.JSONField(default=dict)


class Standing(models.Model):
    """What holds for a person now: their latest answer to each choice of the policy (true is a
    yes). Who never answered has no row. How it came to be is told by `Answer`."""

    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, primary_key=True)
    answers = models.JSONField(default=dict)


class Answer(AppendOnly):
    """A person's yes or no to a choice of the policy: the receipt of a consent, of its withdrawal,
    of an objection. `source` is how it reached us (account, link, one_click, reply, gpc, staff,
    need), `words` what they said or the sentence they were asked."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(db_default=Now())
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="answers")
    choice = models.CharField(max_length=80)
    agrees = models.BooleanField()
    source = models.CharField(max_length=20)
    words = models.TextField(blank=True)
    policy_version = models.PositiveIntegerField()
    policy_sha256 = models.CharField(max_length=64)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [models.Index(fields=["subject", "-at"], name="disclosure_answer_subject")]


class Objection(models.Model):
    """What a person does not want, in the widest reading: `reach` are the sides of
    `policy.contents.Reach` that have names. It says nothing of rules, so that it outlives every
    wording of them. `choice` is the choice that was refused, empty for a stop at one recipient.
    Withdrawn only by the person's own yes."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(db_default=Now())
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="objections")
    reach = models.JSONField()
    choice = models.CharField(max_length=80, blank=True)
    words = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "choice"],
                condition=models.Q(withdrawn_at__isnull=True) & ~models.Q(choice=""),
                name="disclosure_objection_one_per_choice",
            ),
        ]
        indexes = [
            models.Index(
                fields=["subject"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="disclosure_objection_open",
            ),
        ]


class Hold(models.Model):
    """One cell that stays shut for one person until they say yes. `version` is the policy that
    would have opened it, None where the person stopped it themselves. `told_at` is when we wrote
    to them; silence keeps the hold, and so does a no (`answered_at`)."""

    id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    at = models.DateTimeField(db_default=Now())
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="holds")
    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="holds")
    version = models.PositiveIntegerField(null=True)
    category = models.CharField(max_length=80)
    recipient = models.CharField(max_length=80)
    purpose = models.CharField(max_length=80)
    channel = models.CharField(max_length=80)
    group = models.CharField(max_length=80)
    told_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "category", "recipient", "purpose", "channel", "group"],
                condition=models.Q(lifted_at__isnull=True),
                name="disclosure_hold_once",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True) | models.Q(answered_at__isnull=False),
                name="disclosure_hold_lifted_by_an_answer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["version", "subject"],
                condition=models.Q(told_at__isnull=True),
                name="disclosure_hold_untold",
            ),
        ]


class Contract(models.Model):
    """A contract under which a recipient of the policy gets something: with whom, the signed
    document, for which categories (each covers all below it), in which region, from when until
    when (None: until it is ended)."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    recorded_at = models.DateTimeField(db_default=Now())
    recipient = models.CharField(max_length=80)
    party = models.CharField(max_length=200)
    categories = ArrayField(models.CharField(max_length=80))
    region = models.CharField(max_length=80)
    begins = models.DateField()
    ends = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    filename = models.CharField(max_length=200)
    document = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends__isnull=True) | models.Q(ends__gte=models.F("begins")),
                name="disclosure_contract_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["recipient"], name="disclosure_contract_recipient")]


class Matter(AppendOnly):
    """A demand of the law, or somebody's safety, as it was opened: who demands (`authority`, and
    where it is reached), under which reference, the document, and what it names: people and
    categories of data. Never changed, so that what is released is what was approved.

    `document` is encrypted; `sha256` is that of the document itself. `expires` is the last day on
    which it may be obeyed. While `hidden_until` has not come, the people are not told."""

    class Kind(models.TextChoices):
        COURT_ORDER = "court_order", _("A court order")
        SUBPOENA = "subpoena", _("A subpoena")
        POLICE = "police", _("A request of the police or another authority")
        SAFETY = "safety", _("Protecting somebody's life or safety")

    id = models.UUIDField(primary_key=True, default=uuid7)
    number = models.PositiveIntegerField(unique=True, db_default=NextMatter())
    opened_at = models.DateTimeField(db_default=Now())
    opened_by = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    authority = models.CharField(max_length=200)
    reached_at = models.CharField(max_length=300)
    reference = models.CharField(max_length=120)
    filename = models.CharField(max_length=200)
    document = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    people = ArrayField(models.UUIDField())
    categories = ArrayField(models.CharField(max_length=80))
    expires = models.DateField()
    hidden_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(people__len__gt=0) & models.Q(categories__len__gt=0),
                name="disclosure_matter_names_somebody_and_something",
            ),
        ]

    @property
    def code(self) -> str:
        """The number as people quote it."""
        return f"L-{self.number}"


class MatterWord(AppendOnly):
    """What somebody of the staff said to a matter. Two different people approve it before anything
    leaves (a trigger on the ledger asks for both), one refusal ends it, and its silence is lifted
    once."""

    class Kind(models.TextChoices):
        APPROVED = "approved"
        REFUSED = "refused"
        LIFTED = "lifted"

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(db_default=Now())
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="words")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    by = models.UUIDField()
    words = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "by"],
                condition=models.Q(kind="approved"),
                name="disclosure_matter_approved_once_by_each",
            ),
            models.UniqueConstraint(
                fields=["matter", "kind"],
                condition=~models.Q(kind="approved"),
                name="disclosure_matter_ended_once",
            ),
        ]


class Handover(AppendOnly):
    """What was released under a matter: the file that was handed over, encrypted, and the batch of
    its lines in the ledger. A matter has one."""

    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, primary_key=True)
    at = models.DateTimeField(db_default=Now())
    by = models.UUIDField()
    batch = models.UUIDField(unique=True)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)


class Withheld(models.Model):
    """Something that did not leave: which release, about whom, and the reason in the words of the
    policy. The office sees it; it is settled when the same release has left after all, or when
    somebody has looked after it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(db_default=Now())
    key = models.CharField(max_length=200)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT)
    template = models.CharField(max_length=60)
    recipient = models.CharField(max_length=80)
    reason = models.TextField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "subject"], name="disclosure_withheld_once"),
        ]
        indexes = [
            models.Index(
                fields=["-at"],
                condition=models.Q(settled_at__isnull=True),
                name="disclosure_withheld_open",
            ),
        ]


class Alarm(models.Model):
    """Something that must never be and was found: by the nightly look at the ledger, say. It rings
    once until somebody has looked after it."""

    class Kind(models.TextChoices):
        LEDGER = "ledger"
        CONNECTIONS = "connections"
        IDENTITY = "identity"
        MAIL = "mail"

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=20, choices=Kind.choices)
    words = models.CharField(max_length=500)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "words"],
                condition=models.Q(settled_at__isnull=True),
                name="disclosure_alarm_once",
            ),
        ]


class Outbox(models.Model):
    """A message that the sender will carry out of the house, once. Only the gate writes here.

    `channel` and `destination` say how and to whom (a name that the sender's settings
    resolve), `head` and `body` are the message itself and are blanked once it is settled.
    `topic` and `reference` tell whose answer it is. `batch` ties it to its ledger rows."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    key = models.CharField(max_length=200, unique=True)
    topic = models.CharField(max_length=60)
    reference = models.CharField(max_length=250, blank=True)
    batch = models.UUIDField(unique=True)
    channel = models.CharField(max_length=12)
    destination = models.CharField(max_length=60)
    head = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())
    not_before = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    settled = models.BooleanField(default=False)
    lock = models.SmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=models.Q(settled=False),
                name="disclosure_outbox_open",
            ),
        ]


class Reply(models.Model):
    """What came of one attempt to send a message. The sender writes it; the program marks it
    handled. Every outcome but `retry` is final, and a message has one final outcome."""

    class Outcome(models.TextChoices):
        DELIVERED = "delivered"
        REFUSED = "refused"
        RETRY = "retry"
        UNKNOWN = "unknown"
        VOID = "void"

    id = models.UUIDField(primary_key=True, default=uuid7)
    outbox = models.ForeignKey(Outbox, on_delete=models.PROTECT, related_name="replies")
    attempt = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=Now())
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    status = models.PositiveIntegerField(null=True)
    head = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)
    error = models.CharField(max_length=300, blank=True)
    retry_at = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["outbox", "attempt"], name="disclosure_reply_attempt"),
            models.UniqueConstraint(
                fields=["outbox"],
                condition=~models.Q(outcome="retry"),
                name="disclosure_reply_one_final",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="retry", retry_at__isnull=False)
                | (~models.Q(outcome="retry") & models.Q(retry_at__isnull=True)),
                name="disclosure_reply_retry_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["at"],
                condition=models.Q(handled_at__isnull=True) & ~models.Q(outcome="retry"),
                name="disclosure_reply_unhandled",
            ),
        ]


class Connection(AppendOnly):
    """A connection that the sender has opened, as its process was seen to open it: for which
    message or on which errand (neither: nobody knows what for), where to, and how many bytes went
    and came. The one errand is to look into the mailbox."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(db_default=Now())
    outbox_id = models.UUIDField(null=True)
    errand = models.CharField(max_length=20, blank=True, db_default="")
    host = models.CharField(max_length=80)
    port = models.PositiveIntegerField()
    sent = models.BigIntegerField(null=True)
    received = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["outbox_id"], name="disclosure_connection_message"),
            models.Index(fields=["at"], name="disclosure_connection_at"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(errand="") | models.Q(errand="mailbox", outbox_id__isnull=True),
                name="disclosure_connection_errand",
            ),
        ]


class Collected(AppendOnly):
    """A message of the mailbox that has been taken in, or can never be: by the number that the
    mailbox gave it (UID), which is good for as long as the mailbox keeps counting (UIDVALIDITY).
    `refused` is why it can never be taken."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(db_default=Now())
    mailbox = models.CharField(max_length=300)
    validity = models.BigIntegerField()
    uid = models.BigIntegerField()
    refused = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "validity", "uid"], name="disclosure_collected_once"
            ),
        ]


class Release(AppendOnly):
    """A line of the ledger: one person's data left the house once. Field names, never values;
    `digest` is a keyed hash of the values under the subject's own key, so that the person can
    prove what was in it while nobody else can guess. `choices` are those that the person refused
    then, `contract_id` the contract under which the recipient got it, `matter_id` the legal matter
    that demanded it. `visible_from` is when the person may see it; a line of a matter also once its
    silence is lifted. The gate has locked the subject, so no key has to make sure that it is
    there."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(db_default=Now())
    subject = models.ForeignKey(
        Subject,
        on_delete=models.PROTECT,
        related_name="releases",
        db_index=False,
        db_constraint=False,
    )
    batch = models.UUIDField()
    key = models.CharField(max_length=200)
    recipient = models.CharField(max_length=80)
    purpose = models.CharField(max_length=40)
    channel = models.CharField(max_length=12)
    template = models.CharField(max_length=60)
    fields = ArrayField(models.CharField(max_length=60))
    rule = models.CharField(max_length=80)
    clause = models.CharField(max_length=80)
    policy_version = models.PositiveIntegerField()
    policy_sha256 = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    choices = ArrayField(models.CharField(max_length=80), default=list)
    contract_id = models.UUIDField(null=True)
    matter_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=40, blank=True)
    visible_from = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "subject"], name="disclosure_release_once"),
        ]
        indexes = [
            models.Index(fields=["subject", "-at"], name="disclosure_release_subject"),
        ]


class ReleaseEvent(AppendOnly):
    """What became of a batch of the ledger: queued, sent, confirmed by the recipient, void because
    it was taken back before it left, or recalled from a recipient who must not use it any more."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        CONFIRMED = "confirmed"
        REFUSED = "refused"
        UNKNOWN = "unknown"
        VOID = "void"
        RECALLED = "recalled"

    id = models.UUIDField(primary_key=True, default=uuid7)
    batch = models.UUIDField()
    at = models.DateTimeField(db_default=Now())
    status = models.CharField(max_length=10, choices=Status.choices)

    class Meta:
        indexes = [models.Index(fields=["batch", "at"], name="disclosure_event_batch")]


class Unsealed(models.Model):
    """Rows of the ledger of one kind that no seal covers yet: those that one statement wrote. A
    trigger notes them in the same transaction: rows are committed in another order than they were
    made in, and this finds them all without a look at those that are sealed."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=10)
    lines = ArrayField(models.UUIDField())


class Leaves(AppendOnly):
    """Neighbors among the leaves of the tree, from the place `first` on: the ids of the rows, all
    of one kind, and the hashes of their bytes, one after the other. `span` reaches over the times
    in their ids, by which the place of a row is found."""

    MOST = 1024
    """So many stand together at most."""

    first = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=10)
    lines = ArrayField(models.UUIDField())
    hashes = models.BinaryField()
    span = BigIntegerRangeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first__gte=0), name="disclosure_leaves_from_zero"
            )
        ]
        indexes = [GistIndex(fields=["span"], name="disclosure_leaves_span")]


class Branch(AppendOnly):
    """The root of the complete subtree (level, index); every eighth level is kept, so that a proof
    reads some hundred hashes and not the ledger."""

    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["level", "index"], name="disclosure_branch_once")
        ]


class Seal(AppendOnly):
    """The tree as it was when `size` rows stood in it, signed. `edge` are the roots of its complete
    subtrees, from which it grows on; `key` is the public key of the signature."""

    size = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    root = models.BinaryField()
    edge = models.BinaryField()
    signature = models.BinaryField()
    key = models.BinaryField()
