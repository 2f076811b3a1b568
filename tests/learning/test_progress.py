"""Time counts while a lesson is read, once for a person, and no report counts twice."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from creditable.audit.clock import now
from creditable.audit.guard import Frozen
from creditable.audit.models import ClockOffset
from creditable.catalog.models import CourseVersion, Lesson
from creditable.learning import enrollment, evidence, progress, seattime, study
from creditable.learning.models import Beat, Enrollment
from creditable.learning.progress import Beaten
from creditable.lib import tokens
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people.models import Person, Session
from tests.factories.catalog import make_course, make_video_course
from tests.factories.learning import enroll, sit
from tests.factories.people import make_person, sign_in
from tests.promises import promise

BY = Actor.system("tests")
Move = Callable[[timedelta], None]


@dataclass
class Window:
    """A lesson's page in a browser: keeps its token as the page's script does."""

    session: str
    token: str
    tried: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, place: Enrollment, lesson: str, session: str) -> "Window":
        found = study.of(place)
        row = found.row(lesson)
        assert row
        return cls(session, study.token(found, row, session))

    def beat(self, *, reading: bool = True, position: int = 0, **more: Any) -> Beaten:
        beaten = progress.beat(
            token=self.token, session=self.session, position=position, reading=reading, **more
        )
        self.tried.append(self.token)
        self.token = beaten.token or self.token
        return beaten


@pytest.fixture
def phone(ana: Person) -> str:
    return sign_in(ana)


@pytest.fixture
def page(place: Enrollment, phone: str) -> Window:
    """The first lesson, just opened."""
    return Window.open(place, "lesson-1", phone)


@pytest.fixture
def wall(db: None) -> Callable[[], float]:
    """Seconds that have passed on the database's clock since the test began."""
    began = now()
    return lambda: (now() - began) / timedelta(seconds=1)


def seconds(move: Move, number: float) -> None:
    move(timedelta(seconds=number))


def test_half_a_minute_of_reading_counts(
    page: Window, move_clock: Move, wall: Callable[[], float]
) -> None:
    seconds(move_clock, 30)
    beaten = page.beat(position=12_350)
    assert beaten.outcome == "counted"
    assert 30 <= beaten.lesson_seconds <= wall()
    assert beaten.course_seconds == beaten.lesson_seconds
    assert beaten.lesson_cap == 120


def test_reading_on_adds_up_and_loses_less_than_a_second(
    page: Window, move_clock: Move, wall: Callable[[], float]
) -> None:
    for _ in range(4):
        seconds(move_clock, 25.5)
        beaten = page.beat()
    assert 102 <= beaten.lesson_seconds <= wall()


def test_a_report_takes_one_statement(
    page: Window, move_clock: Move, django_assert_num_queries: Any
) -> None:
    seconds(move_clock, 30)
    with django_assert_num_queries(1):
        page.beat()


def test_the_place_in_the_text_is_kept_to_come_back_to(page: Window, place: Enrollment) -> None:
    page.beat(position=12_350)
    found = study.of(place)
    assert found.last
    assert (found.last.slug, found.last.seen_position, found.last.seen_block) == (
        "lesson-1",
        12_350,
        12,
    )


def test_a_lesson_never_counts_more_than_its_minutes(page: Window, move_clock: Move) -> None:
    for _ in range(8):
        seconds(move_clock, 30)
        beaten = page.beat()
    assert beaten.outcome == "counted"
    assert beaten.lesson_seconds == beaten.lesson_cap == 120


# What does not count


def test_a_silence_longer_than_the_grace_counts_nothing(page: Window, move_clock: Move) -> None:
    seconds(move_clock, 61)
    assert page.beat().lesson_seconds == 0
    seconds(move_clock, 30)
    assert 30 <= page.beat().lesson_seconds < 61


def test_the_night_of_a_sleeping_laptop_counts_nothing(page: Window, move_clock: Move) -> None:
    move_clock(timedelta(hours=9))
    assert page.beat().lesson_seconds == 0


