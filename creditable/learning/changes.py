"""Telling those who bought a course, and have not finished it, what changed about it since.

What they bought is pinned: outline, time and exam stay as they were, whatever is published. What an
authority changes is not ours to pin: how much the course counts, and until which day. Seminars and
goods do the same for their dates, places and shipments: find whom it affects, give each one letter,
and note each.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.catalog import offerings
from creditable.catalog.models import ApprovalChange, Course
from creditable.credit import packs
from creditable.disclosure import gate
from creditable.learning import access
from creditable.learning.models import ChangeCall, ChangeNotice, Enrollment
from creditable.learning.releases import CHANGED
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.mail import addresses, post
from creditable.people.models import License, Person

TOGETHER = timedelta(minutes=1)
"""Who corrects what they have just changed does not send two letters."""


def tell_all(*, by: Actor) -> None:
    """Tells of every change that has stood for a minute without another one after it."""
    untold = ApprovalChange.objects.filter(told_at=None)
    for course_id, newest in untold.values_list("approval__course_id").annotate(Max("at")):
        if newest <= now() - TOGETHER:
            tell(course=Course.objects.get(pk=course_id), by=by)


@transaction.atomic
def tell(*, course: Course, by: Actor) -> int:
    """Gives each person whom the untold changes of a course affect one letter about all that
    affects them; says how many people."""
    waiting = list(
        ApprovalChange.objects.select_for_update(of=("self",))
        .filter(approval__course=course, told_at=None)
        .select_related("approval")
        .order_by("at", "id")
    )
    affecting: dict[UUID, list[ApprovalChange]] = {}
    for change in waiting:
        for subject_id in affected(change):
            affecting.setdefault(subject_id, []).append(change)
    title = offerings.newest().get(course=course).title
    people = Person.objects.in_bulk(affecting)
    for subject_id, changes in sorted(affecting.items()):
        if (person := people.get(subject_id)) is not None:
            _tell(person, changes, {"title": title, "slug": course.slug}, by)
    ids = [change.pk for change in waiting]
    ApprovalChange.objects.filter(pk__in=ids).update(told_at=now())
    trail.record(
        verb="changes.tell",
        by=by,
        noun="course",
        noun_id=course.pk,
        detail={"changes": len(waiting), "people": len(affecting)},
    )
    return len(affecting)


def affected(change: ApprovalChange) -> list[UUID]:
    """Who is in the course, has not completed it, and holds a license of the authority, or has
    told us of no license at all (two queries)."""
    inside = Enrollment.objects.filter(
        access.is_open(),
        completion=None,
        course_version__course=change.approval.course_id,
        created_at__lte=change.at,
    ).values_list("subject_id", flat=True)
    licensed: dict[UUID, set[str]] = {}
    for subject_id, authority in License.objects.filter(subject_id__in=inside).values_list(
        "subject_id", "authority"
    ):
        licensed.setdefault(subject_id, set()).add(authority)
    return sorted(
        subject_id
        for subject_id in set(inside)
        if change.approval.authority in licensed.get(subject_id, {change.approval.authority})
    )


def _tell(
    person: Person, changes: Sequence[ApprovalChange], course: Mapping[str, str], by: Actor
) -> None:
    channel = ChangeNotice.Channel.EMAIL
    if addresses.is_dead(subject_id=person.pk, address=person.email):
        channel = ChangeNotice.Channel.PHONE
    else:
        try:
            post.send(
                kind=CHANGED,
                subject_id=person.pk,
                to=person.email,
                values={
                    "name": person.name,
                    "course": course,
                    "changes": [line for change in changes for line in lines(change)],
                },
                by=by,
                key=f"changed:{changes[-1].pk}:{person.pk}",
            )
        except gate.Denied as denied:
            denied.note()
            channel = ChangeNotice.Channel.PHONE
    ChangeNotice.objects.bulk_create(
        ChangeNotice(change=change, subject_id=person.pk, channel=channel) for change in changes
    )


def lines(change: ApprovalChange) -> list[str]:
    """What changed, in words."""
    pack = packs.find(change.approval.authority)
    authority = pack.short_name if pack else change.approval.authority
    before, after = change.before, change.after
    said = []
    if "topic_minutes" in after:
        said.append(
            _("{authority} gives {now} minutes of credit for it, not {then}.").format(
                authority=authority,
                now=sum(after["topic_minutes"].values()),
                then=sum(before["topic_minutes"].values()),
            )
        )
    if "valid_from" in after:
        said.append(
            _("{authority} counts it when it is completed from {now} on, not from {then}.").format(
                authority=authority, now=_day(after["valid_from"]), then=_day(before["valid_from"])
            )
        )
    if "valid_to" in after:
        said.append(
            _("{authority} counts it when it is completed by {now}, not by {then}.").format(
                authority=authority, now=_day(after["valid_to"]), then=_day(before["valid_to"])
            )
        )
    return said


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text), "F j, Y")


def to_call() -> QuerySet[ChangeNotice]:
    """Who has to be called, since no mail reaches them, the longest waiting first."""
    phone = ChangeNotice.objects.filter(channel=ChangeNotice.Channel.PHONE, changecall=None)
    return phone.select_related("change__approval__course").order_by("at", "id")


@transaction.atomic
def called(*, notice_id: UUID, by: Actor) -> None:
    """The office has told them."""
    notice = to_call().filter(pk=notice_id).first()
    if notice is None or by.subject_id is None:
        raise Refused(_("Somebody has called them already."), code="called")
    ChangeCall.objects.create(notice=notice, by=by.subject_id)
    trail.record(
        verb="changes.called", by=by, noun="change", noun_id=notice.change_id,
        about=notice.subject_id,
    )  # fmt: skip
