"""Who learns what, the evidence of time spent, exams as they were taken, and completions."""

from collections.abc import Iterable

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from psycopg.types.multirange import Multirange

from creditable.audit.clock import Now
from creditable.audit.guard import AppendOnly
from creditable.catalog.models import ApprovalChange, Course, CourseVersion, Lesson, Question
from creditable.disclosure.models import Subject
from creditable.learning.seattime import Range
from creditable.lib.ids import uuid7


class PartsField(models.Field):  # type: ignore[type-arg]
    """Parts of a video in milliseconds, without overlap: a multirange of PostgreSQL."""

    def db_type(self, connection: object) -> str:
        return "int4multirange"

    def from_db_value(
        self, value: Multirange[int] | None, *asked: object
    ) -> tuple[Range, ...] | None:
        if value is None:
            return None
        return tuple((part.lower or 0, part.upper or 0) for part in value)

    def get_prep_value(self, value: object) -> object:
        parts = super().get_prep_value(value)
        return parts if parts is None else parts_literal(parts)


def parts_literal(parts: Iterable[Range]) -> str:
    """The parts as PostgreSQL reads a multirange."""
    return "{" + ",".join(f"[{start},{end})" for start, end in parts) + "}"


class Enrollment(models.Model):
    """A person's place in a course, pinned to the version they took. `cycle` counts their turns:
    taking the course again for the next renewal is a new enrollment."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="enrollments")
    course_version = models.ForeignKey(
        CourseVersion, on_delete=models.PROTECT, related_name="enrollments"
    )
    cycle = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "course_version", "cycle"], name="learning_enrollment_cycle"
            ),
        ]


class Grant(models.Model):
    """A reason for access: an order line, a seat, a gift. Access is open while any grant of the
    enrollment is not withdrawn. The same source grants once."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="grants")
    source = models.CharField(max_length=40)
    source_id = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id"], name="learning_grant_once"),
        ]


class Beat(AppendOnly):
    """One report from a lesson that is being read, and the time that it added.

    `sequence` counts the reports of an enrollment; each is used once. `span` is the stretch of
    whole seconds that this report added to the evidence, empty when it added none; no two
    stretches of one person overlap, whatever they have open. `lesson_seconds` is what counts
    for the lesson so far, at most its own minutes. `position` is the place in the text: the
    number of the block at the top of the window, times 1000, plus the share of it that has
    passed, in thousandths.

    A lesson with a video has more: the parts of the video that were `played` in this stretch,
    all parts that are `covered` so far, the seconds `watched` so far, and where the video stood
    (`video_position`); parts and places in milliseconds.

    This table grows by a row each half minute of everybody's reading, so it has no more indexes
    than its constraints and its look-up need."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.PROTECT, related_name="beats", db_index=False
    )
    subject = models.ForeignKey(
        Subject, on_delete=models.PROTECT, related_name="beats", db_index=False
    )
    lesson = models.ForeignKey(
        Lesson, on_delete=models.PROTECT, related_name="beats", db_index=False
    )
    sequence = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=Now())
    span = DateTimeRangeField(null=True)
    lesson_seconds = models.PositiveIntegerField()
    position = models.PositiveIntegerField(default=0)
    played = PartsField(null=True)
    covered = PartsField(null=True)
    watched = models.PositiveIntegerField(null=True)
    video_position = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "sequence"], name="learning_beat_sequence"
            ),
            ExclusionConstraint(
                name="learning_beat_one_at_a_time",
                expressions=[
                    ("subject", RangeOperators.EQUAL),
                    ("span", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(span=None)
                | Q(span__isempty=False, span__lower_inf=False, span__upper_inf=False),
                name="learning_beat_span_is_a_stretch",
            ),
            models.CheckConstraint(
                condition=Q(played=None) | Q(covered__isnull=False, watched__isnull=False),
                name="learning_beat_played_is_covered",
            ),
        ]
        indexes = [
            models.Index(fields=["enrollment", "lesson", "-sequence"], name="learning_beat_lesson"),
        ]


class Attestation(AppendOnly):
    """A declaration as it was signed before an attempt: the text word for word, its version, and
    the name as typed."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.PROTECT, related_name="attestations"
    )
    at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField()
    text = models.TextField()
    signature = models.CharField(max_length=120)


