"""Courses on the shelf for tests of the shop."""

from datetime import date

from creditable.catalog import publishing
from creditable.catalog.drafts import (
    ApprovalDraft,
    BankDraft,
    CourseDraft,
    ExamDraft,
    LessonDraft,
    MediaDraft,
    QuestionDraft,
)
from creditable.catalog.models import CourseVersion
from creditable.lib.actor import Actor
from creditable.lib.money import Money
from creditable.store import offers

BY = Actor.system("tests")
TEXAS = "us-tx-tdlr-electricians"
COVER = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><path d="M0 0h16v9H0z"/></svg>'


def make_course(
    slug: str = "grounding",
    *,
    title: str = "Grounding in practice",
    subject: str = "safety",
    summary: str = "Where the fault current goes.",
    cents: int | None = 3900,
    approved: bool = True,
    picture: bool = False,
) -> CourseVersion:
    """A published course of two lessons with a price and one approval."""
    question = QuestionDraft("q1", "true_false", "Copper conducts.", ("True", "False"), 0)
    draft = CourseDraft(
        slug=slug,
        title=title,
        subtitle="",
        summary=summary,
        subject=subject,
        delivery="self_paced_online",
        credit_minutes=120,
        access_days=365,
        picture="media/cover.svg" if picture else "",
        detail={
            "objectives": ["Name the path of a ground fault."],
            "audience": ["Licensed electricians"],
            "instructor": {"name": "Iris Chan", "bio": "Twenty years in plants."},
            "sources": [{"title": "29 CFR 1910.304", "url": "https://example.com/304"}],
        },
        lessons=(
            LessonDraft("The path", "the-path", "The path of the fault", 50, "<p id='b1'>One.</p>"),
            LessonDraft("The rod", "the-rod", "The rod and the ring", 70, "<p id='b1'>Two.</p>"),
        ),
        media=(MediaDraft("media/cover.svg", "image/svg+xml", COVER),) if picture else (),
        bank=BankDraft(slug, title, "our own", (question,)),
        exam=ExamDraft(questions=1, pass_percent=70, minutes=40, attempts=3, delay_minutes=5),
        attestation_version=1,
        attestation_text="I did this myself.",
        practice=None,
        price=Money(cents or 0),
        approvals=(
            ApprovalDraft(
                TEXAS, f"TX-{slug}", {"safety": 120}, date(2026, 1, 1), date(2099, 12, 31)
            ),
        )
        if approved
        else (),
    )
    version = publishing.publish(draft=draft, by=BY)
    if cents:
        offers.set_price(course=version.course, price=Money(cents), by=BY)
    return version
