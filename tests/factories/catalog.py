"""Courses for tests, published by the verb that the console uses."""

from dataclasses import replace
from itertools import count
from pathlib import Path

from creditable.catalog import captions, publishing
from creditable.catalog.drafts import (
    ApprovalDraft,
    BankDraft,
    CourseDraft,
    EvaluationDraft,
    EvaluationQuestionDraft,
    ExamDraft,
    LessonDraft,
    MediaDraft,
    PracticeDraft,
    QuestionDraft,
    VideoDraft,
)
from creditable.catalog.models import CourseVersion
from creditable.lib.actor import Actor
from creditable.lib.money import Money

BY = Actor.system("tests")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 36"><path d="M0 0h9"/></svg>'
DATA = Path(__file__).parents[1] / "catalog" / "data"
_numbers = count(1)


def bank(slug: str, questions: int) -> BankDraft:
    """Questions of three choices, of which the last is right."""
    return BankDraft(
        slug=slug,
        title=f"Bank {slug}",
        source="written for tests",
        questions=tuple(
            QuestionDraft(
                ref=f"Q{number}",
                kind="single",
                stem=f"What is {number} and one?",
                choices=("nothing", f"{number}", f"{number + 1}, the right one"),
                answer=2,
                explanation=f"{number} and one is {number + 1}.",
                objective=f"Objective {number % 3 + 1}",
                lesson_slug="lesson-1",
            )
            for number in range(1, questions + 1)
        ),
    )


def make_draft(
    *,
    slug: str = "",
    title: str = "Two lessons and an exam",
    subject: str = "safety",
    lessons: int = 2,
    minutes: int = 2,
    questions: int = 6,
    exam_questions: int = 4,
    attempts: int = 2,
    delay_minutes: int = 5,
    exam_minutes: int = 10,
    approvals: tuple[ApprovalDraft, ...] = (),
    text: str = "Hello.",
    evaluation: EvaluationDraft | None = None,
) -> CourseDraft:
    """A course of equal lessons, with a figure, a practice quiz and an exam with a mark of 70."""
    slug = slug or f"course-{next(_numbers)}"
    return CourseDraft(
        slug=slug,
        title=title,
        subtitle="For tests",
        summary="Everything a course has, and little of it.",
        subject=subject,
        delivery="self_paced_online",
        credit_minutes=lessons * minutes,
        access_days=30,
        picture="media/line.svg",
        detail={
            "objectives": ["Objective 1", "Objective 2", "Objective 3"],
            "audience": ["Testers"],
            "instructor": {"name": "Ana Diaz", "bio": "Master electrician."},
            "sources": [],
        },
        lessons=tuple(
            LessonDraft(
                module_title="All of it",
                slug=f"lesson-{number}",
                title=f"Lesson {number}",
                minutes=minutes,
                html=f'<h2 id="b1">Lesson {number}</h2>\n<p id="b2">{text}</p>\n'
                '<figure id="b3"><img src="../media/line.svg" alt="A line"></figure>',
            )
            for number in range(1, lessons + 1)
        ),
        media=(MediaDraft("media/line.svg", "image/svg+xml", SVG),),
        bank=bank(f"{slug}-exam", questions),
        exam=ExamDraft(exam_questions, 70, exam_minutes, attempts, delay_minutes),
        attestation_version=1,
        attestation_text="I did this myself. My name is my signature.",
        practice=PracticeDraft("Practice", 2, bank(f"{slug}-practice", 5)),
        price=Money(3900),
        approvals=approvals,
        evaluation=evaluation,
    )


def survey(*, required: bool = True) -> EvaluationDraft:
    """An evaluation with a question of each kind; the text may stay empty."""
    ask = EvaluationQuestionDraft
    return EvaluationDraft(
        required=required,
        questions=(
            ask("first", "scale", "I can do objective 1.", True, objective="Objective 1"),
            ask("second", "scale", "I can do objective 2.", False, objective="Objective 2"),
            ask("teacher", "scale", "The instructor was clear.", True, instructor=True),
            ask("pace", "choice", "The pace was", True, choices=("slow", "right", "fast")),
            ask("words", "text", "What should we change?", False),
        ),
    )


def make_course(**changes: object) -> CourseVersion:
    """A published course; takes what `make_draft` takes."""
    return publishing.publish(draft=make_draft(**changes), by=BY)  # type: ignore[arg-type]


def with_video(draft: CourseDraft) -> CourseDraft:
    """The draft, whose first lesson begins with a video of 24 seconds."""
    vtt = (DATA / "counted.vtt").read_bytes()
    video = VideoDraft(
        path="media/counted.webm",
        captions="media/counted.vtt",
        milliseconds=24_008,
        width=640,
        height=360,
        transcript=tuple(captions.read(vtt.decode(), 24_008).cues),
    )
    first, *others = draft.lessons
    return replace(
        draft,
        lessons=(replace(first, video=video), *others),
        media=(
            *draft.media,
            MediaDraft(video.captions, "text/vtt", vtt),
            MediaDraft(video.path, "video/webm", (DATA / "counted.webm").read_bytes()),
        ),
    )


def make_video_course(**changes: object) -> CourseVersion:
    """A published course whose first lesson begins with a video of 24 seconds."""
    return publishing.publish(draft=with_video(make_draft(**changes)), by=BY)  # type: ignore[arg-type]
