"""A published version is never edited; publishing the same course again changes nothing."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from creditable.audit.guard import Frozen
from creditable.audit.models import Event
from creditable.catalog import offerings, publishing
from creditable.catalog.drafts import ApprovalDraft, NotTaken
from creditable.catalog.models import Approval, BankVersion, CourseVersion, Lesson, Question
from creditable.lib.refusal import Refused
from tests.factories.catalog import (
    BY,
    make_course,
    make_draft,
    make_video_course,
    survey,
    with_video,
)

pytestmark = pytest.mark.django_db

APPROVAL = ApprovalDraft(
    "demo-state-board", "DSB-1", {"safety": 4}, date(2026, 1, 1), date(2027, 12, 31)
)


def test_a_course_is_published_with_everything_it_has() -> None:
    draft = make_draft(approvals=(APPROVAL,))
    version = publishing.publish(draft=draft, by=BY)
    assert version.number == 1
    assert list(version.lessons.values_list("slug", flat=True)) == ["lesson-1", "lesson-2"]
    assert bytes(version.media.get().content) == draft.media[0].content
    assert version.bank_version.questions.count() == 6
    assert version.practice_bank_version is not None
    assert version.course.approvals.get().topic_minutes == {"safety": 4}


def test_the_same_course_again_is_the_same_version_and_writes_nothing() -> None:
    draft = make_draft(approvals=(APPROVAL,))
    first = publishing.publish(draft=draft, by=BY)
    before = Event.objects.count(), Lesson.objects.count(), Question.objects.count()
    assert publishing.publish(draft=draft, by=BY) == first
    assert (Event.objects.count(), Lesson.objects.count(), Question.objects.count()) == before


def test_a_changed_course_is_a_new_version_and_the_old_one_stays_as_it_was() -> None:
    draft = make_draft()
    first = publishing.publish(draft=draft, by=BY)
    second = publishing.publish(draft=replace(draft, title="Another title"), by=BY)
    assert (second.number, second.course) == (2, first.course)
    assert second.bank_version == first.bank_version
    assert CourseVersion.objects.get(pk=first.pk).title == draft.title


def test_what_learners_are_asked_about_the_course_is_published_with_it() -> None:
    version = publishing.publish(draft=make_draft(evaluation=survey()), by=BY)
    version.refresh_from_db()
    assert version.evaluation["required"] is True
    assert [one["ref"] for one in version.evaluation["questions"]] == [
        "first",
        "second",
        "teacher",
        "pace",
        "words",
    ]
    assert publishing.publish(draft=make_draft(), by=BY).evaluation == {}


def test_a_video_is_published_with_its_lesson_and_kept_in_one_piece_with_its_captions() -> None:
    version = make_video_course()
    first, second = version.lessons.all()
    assert first.video.file.content_type == "video/webm"
    assert first.video.captions.path == "media/counted.vtt"
    assert (first.video.milliseconds, len(first.video.transcript)) == (24_008, 5)
    assert not hasattr(second, "video")


def test_a_video_and_an_order_make_another_course() -> None:
    draft = make_draft()
    assert with_video(draft).digest != draft.digest
    assert replace(draft, in_order=True).digest != draft.digest


def test_the_content_of_a_file_is_stored_so_that_a_part_can_be_read_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attstorage FROM pg_attribute"
            " WHERE attrelid = 'catalog_media'::regclass AND attname = 'content'"
        )
        assert cursor.fetchone() == ("e",)


def test_a_course_that_uses_no_newer_part_keeps_the_digest_that_it_always_had() -> None:
    draft = make_draft(slug="a-course-of-old")
    assert draft.digest == "04927b065d32b32f7282497e21432a6fa21fbc643429570b7d771497aa59e0e4"


def test_a_replaced_version_does_not_come_back_by_itself() -> None:
    draft = make_draft()
    publishing.publish(draft=draft, by=BY)
    publishing.publish(draft=replace(draft, title="Another title"), by=BY)
    with pytest.raises(Refused, match="version 1"):
        publishing.publish(draft=draft, by=BY)
    assert [found.title for found in offerings.course(draft.slug)] == ["Another title"]


def test_what_a_bank_could_not_take_is_kept_with_it() -> None:
    draft = make_draft()
    bank = replace(draft.bank, not_taken=(NotTaken("T6A09", "it needs the figure t-2.png"),))
    version = publishing.publish(draft=replace(draft, bank=bank), by=BY)
    assert version.bank_version.not_taken == [
        {"ref": "T6A09", "reason": "it needs the figure t-2.png"}
    ]


def test_an_approval_follows_the_folder_and_leaves_a_trace() -> None:
    draft = make_draft(approvals=(APPROVAL,))
    publishing.publish(draft=draft, by=BY)
    longer = replace(APPROVAL, valid_to=date(2028, 12, 31))
    publishing.publish(draft=replace(draft, approvals=(longer,)), by=BY)
    assert Approval.objects.get().valid_to == date(2028, 12, 31)
    changes = Event.objects.filter(verb="catalog.approve").order_by("at", "id")
    assert [event.detail["changed"] for event in changes] == [[], ["valid_to"]]


def test_one_approval_number_cannot_serve_two_courses() -> None:
    make_course(approvals=(APPROVAL,))
    with pytest.raises(Refused, match="another course"):
        make_course(approvals=(APPROVAL,))


@pytest.mark.parametrize("model", [CourseVersion, Lesson, Question, BankVersion])
def test_what_was_published_cannot_be_changed_or_deleted(model: Any) -> None:
    make_course()
    row = model.objects.first()
    with pytest.raises(Frozen):
        row.save()
    with pytest.raises(Frozen):
        row.delete()
    for statement in ("UPDATE {} SET id = id", "DELETE FROM {}"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement.format(model._meta.db_table))


@pytest.mark.parametrize(
    "impossible",
    [
        {"pass_percent": 101},
        {"exam_questions": 0},
        {"credit_minutes": 0},
        {"access_days": 0},
    ],
)
def test_an_impossible_course_is_barred_by_the_database(impossible: dict[str, int]) -> None:
    version = make_course()
    values = {
        field.attname: getattr(version, field.attname)
        for field in CourseVersion._meta.fields
        if field.name not in {"id", "number", "digest"}
    }
    with pytest.raises(IntegrityError):
        CourseVersion.objects.create(**values | {"number": 2, "digest": "0" * 64} | impossible)


def test_an_approval_that_ends_before_it_begins_is_barred_by_the_database() -> None:
    course = make_course().course
    with pytest.raises(IntegrityError):
        Approval.objects.create(
            course=course,
            authority="demo-state-board",
            number="DSB-9",
            topic_minutes={"safety": 4},
            valid_from=date(2026, 2, 1),
            valid_to=date(2026, 1, 31),
        )