def test_time_that_the_page_says_was_not_reading_counts_nothing(
    page: Window, move_clock: Move
) -> None:
    seconds(move_clock, 30)
    assert page.beat(reading=False).lesson_seconds == 0


def test_a_replayed_report_counts_nothing_and_says_what_stands(
    page: Window, move_clock: Move
) -> None:
    seconds(move_clock, 30)
    first = page.beat()
    seconds(move_clock, 30)
    page.token = page.tried[0]
    again = page.beat()
    assert again.outcome == "used"
    assert again.lesson_seconds == first.lesson_seconds
    assert Beat.objects.count() == 1


def test_reports_in_another_order_count_nothing_twice(
    page: Window, move_clock: Move, wall: Callable[[], float]
) -> None:
    for _ in range(3):
        seconds(move_clock, 10)
        page.beat()
    counted = page.beat().lesson_seconds
    for old in (page.tried[2], page.tried[0], page.tried[1]):
        page.token = old
        assert page.beat().outcome == "used"
    assert page.beat().lesson_seconds <= wall()
    assert counted <= wall()


def test_a_lost_answer_costs_no_more_than_the_time_since(page: Window, move_clock: Move) -> None:
    """The report arrived, its answer did not: the page tries again and goes on."""
    seconds(move_clock, 30)
    page.beat()
    page.token = page.tried[0]
    retry = page.beat()
    assert (retry.outcome, bool(retry.token)) == ("used", True)
    seconds(move_clock, 30)
    assert page.beat().lesson_seconds >= 60


def test_a_browser_that_is_signed_out_counts_nothing(page: Window, move_clock: Move) -> None:
    Session.objects.all().delete()
    seconds(move_clock, 30)
    beaten = page.beat()
    assert (beaten.outcome, beaten.token) == ("signed_out", "")
    assert Beat.objects.count() == 0


def test_a_session_that_has_run_out_counts_nothing(page: Window, move_clock: Move) -> None:
    move_clock(timedelta(days=15))
    assert page.beat().outcome == "signed_out"


def test_after_access_was_taken_back_nothing_counts(
    page: Window, place: Enrollment, move_clock: Move
) -> None:
    reason = place.grants.get()
    enrollment.withdraw(source=reason.source, source_id=reason.source_id, by=BY)
    seconds(move_clock, 30)
    assert page.beat().outcome == "closed"
    assert Beat.objects.count() == 0


def test_after_access_has_ended_nothing_counts(page: Window, move_clock: Move) -> None:
    Session.objects.update(expires_at=now() + timedelta(days=99))
    move_clock(timedelta(days=31))
    assert page.beat().outcome == "closed"


@pytest.mark.parametrize("forged", ["", "x", "e30.x", "a.b.c", "é.é", "." * 5000])
def test_a_token_that_is_not_ours_is_refused(page: Window, forged: str) -> None:
    page.token = forged
    with pytest.raises(Refused):
        page.beat()


def test_an_altered_token_is_refused(page: Window) -> None:
    body, _, mac = page.token.partition(".")
    page.token = f"{body[:-1]}{'A' if body[-1] != 'A' else 'B'}.{mac}"
    with pytest.raises(Refused):
        page.beat()


def test_a_token_signed_for_something_else_is_refused(page: Window) -> None:
    page.token = tokens.sign({"s": 1}, key=settings.TOKEN_KEY, purpose="practice")
    with pytest.raises(Refused):
        page.beat()


def test_somebody_elses_token_is_worthless(page: Window, move_clock: Move, policy: Any) -> None:
    thief = sign_in(make_person())
    seconds(move_clock, 30)
    with pytest.raises(Refused):
        progress.beat(token=page.token, session=thief, position=0, reading=True)
    assert Beat.objects.count() == 0