class Attempt(models.Model):
    """One try at the exam. Open until it is submitted or `deadline` has passed; then it is graded
    on what was saved by then, once. All attempts are kept. `review` lists the objectives in
    which a question was missed."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="attempts")
    attestation = models.OneToOneField(
        Attestation, on_delete=models.PROTECT, related_name="attempt"
    )
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField(db_default=Now())
    deadline = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    correct = models.PositiveIntegerField(null=True)
    percent = models.PositiveIntegerField(null=True)
    passed = models.BooleanField(null=True)
    review = models.JSONField(default=list)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "number"], name="learning_attempt_number"
            ),
            models.UniqueConstraint(
                fields=["enrollment"],
                condition=Q(submitted_at=None),
                name="learning_attempt_one_open",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None, correct=None, percent=None, passed=None)
                | Q(
                    submitted_at__isnull=False,
                    submitted_at__lte=F("deadline"),
                    correct__isnull=False,
                    percent__lte=100,
                    passed__isnull=False,
                ),
                name="learning_attempt_graded_once",
            ),
        ]

    @property
    def ran_out(self) -> bool:
        """Whether the clock ended it and not the learner."""
        return self.submitted_at == self.deadline


class AttemptQuestion(AppendOnly):
    """A question of an attempt as it was shown: its place in the exam, and in `order` which of
    the question's choices stood in which place."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveIntegerField()
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    order = ArrayField(models.PositiveSmallIntegerField())

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "position"], name="learning_attemptquestion_position"
            ),
            models.UniqueConstraint(
                fields=["attempt", "question"], name="learning_attemptquestion_once"
            ),
        ]


class AnswerEvent(AppendOnly):
    """An answer that was saved: the place chosen, as shown. `version` counts the learner's
    changes of mind about this question; the highest one counts."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    item = models.ForeignKey(AttemptQuestion, on_delete=models.PROTECT, related_name="answers")
    version = models.PositiveIntegerField()
    choice = models.PositiveSmallIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "version"], name="learning_answer_version"),
        ]


class Accommodation(models.Model):
    """More time or more attempts in exams for one person, in one course or, where `course` is
    empty, in all. It counts for attempts that start while it is not ended. `time_percent` is the
    time they get, in hundredths of the usual; `extra_minutes` come on top. `reason` is what they
    told us and is shown to those alone who may decide about it; `approved_by` is the one who
    did."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="accommodations")
    course = models.ForeignKey(
        Course, on_delete=models.PROTECT, related_name="accommodations", null=True
    )
    time_percent = models.PositiveIntegerField(default=100)
    extra_minutes = models.PositiveIntegerField(default=0)
    extra_attempts = models.PositiveIntegerField(default=0)
    reason = models.TextField()
    approved_by = models.UUIDField()
    approved_at = models.DateTimeField(db_default=Now())
    ended_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-approved_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "course"],
                condition=Q(ended_at=None),
                name="learning_accommodation_one_a_course",
            ),
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(ended_at=None, course=None),
                name="learning_accommodation_one_for_all",
            ),
            models.CheckConstraint(
                condition=Q(time_percent__gte=100, time_percent__lte=400)
                & Q(extra_minutes__lte=600, extra_attempts__lte=20)
                & (Q(time_percent__gt=100) | Q(extra_minutes__gt=0) | Q(extra_attempts__gt=0)),
                name="learning_accommodation_gives_something",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="learning_accommodation_ended_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="learning_accommodation_has_a_reason"
            ),
        ]


class Evaluation(AppendOnly):
    """What a learner said about the course, once an enrollment."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    enrollment = models.OneToOneField(
        Enrollment, on_delete=models.PROTECT, related_name="evaluation"
    )
    at = models.DateTimeField(db_default=Now())


class EvaluationAnswer(AppendOnly):
    """One answer of an evaluation to the question `ref` of the version taken: `value` on a scale
    from 1 to 5 or the place of a choice, counted from 0; `text` in the learner's own words."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="answers")
    ref = models.SlugField(max_length=80, db_index=False)
    value = models.PositiveSmallIntegerField(null=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation", "ref"], name="learning_evaluationanswer_once"
            ),
            models.CheckConstraint(
                condition=Q(value=None) ^ Q(text=""), name="learning_evaluationanswer_says_one"
            ),
        ]


class Completion(AppendOnly):
    """A course completed: once an enrollment, by the attempt that passed. `checklist` is what
    was asked and how it stood, as the learner could read it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    enrollment = models.OneToOneField(
        Enrollment, on_delete=models.PROTECT, related_name="completion"
    )
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="completions")
    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="completion")
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(db_default=Now())
    seat_seconds = models.PositiveIntegerField()
    score_percent = models.PositiveIntegerField()
    checklist = models.JSONField()


class ChangeNotice(AppendOnly):
    """Somebody was told of a change of a course that they bought and have not finished: once for
    each change, by e-mail, or by phone where no mail reaches them."""

    class Channel(models.TextChoices):
        EMAIL = "email"
        PHONE = "phone"

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(db_default=Now())
    change = models.ForeignKey(ApprovalChange, on_delete=models.PROTECT, related_name="notices")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=5, choices=Channel.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["change", "subject"], name="learning_changenotice_once"
            ),
        ]


class ChangeCall(AppendOnly):
    """The office has reached by phone somebody whom no mail reaches."""

    notice = models.OneToOneField(ChangeNotice, on_delete=models.PROTECT, primary_key=True)
    at = models.DateTimeField(db_default=Now())
    by = models.UUIDField()
