"""Publishing: a checked draft becomes a version that is never edited."""

from dataclasses import asdict
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.catalog.drafts import ApprovalDraft, BankDraft, CourseDraft
from creditable.catalog.models import (
    Approval,
    ApprovalChange,
    Bank,
    BankVersion,
    Course,
    CourseVersion,
    Lesson,
    Media,
    Question,
    Video,
)
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused


@transaction.atomic
def publish(*, draft: CourseDraft, by: Actor) -> CourseVersion:
    """Makes the draft the version on sale and takes over its approvals. The same draft again
    changes nothing and returns the version that it is."""
    course, _ = Course.objects.get_or_create(slug=draft.slug)
    course = Course.objects.select_for_update().get(pk=course.pk)
    version = course.versions.order_by("-number").first()
    if version is None or version.digest != draft.digest:
        number = version.number + 1 if version else 1
        version = _version(course, number, draft, by)
    for approval in draft.approvals:
        _approve(course, approval, by)
    return version


def _version(course: Course, number: int, draft: CourseDraft, by: Actor) -> CourseVersion:
    earlier = course.versions.filter(digest=draft.digest).first()
    if earlier:
        raise Refused(
            _(
                "This is version {number} of {slug}, which a newer one has replaced. "
                "Nothing was changed. Edit the course before publishing it again."
            ).format(number=earlier.number, slug=course.slug),
            code="superseded",
        )
    version = CourseVersion.objects.create(
        course=course,
        number=number,
        digest=draft.digest,
        title=draft.title,
        subtitle=draft.subtitle,
        summary=draft.summary,
        subject=draft.subject,
        delivery=draft.delivery,
        credit_minutes=draft.credit_minutes,
        in_order=draft.in_order,
        access_days=draft.access_days,
        picture=draft.picture,
        detail=draft.detail,
        bank_version=_bank(draft.bank, by),
        exam_questions=draft.exam.questions,
        pass_percent=draft.exam.pass_percent,
        exam_minutes=draft.exam.minutes,
        exam_attempts=draft.exam.attempts,
        exam_delay_minutes=draft.exam.delay_minutes,
        attestation_version=draft.attestation_version,
        attestation_text=draft.attestation_text,
        practice_bank_version=_bank(draft.practice.bank, by) if draft.practice else None,
        practice_title=draft.practice.title if draft.practice else "",
        practice_questions=draft.practice.questions if draft.practice else 0,
        evaluation=asdict(draft.evaluation) if draft.evaluation else {},
    )
    lessons = Lesson.objects.bulk_create(
        Lesson(
            version=version,
            position=position,
            module_title=lesson.module_title,
            slug=lesson.slug,
            title=lesson.title,
            minutes=lesson.minutes,
            html=lesson.html,
        )
        for position, lesson in enumerate(draft.lessons, start=1)
    )
    media = Media.objects.bulk_create(
        Media(
            version=version,
            path=item.path,
            content_type=item.content_type,
            sha256=item.sha256,
            content=item.content,
        )
        for item in draft.media
    )
    by_path = {item.path: item for item in media}
    Video.objects.bulk_create(
        Video(
            lesson=lesson,
            file=by_path[said.video.path],
            captions=by_path[said.video.captions],
            milliseconds=said.video.milliseconds,
            width=said.video.width,
            height=said.video.height,
            transcript=[asdict(cue) for cue in said.video.transcript],
        )
        for lesson, said in zip(lessons, draft.lessons, strict=True)
        if said.video
    )
    trail.record(
        verb="catalog.publish",
        by=by,
        noun="course_version",
        noun_id=version.id,
        detail={"course": course.slug, "number": number, "digest": draft.digest},
    )
    return version


def _bank(draft: BankDraft, by: Actor) -> BankVersion:
    """The version of the bank that holds just these questions."""
    bank, _ = Bank.objects.get_or_create(slug=draft.slug)
    bank = Bank.objects.select_for_update().get(pk=bank.pk)
    same = bank.versions.filter(digest=draft.digest).first()
    if same:
        return same
    version = BankVersion.objects.create(
        bank=bank,
        number=bank.versions.count() + 1,
        digest=draft.digest,
        title=draft.title,
        source=draft.source,
        not_taken=[{"ref": missed.ref, "reason": missed.reason} for missed in draft.not_taken],
    )
    Question.objects.bulk_create(
        Question(
            bank_version=version,
            position=position,
            ref=question.ref,
            kind=question.kind,
            stem=question.stem,
            choices=list(question.choices),
            answer=question.answer,
            explanation=question.explanation,
            objective=question.objective,
            lesson_slug=question.lesson_slug,
        )
        for position, question in enumerate(draft.questions, start=1)
    )
    trail.record(
        verb="catalog.publish_bank",
        by=by,
        noun="bank_version",
        noun_id=version.id,
        detail={
            "bank": bank.slug,
            "number": version.number,
            "questions": len(draft.questions),
            "not_taken": len(draft.not_taken),
        },
    )
    return version


def _approve(course: Course, draft: ApprovalDraft, by: Actor) -> None:
    """Takes over an approval as the folder states it. One that the folder no longer names stays:
    the authority ends it, not a file."""
    values = {
        "topic_minutes": draft.topic_minutes,
        "valid_from": draft.valid_from,
        "valid_to": draft.valid_to,
    }
    approval, created = Approval.objects.select_for_update().get_or_create(
        authority=draft.authority, number=draft.number, defaults={"course": course, **values}
    )
    if approval.course_id != course.pk:
        raise Refused(
            _(
                "Approval {number} of {authority} belongs to another course. Nothing was "
                "changed. Correct its number."
            ).format(number=draft.number, authority=draft.authority),
            code="approval",
        )
    changed = [name for name, value in values.items() if getattr(approval, name) != value]
    if changed:
        ApprovalChange.objects.create(
            approval=approval,
            before={name: _plain(getattr(approval, name)) for name in changed},
            after={name: _plain(values[name]) for name in changed},
        )
        for name in changed:
            setattr(approval, name, values[name])
        approval.save(update_fields=changed)
    if created or changed:
        trail.record(
            verb="catalog.approve",
            by=by,
            noun="approval",
            noun_id=approval.id,
            detail={"authority": draft.authority, "number": draft.number, "changed": changed},
        )


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