def test_a_lesson_of_another_course_counts_nothing(
    place: Enrollment, phone: str, move_clock: Move
) -> None:
    foreign = make_course().lessons.get(position=1)
    token = progress.token(
        enrollment_id=place.pk,
        lesson_id=foreign.pk,
        subject_id=place.subject_id,
        session=phone,
        sequence=1,
        opened=now(),
    )
    seconds(move_clock, 30)
    assert progress.beat(token=token, session=phone, position=0, reading=True).outcome == "closed"


# Two windows, two courses, two devices


def test_two_windows_of_one_course_count_the_time_once(
    page: Window, place: Enrollment, phone: str, move_clock: Move, wall: Callable[[], float]
) -> None:
    other = Window.open(place, "lesson-2", phone)
    for _ in range(4):
        seconds(move_clock, 15)
        page.beat()
        seconds(move_clock, 15)
        other.beat()
    total = sum(evidence.seconds_by_lesson(place).values())
    assert 30 <= total <= wall()


def test_two_courses_on_two_devices_count_the_time_once(
    page: Window, place: Enrollment, ana: Person, move_clock: Move, wall: Callable[[], float]
) -> None:
    second = enroll(ana, make_course())
    tablet = Window.open(second, "lesson-1", sign_in(ana, "tablet"))
    for _ in range(3):
        seconds(move_clock, 30)
        assert page.beat().outcome == "counted"
        assert tablet.beat().outcome == "counted"
    total = sum(evidence.seconds_by_lesson(place).values())
    total += sum(evidence.seconds_by_lesson(second).values())
    assert 90 <= total <= wall()


def test_going_on_to_the_next_lesson_goes_on_counting(
    page: Window, place: Enrollment, phone: str, move_clock: Move
) -> None:
    seconds(move_clock, 30)
    first = page.beat()
    following = Window.open(place, "lesson-2", phone)
    seconds(move_clock, 30)
    beaten = following.beat()
    assert beaten.lesson_seconds >= 30
    assert beaten.course_seconds == beaten.lesson_seconds + first.lesson_seconds


@pytest.mark.django_db
@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 90), st.integers(0, 3), st.booleans(), st.integers(0, 5)),
        max_size=12,
    )
)
def test_whatever_is_sent_the_credit_is_within_the_wall_time_and_the_evidence_agrees(
    steps: list[tuple[int, int, bool, int]], policy: Any
) -> None:
    """Four windows over two courses send fresh, old and repeated tokens after any pauses."""
    with transaction.atomic():
        ClockOffset.objects.all().delete()
        clock = ClockOffset.objects.create(seconds=0)
        person = make_person()
        session = sign_in(person)
        places = [enroll(person, make_course(minutes=20)) for _ in range(2)]
        began = now()
        windows = [
            Window.open(place, lesson, session)
            for place in places
            for lesson in ("lesson-1", "lesson-2")
        ]
        known = [windows[0].token]
        for pause, number, reading, old in steps:
            clock.seconds += pause
            clock.save()
            window = windows[number]
            known.append(window.token)
            if old:
                window.token = known[-old % len(known)]
            window.beat(reading=reading, touched=True)
        passed = (now() - began) / timedelta(seconds=1)
        counted = [evidence.seconds_by_lesson(place) for place in places]
        assert sum(sum(each.values()) for each in counted) <= passed
        for place, recounted in zip(places, counted, strict=True):
            shown = {row.id: row.counted_seconds for row in study.of(place).rows}
            assert shown == recounted
        transaction.set_rollback(True)


