"""What completed courses are worth: awards, certificates, and reports to authorities."""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import NullIf

from creditable.audit.clock import Now
from creditable.audit.guard import AppendOnly
from creditable.catalog.models import Approval, Course
from creditable.disclosure.models import Subject
from creditable.lib.ids import uuid7
from creditable.people.models import License


class Award(AppendOnly):
    """Credit that a completion earned for one license under one approval; without a license that
    the course is approved for, one award of the provider's own (`authority` empty).

    `minutes` are whole minutes as the authority credits them, `completed_on` is the date in its
    time zone. `snapshot` holds everything as it was then (course, approval, license, provider),
    so that the award outlives what it came from; it never points back at the completion's row."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    completion_id = models.UUIDField()
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="awards")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="awards")
    approval = models.ForeignKey(Approval, null=True, on_delete=models.PROTECT, related_name="+")
    license_id = models.UUIDField(null=True)
    authority = models.CharField(max_length=60, blank=True)
    course_number = models.CharField(max_length=60, blank=True)
    minutes = models.PositiveIntegerField()
    completed_at = models.DateTimeField()
    completed_on = models.DateField()
    awarded_at = models.DateTimeField(db_default=Now())
    snapshot = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["completion_id", "approval", "license_id"],
                nulls_distinct=False,
                name="credit_award_once",
            ),
            models.CheckConstraint(
                condition=Q(approval=None, license_id=None, authority="", course_number="")
                | Q(approval__isnull=False, license_id__isnull=False),
                name="credit_award_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "authority"], name="credit_award_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.authority or 'own'} {self.completed_on}"


class HeldCredit(models.Model):
    """Credit that a person earned elsewhere and tells us about, so that we can say what a course
    would add. Nobody but the person vouches for it, and it is reported to nobody. `topic` is the
    authority's word for what all of it was about, `mode` how it was taken; both may be untold."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="held_credits")
    authority = models.CharField(max_length=60)
    course_title = models.CharField(max_length=160)
    course_number = models.CharField(max_length=60)
    completed_on = models.DateField()
    minutes = models.PositiveIntegerField()
    topic = models.CharField(max_length=60, blank=True, default="")
    mode = models.CharField(max_length=20, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "authority", "course_number", "completed_on"],
                name="credit_heldcredit_once",
            ),
            models.CheckConstraint(condition=Q(minutes__gt=0), name="credit_heldcredit_some"),
        ]


class LicenseLookup(models.Model):
    """What the public list of an authority, of the day `listed_on`, says of a license that somebody
    entered, when it had this number: whether it is there and how it is printed. It stands beside
    what the holder typed and changes none of it."""

    license = models.OneToOneField(
        License, on_delete=models.CASCADE, primary_key=True, related_name="lookup"
    )
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="license_lookups")
    authority = models.CharField(max_length=60)
    number = models.CharField(max_length=40)
    list = models.CharField(max_length=40)
    listed_on = models.DateField()
    found = models.BooleanField()
    name = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=80, blank=True)
    expires = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(found=True) | Q(name="", kind="", status="", expires=None),
                name="credit_licenselookup_found",
            ),
        ]


