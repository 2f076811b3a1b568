"""A course on its way in: everything that publishing needs, checked, and not yet a row."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import date

from creditable.catalog.captions import Cue
from creditable.lib.money import Money


@dataclass(frozen=True)
class QuestionDraft:
    """A question; `answer` is the place of the right choice, counted from 0."""

    ref: str
    kind: str
    stem: str
    choices: tuple[str, ...]
    answer: int
    explanation: str = ""
    objective: str = ""
    lesson_slug: str = ""


@dataclass(frozen=True)
class NotTaken:
    """Something in a foreign file that we cannot take, and why."""

    ref: str
    reason: str


@dataclass(frozen=True)
class BankDraft:
    """Questions from one file, whatever its format."""

    slug: str
    title: str
    source: str
    questions: tuple[QuestionDraft, ...]
    not_taken: tuple[NotTaken, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 over everything that is published of it."""
        return _digest(asdict(self))


@dataclass(frozen=True)
class VideoDraft:
    """A lesson's video: its file and captions by their paths, its length, the size of its
    picture, and the transcript that the captions make."""

    path: str
    captions: str
    milliseconds: int
    width: int
    height: int
    transcript: tuple[Cue, ...]


@dataclass(frozen=True)
class LessonDraft:
    module_title: str
    slug: str
    title: str
    minutes: int
    html: str
    video: VideoDraft | None = None


@dataclass(frozen=True)
class MediaDraft:
    path: str
    content_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class ExamDraft:
    questions: int
    pass_percent: int
    minutes: int
    attempts: int
    delay_minutes: int


@dataclass(frozen=True)
class PracticeDraft:
    """A quiz for practice: unlimited, never counted."""

    title: str
    questions: int
    bank: BankDraft


@dataclass(frozen=True)
class EvaluationQuestionDraft:
    """A question of the evaluation. `scale`: `words` is a statement, answered from 1 (strongly
    disagree) to 5 (strongly agree); `choice`: one of `choices`; `text`: the learner's own words.
    `objective` is the objective that it judges, `instructor` whether it judges the instructor."""

    ref: str
    kind: str
    words: str
    required: bool
    choices: tuple[str, ...] = ()
    objective: str = ""
    instructor: bool = False


@dataclass(frozen=True)
class EvaluationDraft:
    """What learners are asked about the course after they passed its exam. Where it is
    `required`, the course is not complete before it is answered."""

    required: bool
    questions: tuple[EvaluationQuestionDraft, ...]


@dataclass(frozen=True)
class ApprovalDraft:
    authority: str
    number: str
    topic_minutes: dict[str, int]
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class CourseDraft:
    """A course folder as read. `detail` holds objectives, audience, instructor and sources as
    they will be shown. `price` and `approvals` belong to the course, not to its version."""

    slug: str
    title: str
    subtitle: str
    summary: str
    subject: str
    delivery: str
    credit_minutes: int
    access_days: int
    picture: str
    detail: dict[str, object]
    lessons: tuple[LessonDraft, ...]
    media: tuple[MediaDraft, ...]
    bank: BankDraft
    exam: ExamDraft
    attestation_version: int
    attestation_text: str
    practice: PracticeDraft | None
    price: Money
    approvals: tuple[ApprovalDraft, ...] = field(default=())
    evaluation: EvaluationDraft | None = None
    in_order: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 over everything a learner meets; the same course always has the same."""
        whole = asdict(self)
        del whole["price"], whole["approvals"]
        whole["bank"] = self.bank.digest
        if self.practice:
            whole["practice"]["bank"] = self.practice.bank.digest
        # What a course does not use is not in its digest, so that a new part changes no old one.
        if self.evaluation is None:
            del whole["evaluation"]
        if not self.in_order:
            del whole["in_order"]
        for lesson in whole["lessons"]:
            if lesson["video"] is None:
                del lesson["video"]
        whole["media"] = [(item.path, item.content_type, item.sha256) for item in self.media]
        return _digest(whole)


def _digest(value: object) -> str:
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()