@pytest.mark.django_db
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(
            st.integers(0, 75), st.integers(0, 3), st.integers(0, 9).map(bool), st.integers(0, 4)
        ),
        max_size=14,
    )
)
def test_the_statement_that_counts_follows_the_pure_rule(
    steps: list[tuple[int, int, bool, int]], policy: Any
) -> None:
    """Four windows over two courses, tokens fresh and old, pauses short and long: each report
    adds the very stretch that `seattime.closed` says, and each lesson counts what
    `seattime.counted` makes of its stretches."""
    with transaction.atomic():
        ClockOffset.objects.all().delete()
        clock = ClockOffset.objects.create(seconds=0)
        person = make_person()
        session = sign_in(person)
        places = [enroll(person, make_course(minutes=1)) for _ in range(2)]
        windows = [
            Window.open(place, lesson, session)
            for place in places
            for lesson in ("lesson-1", "lesson-2")
        ]
        known = [window.token for window in windows]
        taken_until: datetime | None = None
        stretches: dict[str, list[seattime.Span]] = {}
        for pause, number, reading, old in steps:
            clock.seconds += pause
            clock.save()
            window = windows[number]
            if old == 1:
                window.token = known[pause % len(known)]
            said = tokens.read(window.token, key=settings.TOKEN_KEY, purpose=progress.PURPOSE)
            reports = Beat.objects.filter(enrollment=said["e"])
            fresh = said["s"] == reports.count() + 1
            beaten = window.beat(reading=reading, touched=True)
            known.append(window.token)
            assert beaten.outcome == ("counted" if fresh else "used")
            lesson = stretches.setdefault(said["l"], [])
            if fresh:
                written = reports.get(sequence=said["s"])
                opened = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=said["t"])
                added = seattime.closed(opened, written.at, taken_until) if reading else None
                span = written.span and seattime.Span(written.span.lower, written.span.upper)
                assert span == added
                if added:
                    lesson.append(added)
                    taken_until = added.end
            assert beaten.lesson_seconds == seattime.counted(lesson, beaten.lesson_cap)
        transaction.set_rollback(True)


# A lesson with a video of 24 seconds, worth two minutes


@pytest.fixture
def film(ana: Person) -> Enrollment:
    return enroll(ana, make_video_course())


@pytest.fixture
def screen(film: Enrollment, phone: str) -> Window:
    """The lesson with the video, just opened."""
    return Window.open(film, "lesson-1", phone)


def test_playing_counts_the_time_that_passes_once_for_each_part(
    screen: Window, move_clock: Move
) -> None:
    seconds(move_clock, 10)
    beaten = screen.beat(played=[(0, 10_000)], video_position=10_000)
    assert 10 <= beaten.lesson_seconds <= 11
    assert beaten.covered == ((0, 10_000),)
    seconds(move_clock, 10)
    again = screen.beat(played=[(0, 10_000)])
    assert again.lesson_seconds == 10
    assert again.reason == "again"
    seconds(move_clock, 20)
    fast = screen.beat(played=[(10_000, 24_008)])
    assert fast.lesson_seconds == 24
    assert fast.covered == ((0, 24_008),)


@promise("A17")
def test_the_video_is_resumed_to_the_second_on_another_device(
    screen: Window, film: Enrollment, ana: Person, move_clock: Move
) -> None:
    seconds(move_clock, 10)
    screen.beat(played=[(0, 9_300)], video_position=9_300)
    row = study.of(film).rows[0]
    assert (row.video_position, row.covered) == (9_300, ((0, 9_300),))


def test_reading_beside_the_video_counts_what_the_video_leaves(
    screen: Window, move_clock: Move
) -> None:
    for _ in range(5):
        seconds(move_clock, 30)
        beaten = screen.beat()
    assert beaten.lesson_seconds == 120 - 24 + seattime.CRUMB
    assert beaten.reason == "text"
    seconds(move_clock, 24)
    assert screen.beat(played=[(0, 24_008)]).lesson_seconds == 120


def test_more_than_can_have_been_played_is_not_believed(screen: Window, move_clock: Move) -> None:
    beaten = screen.beat(played=[(0, 24_008)])
    assert (beaten.lesson_seconds, beaten.covered) == (0, ())
    seconds(move_clock, 2)
    beaten = screen.beat(played=[(0, 24_008)])
    assert (beaten.lesson_seconds, beaten.covered, beaten.reason) == (0, (), "fast")


def test_parts_that_are_no_parts_do_no_harm(screen: Window, move_clock: Move) -> None:
    seconds(move_clock, 30)
    beaten = screen.beat(
        played=[(5, 2), (90_000, 95_000), (3_000, 3_000)], video_position=99_000_000
    )
    assert beaten.covered == ()
    assert Beat.objects.get().video_position == 24_008


