"""The exam is drawn by the server, answered one by one and graded on what was saved in time."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from creditable.audit.clock import now
from creditable.catalog.drafts import ApprovalDraft
from creditable.catalog.models import CourseVersion
from creditable.learning import attempts, grading, study
from creditable.learning.models import (
    AnswerEvent,
    Attempt,
    AttemptQuestion,
    Attestation,
    Completion,
    Enrollment,
)
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people.models import License, Person, Session
from tests.factories.catalog import make_course
from tests.factories.learning import (
    answer,
    begin_exam,
    enroll,
    hand_in,
    save,
    sit,
    sit_all,
    take_exam,
)
from tests.factories.people import make_license, make_person, sign_in
from tests.installation import wait_until

Move = Callable[[timedelta], None]
CLOCK = Actor.system("clock")


@pytest.fixture
def ready(place: Enrollment) -> Enrollment:
    """All the time of the course on record."""
    sit_all(place)
    return place


# Starting


def test_an_attempt_draws_its_questions_and_sets_its_deadline(
    ana: Person, ready: Enrollment
) -> None:
    attempt = begin_exam(ana, ready)
    assert (attempt.number, attempt.submitted_at) == (1, None)
    assert attempt.deadline - attempt.started_at == timedelta(minutes=10)
    sheet = attempts.answers(attempt)
    assert len({line.item.question_id for line in sheet}) == 4
    assert [line.item.position for line in sheet] == [1, 2, 3, 4]
    for line in sheet:
        assert line.choices[line.right] == line.item.question.choices[2]
        assert sorted(line.choices) == sorted(line.item.question.choices)


def test_the_declaration_is_kept_word_for_word_with_the_signature(
    ana: Person, ready: Enrollment
) -> None:
    attempts.start(
        subject_id=ana.pk,
        slug=ready.course_version.course.slug,
        signature=" ana  DIAZ ",
        by=ana.actor,
    )
    signed = Attestation.objects.get()
    assert signed.text == ready.course_version.attestation_text
    assert (signed.version, signed.signature) == (1, "ana DIAZ")


@pytest.mark.parametrize("signature", ["", "  ", "Ana", "Bob Diaz", "yes"])
def test_another_name_is_no_signature(ana: Person, ready: Enrollment, signature: str) -> None:
    with pytest.raises(Refused) as refused:
        attempts.start(
            subject_id=ana.pk,
            slug=ready.course_version.course.slug,
            signature=signature,
            by=ana.actor,
        )
    assert refused.value.field == "signature"
    assert Attempt.objects.count() == Attestation.objects.count() == 0


def test_the_exam_waits_for_the_last_second_of_every_lesson(ana: Person, place: Enrollment) -> None:
    first, second = place.course_version.lessons.all()
    sit(place, first, seconds=500)
    sit(place, second, seconds=119, until=now() - timedelta(hours=1))
    with pytest.raises(Refused, match="time of every lesson"):
        begin_exam(ana, place)
    sit(place, second, seconds=1, until=now() - timedelta(hours=2))
    assert begin_exam(ana, place).number == 1


def test_another_name_on_the_license_is_settled_first(ana: Person) -> None:
    approval = ApprovalDraft(
        "demo-state-board", "DSB-1", {"safety": 4}, date(2026, 1, 1), date(2027, 12, 31)
    )
    place = enroll(ana, make_course(approvals=(approval,)))
    sit_all(place)
    license = make_license(ana, authority="demo-state-board")
    License.objects.filter(pk=license.pk).update(name_as_printed="Anna Dietz")
    with pytest.raises(Refused) as refused:
        begin_exam(ana, place)
    assert refused.value.code == "names"
    License.objects.filter(pk=license.pk).update(name_as_printed="Diaz, Ana")
    assert begin_exam(ana, place).number == 1


def test_a_double_click_starts_one_attempt(ana: Person, ready: Enrollment) -> None:
    assert begin_exam(ana, ready) == begin_exam(ana, ready)
    assert Attempt.objects.count() == 1
    assert AttemptQuestion.objects.count() == 4


def test_the_next_attempt_waits_and_draws_anew(
    ana: Person, ready: Enrollment, move_clock: Move
) -> None:
    take_exam(ana, ready, right=1)
    with pytest.raises(Refused, match="next attempt can start"):
        begin_exam(ana, ready)
    move_clock(timedelta(minutes=5))
    assert begin_exam(ana, ready).number == 2


def test_after_the_last_attempt_there_is_none(
    ana: Person, ready: Enrollment, move_clock: Move
) -> None:
    for _ in range(2):
        take_exam(ana, ready, right=0)
        move_clock(timedelta(minutes=5))
    with pytest.raises(Refused, match="All attempts"):
        begin_exam(ana, ready)
    assert [one.number for one in ready.attempts.all()] == [1, 2]


def test_who_has_passed_cannot_start_again(ana: Person, ready: Enrollment) -> None:
    take_exam(ana, ready, right=4)
    with pytest.raises(Refused, match="passed"):
        begin_exam(ana, ready)


def test_without_access_there_is_no_exam(ana: Person, ready: Enrollment, move_clock: Move) -> None:
    move_clock(timedelta(days=31))
    with pytest.raises(Refused, match="not open to you"):
        begin_exam(ana, ready)
    with pytest.raises(Refused, match="not open to you"):
        begin_exam(make_person(), ready)


# Answering


def test_an_answer_is_saved_in_one_statement(
    ana: Person, ready: Enrollment, django_assert_num_queries: Any
) -> None:
    line = attempts.answers(begin_exam(ana, ready))[0]
    session = sign_in(ana)
    token = attempts.token(attempt=line.item.attempt, subject_id=ana.pk, session=session)
    with django_assert_num_queries(1):
        saved = attempts.save(token=token, session=session, place=1, version=1, choice=1)
    assert (saved.outcome, saved.version, saved.choice) == ("saved", 1, 1)
    assert 590 < saved.seconds_left <= 600


def test_the_same_answer_sent_again_is_the_same_answer(ana: Person, ready: Enrollment) -> None:
    line = attempts.answers(begin_exam(ana, ready))[0]
    assert save(ana, line, 1).outcome == "saved"
    assert save(ana, line, 1).outcome == "saved"
    assert AnswerEvent.objects.count() == 1


def test_a_change_of_mind_is_a_new_version_and_the_first_is_kept(
    ana: Person, ready: Enrollment
) -> None:
    attempt = begin_exam(ana, ready)
    line = attempts.answers(attempt)[0]
    save(ana, line, 1)
    save(ana, line, 2, version=2)
    assert attempts.answers(attempt)[0].chosen == 2
    assert list(AnswerEvent.objects.order_by("version").values_list("choice", flat=True)) == [1, 2]


def test_an_answer_from_an_older_window_does_not_win(ana: Person, ready: Enrollment) -> None:
    attempt = begin_exam(ana, ready)
    line = attempts.answers(attempt)[0]
    save(ana, line, 1)
    save(ana, line, 2, version=2)
    late = save(ana, line, 0, version=1)
    assert (late.outcome, late.version, late.choice) == ("stale", 2, 2)
    clash = save(ana, line, 0, version=2)
    assert (clash.outcome, clash.choice) == ("stale", 2)
    assert attempts.answers(attempt)[0].chosen == 2


@pytest.mark.parametrize("ahead", [2, 1000, attempts.MOST_CHANGES - 1])
def test_no_window_can_run_ahead_and_shut_the_others_out(
    ana: Person, ready: Enrollment, ahead: int
) -> None:
    attempt = begin_exam(ana, ready)
    line = attempts.answers(attempt)[0]
    first = save(ana, line, 1, version=ahead)
    assert (first.outcome, first.version, first.choice) == ("stale", 0, None)
    save(ana, line, 1)
    again = save(ana, line, 2, version=ahead + 1)
    assert (again.outcome, again.version, again.choice) == ("stale", 1, 1)
    assert save(ana, line, 2, version=again.version + 1).outcome == "saved"


@pytest.mark.django_db
@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sent=st.lists(st.tuples(st.integers(-1, 6), st.integers(-1, 3)), max_size=15))
def test_the_statement_that_saves_follows_the_pure_rule(
    sent: list[tuple[int, int]], ready: Enrollment, ana: Person
) -> None:
    """Whatever versions and choices are sent: what is told to stand is what the law says of the
    events, and what was taken is the next version with a choice that is there."""
    with transaction.atomic():
        line = attempts.answers(begin_exam(ana, ready))[0]
        taken: list[tuple[UUID, int, int]] = []
        for version, choice in sent:
            last, _ = grading.latest(taken).get(line.item.pk, (0, None))
            there = 0 <= choice < len(line.choices)
            if version == last + 1 and there:
                taken.append((line.item.pk, version, choice))
            said = save(ana, line, choice, version=version)
            stands = grading.latest(taken).get(line.item.pk, (0, None))
            if version < 1 or not there:
                assert said.outcome == "unknown"
                continue
            assert said.outcome == ("saved" if (version, choice) == stands else "stale")
            assert (said.version, said.choice) == stands
        events = AnswerEvent.objects.filter(item=line.item).order_by("version")
        assert list(events.values_list("item_id", "version", "choice")) == taken
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("choice", "number"), [(-1, 1), (3, 1), (99, 1), (10**6, 1), (0, 0), (0, -1), (0, 10**9)]
)
def test_a_choice_that_is_not_there_is_not_saved(
    ana: Person, ready: Enrollment, choice: int, number: int
) -> None:
    line = attempts.answers(begin_exam(ana, ready))[0]
    assert save(ana, line, choice, version=number).outcome == "unknown"
    assert AnswerEvent.objects.count() == 0


def test_nobody_answers_for_somebody_else(ana: Person, ready: Enrollment) -> None:
    attempt = begin_exam(ana, ready)
    line = attempts.answers(attempt)[0]
    stranger = make_person()
    assert save(stranger, line, 0).outcome == "unknown"
    with pytest.raises(Refused, match="no such attempt"):
        hand_in(stranger, attempt)
    assert AnswerEvent.objects.count() == 0


@pytest.mark.parametrize("nowhere", [-1, 0, 5, 10**9])
def test_a_question_that_is_not_on_the_sheet_is_not_answered(
    ana: Person, ready: Enrollment, nowhere: int
) -> None:
    session = sign_in(ana)
    token = attempts.token(attempt=begin_exam(ana, ready), subject_id=ana.pk, session=session)
    said = attempts.save(token=token, session=session, place=nowhere, version=1, choice=0)
    assert said.outcome == "unknown"


def test_an_answer_comes_from_the_browser_that_opened_the_sheet(
    ana: Person, ready: Enrollment
) -> None:
    attempt = begin_exam(ana, ready)
    phone, tablet = sign_in(ana, "phone"), sign_in(ana, "tablet")
    token = attempts.token(attempt=attempt, subject_id=ana.pk, session=phone)
    refused = [(token, tablet, "session"), ("x" + token, phone, "token"), ("", phone, "token")]
    for shown, session, code in refused:
        with pytest.raises(Refused) as refusal:
            attempts.save(token=shown, session=session, place=1, version=1, choice=0)
        assert refusal.value.code == code
    assert AnswerEvent.objects.count() == 0


def test_who_is_signed_out_saves_nothing(ana: Person, ready: Enrollment, move_clock: Move) -> None:
    attempt = begin_exam(ana, ready)
    session = sign_in(ana)
    token = attempts.token(attempt=attempt, subject_id=ana.pk, session=session)
    sent = {"token": token, "session": session, "place": 1, "version": 1, "choice": 0}
    move_clock(timedelta(seconds=settings.IDLE_SECONDS + 15), idle=True)
    assert attempts.save(**sent).outcome == "signed_out"
    Session.objects.all().delete()
    assert attempts.save(**sent).outcome == "signed_out"
    assert AnswerEvent.objects.count() == 0


def test_an_answer_is_a_sign_of_life(ana: Person, ready: Enrollment, move_clock: Move) -> None:
    attempts.start(
        subject_id=ana.pk, slug=ready.course_version.course.slug, signature=ana.name, by=ana.actor
    )
    line = attempts.answers(Attempt.objects.get())[0]
    session = sign_in(ana)
    token = attempts.token(attempt=line.item.attempt, subject_id=ana.pk, session=session)
    before = Session.objects.get(digest=session).seen_at
    for version, later in ((1, timedelta()), (2, timedelta(minutes=4))):
        move_clock(later, idle=True)
        attempts.save(token=token, session=session, place=1, version=version, choice=0)
        seen = Session.objects.get(digest=session).seen_at
        assert (seen > before) == bool(later)


def test_after_the_deadline_nothing_is_saved(
    ana: Person, ready: Enrollment, move_clock: Move
) -> None:
    attempt = begin_exam(ana, ready)
    line = attempts.answers(attempt)[0]
    save(ana, line, 1)
    move_clock(timedelta(minutes=10))
    late = save(ana, line, 2, version=2)
    assert (late.outcome, late.choice, late.seconds_left) == ("over", 1, 0)
    assert attempts.answers(attempt)[0].chosen == 1


def test_after_submitting_nothing_is_saved(ana: Person, ready: Enrollment) -> None:
    attempt = begin_exam(ana, ready)
    line = attempts.answers(attempt)[0]
    hand_in(ana, attempt)
    assert save(ana, line, line.right).outcome == "over"


def test_seventeen_answers_and_the_right_time_come_back_on_another_device(
    ana: Person, ready: Enrollment, move_clock: Move
) -> None:
    attempt = begin_exam(ana, ready)
    for line in attempts.answers(attempt)[:3]:
        save(ana, line, 1)
    move_clock(timedelta(minutes=4))
    again = attempts.answers(Attempt.objects.get(submitted_at=None))
    assert [line.chosen for line in again] == [1, 1, 1, None]
    assert [line.item.pk for line in again] == [line.item.pk for line in attempts.answers(attempt)]
    assert 350 < save(ana, again[3], 0).seconds_left <= 360


# Ending


def test_a_passed_exam_is_graded_once(ana: Person, ready: Enrollment) -> None:
    attempt = begin_exam(ana, ready)
    answer(ana, attempt, right=3)
    first = hand_in(ana, attempt)
    assert (first.correct, first.percent, first.passed) == (3, 75, True)
    again = hand_in(ana, attempt)
    assert (again.submitted_at, again.percent) == (first.submitted_at, 75)
    assert Completion.objects.count() == 1


def test_a_failed_exam_names_what_to_review_and_nothing_else(
    ana: Person, ready: Enrollment
) -> None:
    attempt = take_exam(ana, ready, right=2)
    assert (attempt.percent, attempt.passed) == (50, False)
    missed = [line.item.question.objective for line in attempts.answers(attempt)[2:]]
    assert attempt.review == list(dict.fromkeys(missed))
    assert Completion.objects.count() == 0


def test_an_attempt_that_nobody_submits_is_graded_on_what_was_saved(
    ana: Person, ready: Enrollment, move_clock: Move, run_jobs: Callable[[], int]
) -> None:
    attempt = begin_exam(ana, ready)
    answer(ana, attempt, right=4)
    attempts.settle(attempt_id=attempt.pk, by=CLOCK)
    attempt.refresh_from_db()
    assert attempt.submitted_at is None
    move_clock(timedelta(minutes=11))
    attempts.settle(attempt_id=attempt.pk, by=CLOCK)
    attempts.settle(attempt_id=attempt.pk, by=CLOCK)
    attempt.refresh_from_db()
    assert (attempt.ran_out, attempt.passed) == (True, True)
    assert attempt.submitted_at == attempt.deadline
    assert Completion.objects.count() == 1


def test_an_exam_that_is_to_be_whole_waits_for_its_last_answer_while_there_is_time(
    ana: Person, ready: Enrollment, move_clock: Move
) -> None:
    attempt = begin_exam(ana, ready)
    for line in attempts.answers(attempt)[:3]:
        save(ana, line, line.right)

    with pytest.raises(Refused) as refusal:
        hand_in(ana, attempt, whole=True)
    assert refusal.value.code == "unanswered"
    attempt.refresh_from_db()
    assert attempt.submitted_at is None
    move_clock(timedelta(minutes=11))
    assert hand_in(ana, attempt, whole=True).correct == 3


def test_submitting_after_the_deadline_counts_as_the_deadline(
    ana: Person, ready: Enrollment, move_clock: Move
) -> None:
    attempt = begin_exam(ana, ready)
    answer(ana, attempt, right=1)
    move_clock(timedelta(hours=3))
    assert hand_in(ana, attempt).ran_out


def test_starting_again_after_a_forgotten_attempt_grades_that_one_first(
    ana: Person, ready: Enrollment, move_clock: Move
) -> None:
    begin_exam(ana, ready)
    move_clock(timedelta(minutes=15))
    assert begin_exam(ana, ready).number == 2
    first = Attempt.objects.get(number=1)
    assert (first.percent, first.ran_out) == (0, True)


def test_earlier_attempts_are_kept_with_their_questions_as_shown(
    ana: Person, ready: Enrollment, move_clock: Move
) -> None:
    first = take_exam(ana, ready, right=1)
    before = [(line.choices, line.chosen) for line in attempts.answers(first)]
    move_clock(timedelta(minutes=5))
    take_exam(ana, ready, right=4)
    assert [(line.choices, line.chosen) for line in attempts.answers(first)] == before


# The database itself


def test_only_one_attempt_can_be_open(ana: Person, ready: Enrollment) -> None:
    attempt = begin_exam(ana, ready)
    other = Attestation.objects.create(enrollment=ready, version=1, text="x", signature="y")
    with pytest.raises(IntegrityError, match="learning_attempt_one_open"):
        Attempt.objects.create(
            enrollment=ready, attestation=other, number=2, deadline=attempt.deadline
        )


def test_a_grade_without_an_end_is_barred(ana: Person, ready: Enrollment) -> None:
    attempt = begin_exam(ana, ready)
    with pytest.raises(IntegrityError, match="learning_attempt_graded_once"), transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(percent=100)
    with pytest.raises(IntegrityError, match="learning_attempt_graded_once"):
        Attempt.objects.filter(pk=attempt.pk).update(submitted_at=now())


@pytest.mark.parametrize(
    "table", ["learning_answerevent", "learning_attemptquestion", "learning_attestation"]
)
def test_what_was_shown_signed_and_answered_cannot_be_changed(
    ana: Person, ready: Enrollment, table: str
) -> None:
    take_exam(ana, ready, right=1)
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with (
            pytest.raises(Exception, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_many_starts_and_submits_at_once_make_one_attempt_and_one_completion(
    ana: Person, version: CourseVersion
) -> None:
    place = enroll(ana, version)
    sit_all(place)
    failures: list[Exception] = []

    def press(work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as failure:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(failure)
        finally:
            connection.close()

    def together(work: Callable[[], object]) -> None:
        presses = [threading.Thread(target=press, args=(work,)) for _ in range(8)]
        for one in presses:
            one.start()
        for one in presses:
            one.join()

    together(lambda: begin_exam(ana, place))
    attempt = Attempt.objects.get()
    answer(ana, attempt, right=4)
    together(lambda: hand_in(ana, attempt))
    assert failures == []
    assert Completion.objects.count() == 1
    assert study.of(place).completion == Completion.objects.get()


@pytest.mark.django_db(transaction=True)
def test_who_hands_in_waits_for_the_enrollment_before_holding_the_attempt(
    ana: Person, version: CourseVersion
) -> None:
    """As whoever starts the next one does: else each could wait for what the other holds."""
    place = enroll(ana, version)
    sit_all(place)
    attempt = begin_exam(ana, place)
    answer(ana, attempt, right=4)

    def submit() -> None:
        try:
            hand_in(ana, attempt)
        finally:
            connection.close()

    handing_in = threading.Thread(target=submit)
    with transaction.atomic():
        Enrollment.objects.select_for_update(no_key=True).get(pk=place.pk)
        handing_in.start()
        wait_until(waits_for_a_lock, "handing in waits")
        Attempt.objects.select_for_update(no_key=True, nowait=True).get(pk=attempt.pk)
    handing_in.join()
    assert Completion.objects.count() == 1


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])