class Proof(models.Model):
    """What shows a credit from elsewhere, such as a photo of its certificate: for its holder to
    keep, and seen by nobody else. `encrypted` is the picture under a key of its own that no
    database holds (`disclosure.file_keys`)."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    credit = models.OneToOneField(HeldCredit, on_delete=models.PROTECT, related_name="proof")
    encrypted = models.BinaryField()
    handed_in_at = models.DateTimeField(db_default=Now())


class Certificate(AppendOnly):
    """The document of an award: the exact signed bytes, frozen at issue, and what they say
    (`content`). `fingerprint` is the SHA-256 of the certificate that signed it.

    A correction is the next edition, with its reason; this row never changes. The editions of an
    award are counted from 1 without a gap, which makes them one chain: each has at most one
    successor, none comes round to itself, and the highest is the current one."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="certificates")
    edition = models.PositiveSmallIntegerField(default=1)
    replaces = models.GeneratedField(
        expression=NullIf(F("edition") - 1, Value(0)),
        output_field=models.SmallIntegerField(null=True),
        db_persist=True,
    )
    reason = models.CharField(max_length=300, blank=True)
    serial = models.CharField(max_length=30, unique=True)
    issued_at = models.DateTimeField(db_default=Now())
    sha256 = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    pdf = models.BinaryField()
    content = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["award", "edition"], name="credit_certificate_chain"),
            models.UniqueConstraint(fields=["sha256"], name="credit_certificate_sha256"),
            models.CheckConstraint(
                condition=Q(edition=1, reason="") | (Q(edition__gt=1) & ~Q(reason="")),
                name="credit_certificate_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.serial


class Revocation(AppendOnly):
    """Why a certificate counts no more, since when. What was issued stays as it is."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    certificate = models.OneToOneField(
        Certificate, on_delete=models.PROTECT, related_name="revocation"
    )
    reason = models.CharField(max_length=300)
    revoked_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="credit_revocation_reason"),
        ]


class Badge(AppendOnly):
    """A certificate's twin for machines, as it was issued: `credential` with its proof inside, and
    the same as a signed `token`. `place` is where the status list says whether it still counts."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="badge")
    place = models.PositiveBigIntegerField(unique=True)
    credential = models.JSONField()
    token = models.TextField()
    issued_at = models.DateTimeField(db_default=Now())


class StatusList(models.Model):
    """The signed list that says which badges of a range count no more, as it is published now.
    List n holds the places from n times openbadge.PLACES on."""

    number = models.PositiveIntegerField(primary_key=True)
    credential = models.JSONField(default=dict)
    published_at = models.DateTimeField(db_default=Now())


class CalendarLink(models.Model):
    """Somebody's link to a calendar of their deadlines: only the one with this number works, and
    only while it is open."""

    subject = models.OneToOneField(
        Subject, on_delete=models.PROTECT, primary_key=True, related_name="calendar_link"
    )
    number = models.PositiveIntegerField(default=1)
    open = models.BooleanField(default=True)


class Roster(models.Model):
    """Completions that leave to an authority together: the exact bytes, what carried them, and
    the authority's receipt. `number` is ours and names the roster to the authority, which makes
    sending it again harmless."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    authority = models.CharField(max_length=60)
    number = models.CharField(max_length=30, unique=True)
    format = models.CharField(max_length=30)
    filename = models.CharField(max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.UUIDField(null=True)
    batch = models.UUIDField(unique=True)
    receipt = models.CharField(max_length=80, blank=True)
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "receipt"],
                condition=~Q(receipt=""),
                name="credit_roster_receipt",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Report(models.Model):
    """One award on its way to its authority, like a parcel: due, queued, sent, accepted or
    rejected; or filed by the learner, where that is how the authority hears of it. `due_on` is
    the last day that the authority allows. A rejected report stays as it is; what is corrected
    goes in a new one, and so does what is changed after it was accepted, where the authority takes
    another line (the old one is amended). So an award has one open or accepted report.

    `code` and `message` are the authority's own words, or why it could not be sent. `amend` says
    why an accepted line is not so any more and the authority has not been told yet."""

    class State(models.TextChoices):
        DUE = "due"
        QUEUED = "queued"
        SENT = "sent"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        FILED = "filed"
        AMENDED = "amended"

    id = models.UUIDField(primary_key=True, default=uuid7)
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="reports")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="reports")
    authority = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    due_on = models.DateField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    roster = models.ForeignKey(Roster, null=True, on_delete=models.PROTECT, related_name="reports")
    confirmation = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=40, blank=True)
    message = models.CharField(max_length=300, blank=True)
    amend = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["award"],
                condition=~Q(state__in=["rejected", "amended"]),
                name="credit_report_one_open_or_accepted",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["due", "filed"], roster=None)
                | (~Q(state__in=["due", "filed"]) & Q(roster__isnull=False)),
                name="credit_report_roster_unless_due",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on"], name="credit_report_queue"),
            models.Index(fields=["subject", "-created_at"], name="credit_report_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.authority} {self.state}"


class Review(models.Model):
    """An authority's look at what concerns it: somebody of its people (an account of ours), who may
    read of its licensees' completions of these courses (slugs; none: all), completed from `first`
    to `last`, until `expires_at`. `ended_at` is set when it is taken back sooner."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="reviews")
    authority = models.CharField(max_length=60)
    courses = models.JSONField(default=list)
    first = models.DateField()
    last = models.DateField()
    granted_at = models.DateTimeField(db_default=Now())
    granted_by = models.UUIDField(null=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="credit_review_period"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("granted_at")), name="credit_review_expires"
            ),
        ]
        indexes = [models.Index(fields=["subject", "expires_at"], name="credit_review_subject")]


class ReportEvent(AppendOnly):
    """A station on a report's way, with who or what brought it there."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=10, choices=Report.State.choices)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=40, blank=True)
    message = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["report", "at"], name="credit_event_report")]