def test_a_text_lesson_has_no_parts(page: Window, move_clock: Move) -> None:
    seconds(move_clock, 30)
    assert page.beat(played=[(0, 30_000)], video_position=5).lesson_seconds >= 30
    written = Beat.objects.get()
    assert (written.played, written.covered, written.video_position) == (None, None, None)


def test_a_report_of_a_video_takes_one_statement(
    screen: Window, move_clock: Move, django_assert_num_queries: Any
) -> None:
    seconds(move_clock, 20)
    with django_assert_num_queries(1):
        screen.beat(played=[(0, 20_000)], touched=True)


def test_time_proved_elsewhere_is_the_videos_first(film: Enrollment) -> None:
    lesson = first_lesson(film.course_version)
    sit(film, lesson, seconds=120)
    assert evidence.seconds_by_lesson(film)[lesson.pk] == 120
    assert study.of(film).rows[0].counted_seconds == 120
    assert study.of(film).rows[0].covered == ((0, 24_008),)


@pytest.mark.django_db
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(
            st.integers(0, 75),
            st.integers(0, 2),
            st.integers(0, 9).map(bool),
            st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 30_000)), max_size=3),
        ),
        max_size=14,
    )
)
def test_the_statement_that_counts_a_video_follows_the_pure_rule(
    steps: list[tuple[int, int, bool, list[tuple[int, int]]]], policy: Any
) -> None:
    """Two windows with the video and one with a text report any parts after any pauses: what is
    written is what `seattime` makes of it, and no more than the time that passed."""
    with transaction.atomic():
        ClockOffset.objects.all().delete()
        clock = ClockOffset.objects.create(seconds=0)
        person = make_person()
        session = sign_in(person)
        place = enroll(person, make_video_course(minutes=1))
        began = now()
        windows = [
            Window.open(place, lesson, session) for lesson in ("lesson-1", "lesson-1", "lesson-2")
        ]
        spent: list[seattime.Spent] = []
        worth = seattime.Worth(60, 24_008)
        for pause, number, reading, parts in steps:
            clock.seconds += pause
            clock.save()
            window = windows[number]
            said = tokens.read(window.token, key=settings.TOKEN_KEY, purpose=progress.PURPOSE)
            beaten = window.beat(reading=reading, played=parts, touched=True)
            if beaten.outcome == "counted" and number < 2:
                written = Beat.objects.get(enrollment=place, sequence=said["s"])
                opened = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=said["t"])
                played = seattime.union(parts, worth.video)
                counts = reading and seattime.believed(played, written.at - opened)
                assert written.span is None or counts
                if written.span:
                    span = seattime.Span(written.span.lower, written.span.upper)
                    assert (written.played or ()) == played
                    spent.append(seattime.Spent(span, played))
                assert beaten.lesson_seconds == seattime.worth(spent, worth)
                assert beaten.covered == seattime.union(
                    [part for each in spent for part in each.played], worth.video
                )
        passed = (now() - began) / timedelta(seconds=1)
        recounted = evidence.seconds_by_lesson(place)
        assert sum(recounted.values()) <= passed
        assert recounted == {row.id: row.counted_seconds for row in study.of(place).rows}
        transaction.set_rollback(True)


# What keeps a session alive


@promise("A18")
@pytest.mark.parametrize(
    ("report", "alive"),
    [
        ({}, False),
        ({"reading": False}, False),
        ({"played": [(0, 24_008)], "reading": False}, False),
        ({"touched": True}, True),
        ({"touched": True, "reading": False}, True),
    ],
)
def test_a_report_alone_is_no_sign_of_life_but_a_person_is(
    screen: Window, move_clock: Any, report: dict[str, Any], alive: bool
) -> None:
    for _ in range(25):
        move_clock(timedelta(seconds=30), idle=True)
        beaten = screen.beat(**report)
    assert (beaten.outcome == "counted") is alive
    if alive:
        assert 600 <= beaten.idle_left <= 615


