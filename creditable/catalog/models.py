"""What is taught: courses and their published versions, question banks, approvals."""

from django.db import models
from django.db.models import F, Q

from creditable.audit.clock import Now
from creditable.audit.guard import AppendOnly
from creditable.lib.ids import uuid7


class Course(models.Model):
    """A course through all its versions: what approvals are given to and prices are set for."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    slug = models.SlugField(max_length=80, unique=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.slug


class Bank(models.Model):
    """A collection of questions through all its versions."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    slug = models.SlugField(max_length=80, unique=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.slug


class BankVersion(AppendOnly):
    """The questions of a bank as published. `not_taken` lists what a foreign file held and we
    could not take, each with its reason; `source` says who wrote the questions."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    title = models.CharField(max_length=160)
    source = models.TextField(blank=True)
    not_taken = models.JSONField(default=list)
    published_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bank", "number"], name="catalog_bankversion_number"),
            models.UniqueConstraint(fields=["bank", "digest"], name="catalog_bankversion_digest"),
        ]


class Question(AppendOnly):
    """One question of a bank version: `choices` in the author's order, `answer` the place of the
    right one, counted from 0. `lesson_slug` names the lesson that teaches it."""

    class Kind(models.TextChoices):
        SINGLE = "single"
        TRUE_FALSE = "true_false"

    id = models.UUIDField(primary_key=True, default=uuid7)
    bank_version = models.ForeignKey(
        BankVersion, on_delete=models.PROTECT, related_name="questions"
    )
    position = models.PositiveIntegerField()
    ref = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    stem = models.TextField()
    choices = models.JSONField()
    answer = models.PositiveSmallIntegerField()
    explanation = models.TextField(blank=True)
    objective = models.TextField(blank=True)
    lesson_slug = models.SlugField(max_length=80, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["bank_version", "ref"], name="catalog_question_ref"),
        ]


class CourseVersion(AppendOnly):
    """A course as published: what an enrollment pins and a certificate names. Nothing in it is
    ever edited; the newest number is the one on sale.

    `credit_minutes` is the time the course must take. `in_order` says that a lesson opens when the
    ones before it are done. `detail` holds the lists that pages show
    (objectives, audience, instructor, sources). The exam draws `exam_questions` from
    `bank_version` and lasts `exam_minutes`; `pass_percent` is the provider's own pass mark;
    `exam_attempts` tries are allowed, `exam_delay_minutes` apart. `evaluation` is what learners
    are asked about the course, as `drafts.EvaluationDraft` says; empty where nothing is asked."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField(db_default=Now())
    title = models.CharField(max_length=160)
    subtitle = models.CharField(max_length=200, blank=True)
    summary = models.TextField()
    subject = models.SlugField(max_length=40)
    delivery = models.CharField(max_length=40)
    credit_minutes = models.PositiveIntegerField()
    in_order = models.BooleanField(default=False)
    access_days = models.PositiveIntegerField()
    picture = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    bank_version = models.ForeignKey(BankVersion, on_delete=models.PROTECT, related_name="+")
    exam_questions = models.PositiveIntegerField()
    pass_percent = models.PositiveIntegerField()
    exam_minutes = models.PositiveIntegerField()
    exam_attempts = models.PositiveIntegerField()
    exam_delay_minutes = models.PositiveIntegerField()
    attestation_version = models.PositiveIntegerField()
    attestation_text = models.TextField()
    practice_bank_version = models.ForeignKey(
        BankVersion, on_delete=models.PROTECT, related_name="+", null=True
    )
    practice_title = models.CharField(max_length=160, blank=True)
    practice_questions = models.PositiveIntegerField(default=0)
    evaluation = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="catalog_version_number"),
            models.UniqueConstraint(fields=["course", "digest"], name="catalog_version_digest"),
            models.CheckConstraint(
                condition=Q(pass_percent__lte=100)
                & Q(exam_questions__gt=0)
                & Q(exam_minutes__gt=0)
                & Q(exam_attempts__gt=0)
                & Q(credit_minutes__gt=0)
                & Q(access_days__gt=0),
                name="catalog_version_sensible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.number})"


class Lesson(AppendOnly):
    """A lesson of a version, in order. `minutes` is the least time it takes and the most that is
    counted for it. `html` is sanitized when it is imported; its blocks carry ids b1, b2, ..."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    version = models.ForeignKey(CourseVersion, on_delete=models.PROTECT, related_name="lessons")
    position = models.PositiveIntegerField()
    module_title = models.CharField(max_length=160)
    slug = models.SlugField(max_length=80)
    title = models.CharField(max_length=160)
    minutes = models.PositiveIntegerField()
    html = models.TextField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="catalog_lesson_position"),
            models.UniqueConstraint(fields=["version", "slug"], name="catalog_lesson_slug"),
            models.CheckConstraint(condition=Q(minutes__gt=0), name="catalog_lesson_takes_time"),
        ]


class Media(AppendOnly):
    """A picture, video or other file that a version's lessons use. `content_type` was found by
    looking at the bytes, not at the name. `content` is stored uncompressed out of line, so that
    a part of it can be read without the rest."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    version = models.ForeignKey(CourseVersion, on_delete=models.PROTECT, related_name="media")
    path = models.CharField(max_length=200)
    content_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "path"], name="catalog_media_path"),
        ]


class Video(AppendOnly):
    """The video of a lesson: its file and captions, its length, the size of its picture in
    pixels, and the transcript that the captions make: a list of {start, end, text}, in
    milliseconds of the video."""

    lesson = models.OneToOneField(
        Lesson, on_delete=models.PROTECT, related_name="video", primary_key=True
    )
    file = models.ForeignKey(Media, on_delete=models.PROTECT, related_name="+")
    captions = models.ForeignKey(Media, on_delete=models.PROTECT, related_name="+")
    milliseconds = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    transcript = models.JSONField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(milliseconds__gt=0), name="catalog_video_lasts"),
        ]


class Approval(models.Model):
    """An authority's word that a course counts: `number` as the authority gave it, minutes per
    topic, first and last day on which a completion counts. `authority` is the id of a pack."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="approvals")
    authority = models.CharField(max_length=60)
    number = models.CharField(max_length=60)
    topic_minutes = models.JSONField()
    valid_from = models.DateField()
    valid_to = models.DateField()

    class Meta:
        ordering = ["authority", "number"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "number"], name="catalog_approval_number"),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="catalog_approval_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority} {self.number}"


class ApprovalChange(models.Model):
    """A change of what an approval gives: `before` and `after` are its minutes a topic and its
    first and last day, as far as they changed. `told_at` is when those whom it affects were told;
    changes that come within a minute are told together."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(db_default=Now())
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="changes")
    before = models.JSONField()
    after = models.JSONField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["at"],
                condition=Q(told_at__isnull=True),
                name="catalog_approvalchange_untold",
            ),
        ]
