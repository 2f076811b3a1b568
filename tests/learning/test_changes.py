"""Who bought a course hears once of what an authority changes about it, and nobody else does."""

from collections.abc import Callable
from datetime import date, timedelta
from email.message import EmailMessage
from uuid import uuid4

import pytest

from creditable.audit.models import Event
from creditable.catalog import publishing
from creditable.catalog.drafts import ApprovalDraft
from creditable.catalog.models import Approval, ApprovalChange, CourseVersion
from creditable.learning import changes
from creditable.learning.models import ChangeNotice, Enrollment
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.mail import addresses
from creditable.people.models import Person
from tests.factories.catalog import make_draft
from tests.factories.credit import BOARD, TEXAS
from tests.factories.learning import enroll, sit_all, take_exam
from tests.factories.people import make_license, make_person
from tests.people.signing import mails_to, text_of
from tests.promises import promise

pytestmark = pytest.mark.django_db

BY = Actor.system("tests")
STAFF = Actor.staff(uuid4())


def approve(version: CourseVersion, *, minutes: int, until: date = date(2040, 1, 1)) -> None:
    """Publishes the course with this approval of the board."""
    approval = ApprovalDraft(
        authority=BOARD, number="DSB-1", topic_minutes={"code": minutes},
        valid_from=date(2020, 1, 1), valid_to=until,
    )  # fmt: skip
    draft = make_draft(slug=version.course.slug, approvals=(approval,))
    publishing.publish(draft=draft, by=BY)


def letters(person: Person) -> list[EmailMessage]:
    return [mail for mail in mails_to(person.email) if "has changed" in mail["Subject"]]


@pytest.fixture
def later(move_clock: Callable[..., None]) -> Callable[[], None]:
    """A minute passes, and the schedule looks."""

    def look() -> None:
        move_clock(timedelta(seconds=61))
        changes.tell_all(by=BY)

    return look


@promise("B5")
def test_a_changed_credit_is_told_once_to_whom_it_affects(
    ana: Person, place: Enrollment, version: CourseVersion, later: Callable[[], None]
) -> None:
    make_license(ana, authority=BOARD)
    approve(version, minutes=120)
    later()
    assert letters(ana) == [], "a new approval changes nothing that was bought"
    approve(version, minutes=60)
    later()
    later()
    (letter,) = letters(ana)
    assert "gives 60 minutes of credit for it, not 120." in text_of(letter)
    assert ChangeNotice.objects.get().channel == "email"
    assert Event.objects.get(verb="changes.tell").detail == {"changes": 1, "people": 1}


@promise("B5")
def test_changes_within_a_minute_are_one_letter(
    ana: Person, place: Enrollment, version: CourseVersion, later: Callable[[], None]
) -> None:
    approve(version, minutes=120)
    approve(version, minutes=100)
    approve(version, minutes=100, until=date(2027, 3, 1))
    changes.tell_all(by=BY)
    assert letters(ana) == [], "more may follow within the minute"
    later()
    (letter,) = letters(ana)
    assert "gives 100 minutes of credit" in text_of(letter)
    assert "completed by March 1, 2027, not by January 1, 2040." in text_of(letter)
    assert ChangeNotice.objects.count() == 2


@promise("B5")
def test_nobody_else_is_written_to(
    ana: Person, place: Enrollment, version: CourseVersion, later: Callable[[], None]
) -> None:
    elsewhere, finished, stranger = make_person(), make_person(), make_person()
    approve(version, minutes=120)
    make_license(elsewhere, authority=TEXAS)
    enroll(elsewhere, version)
    done = enroll(finished, version)
    sit_all(done)
    take_exam(finished, done, right=4)
    approve(version, minutes=60)
    later()
    assert len(letters(ana)) == 1, "who has told us of no license may hold this one"
    for person in (elsewhere, finished, stranger):
        assert letters(person) == []


@promise("B5")
def test_whom_no_mail_reaches_is_to_be_called(
    ana: Person, place: Enrollment, version: CourseVersion, later: Callable[[], None]
) -> None:
    addresses.mark_dead(subject_id=ana.pk, address=ana.email, status="5.1.1")
    approve(version, minutes=120)
    approve(version, minutes=60)
    later()
    assert letters(ana) == []
    (call,) = changes.to_call()
    assert (call.subject_id, call.channel) == (ana.pk, "phone")
    changes.called(notice_id=call.pk, by=STAFF)
    assert not changes.to_call().exists()
    with pytest.raises(Refused, match="called them already"):
        changes.called(notice_id=call.pk, by=STAFF)


def test_who_enrolled_after_the_change_bought_it_as_it_is(
    ana: Person, version: CourseVersion, later: Callable[[], None], move_clock: Callable[..., None]
) -> None:
    approve(version, minutes=120)
    approve(version, minutes=60)
    move_clock(timedelta(seconds=5))
    enroll(ana, version)
    later()
    assert letters(ana) == []
    assert ApprovalChange.objects.get().told_at


def test_the_same_approval_again_is_no_change(version: CourseVersion) -> None:
    approve(version, minutes=120)
    approve(version, minutes=120)
    assert Approval.objects.get(authority=BOARD).changes.count() == 0