@promise("A18")
def test_watching_a_video_is_a_sign_of_life(screen: Window, move_clock: Any) -> None:
    for _ in range(25):
        move_clock(timedelta(seconds=30), idle=True)
        beaten = screen.beat(played=[(0, 24_008)])
    assert beaten.outcome == "counted"


def test_an_old_token_is_no_sign_of_life(screen: Window, move_clock: Any) -> None:
    old = screen.token
    move_clock(timedelta(seconds=30), idle=True)
    screen.beat(played=[(0, 24_008)])
    for _ in range(25):
        move_clock(timedelta(seconds=30), idle=True)
        screen.token = old
        beaten = screen.beat(played=[(0, 24_008)])
    assert beaten.outcome == "signed_out"


# The database itself


def span(start: float, end: float) -> DateTimeTZRange:
    began = now().replace(microsecond=0)
    return DateTimeTZRange(began + timedelta(seconds=start), began + timedelta(seconds=end))


def write(place: Enrollment, **changes: Any) -> Beat:
    values = {
        "enrollment": place,
        "subject_id": place.subject_id,
        "lesson": place.course_version.lessons.get(position=1),
        "sequence": 1,
        "lesson_seconds": 0,
    } | changes
    return Beat.objects.create(**values)


def test_a_sequence_can_be_used_once(place: Enrollment) -> None:
    write(place, sequence=1)
    with pytest.raises(IntegrityError, match="learning_beat_sequence"):
        write(place, sequence=1)


def test_one_stretch_at_a_time_for_a_person_also_across_courses(
    place: Enrollment, ana: Person
) -> None:
    other = enroll(ana, make_course())
    write(place, span=span(0, 30))
    with pytest.raises(IntegrityError, match="learning_beat_one_at_a_time"):
        write(other, span=span(29, 60), lesson=other.course_version.lessons.get(position=1))


def test_an_empty_stretch_is_barred(place: Enrollment) -> None:
    with pytest.raises(IntegrityError, match="learning_beat_span_is_a_stretch"):
        write(place, span=span(5, 5))


def test_evidence_cannot_be_changed_or_deleted(place: Enrollment) -> None:
    beat = write(place)
    with pytest.raises(Frozen):
        beat.save()
    for statement in ("UPDATE learning_beat SET lesson_seconds = 999", "DELETE FROM learning_beat"):
        with (
            pytest.raises(Exception, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


# Time from elsewhere


def first_lesson(version: CourseVersion) -> Lesson:
    return version.lessons.get(position=1)


def test_time_proved_elsewhere_counts_up_to_the_lessons_minutes(place: Enrollment) -> None:
    lesson = first_lesson(place.course_version)
    sit(place, lesson, seconds=100)
    sit(place, lesson, seconds=100, until=now() - timedelta(hours=1))
    assert evidence.seconds_by_lesson(place)[lesson.pk] == 120
    assert study.of(place).rows[0].counted_seconds == 120


def test_time_that_is_counted_already_or_not_past_is_refused(place: Enrollment) -> None:
    lesson = first_lesson(place.course_version)
    sit(place, lesson, seconds=60)
    with pytest.raises(Refused, match="counted already"):
        sit(place, lesson, seconds=60)
    with pytest.raises(Refused, match="no past time"):
        sit(place, lesson, seconds=60, until=now() + timedelta(seconds=1000))
    with pytest.raises(Refused, match="no past time"):
        sit(place, first_lesson(make_course()), seconds=60)
    assert Beat.objects.count() == 1


def test_reading_goes_on_after_time_from_elsewhere(
    place: Enrollment, phone: str, move_clock: Move
) -> None:
    lesson = first_lesson(place.course_version)
    sit(place, lesson, seconds=60)
    page = Window.open(place, "lesson-1", phone)
    seconds(move_clock, 30)
    assert page.beat().lesson_seconds >= 90
