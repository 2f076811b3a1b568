"""Reports from a lesson that is being read, and the time they prove.

The page holds a token that we signed: for whom, which lesson, which report comes next, and the
instant up to which time is accounted for. Each token is good for one report, which returns the
next. All instants are the database's; what the browser says can only make the time less.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import connection

from creditable.learning import seattime
from creditable.lib import tokens
from creditable.lib.ids import uuid7
from creditable.lib.refusal import Refused

PURPOSE = "beat"
LAST_POSITION = 10_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Outcome = Literal["counted", "used", "signed_out", "closed"]


@dataclass(frozen=True, slots=True)
class Beaten:
    """What a report came to. `counted`: taken (it may have added nothing). `used`: the token was
    used before, or another window was quicker; nothing was added. `signed_out` and `closed`:
    this browser, or this enrollment, may not learn here now; nothing was added.

    `token` is the next one, empty when there is none; `lesson_seconds` of `lesson_cap` and
    `course_seconds` are what counts now."""

    outcome: Outcome
    token: str
    lesson_seconds: int
    lesson_cap: int
    course_seconds: int


def token(
    *,
    enrollment_id: UUID,
    lesson_id: UUID,
    subject_id: UUID,
    session: str,
    sequence: int,
    opened: datetime,
) -> str:
    """A token for the report number `sequence`, whose time begins at `opened`. `session` is the
    digest of the browser's session: in another browser the token is worthless."""
    return tokens.sign(
        {
            "e": str(enrollment_id),
            "l": str(lesson_id),
            "p": str(subject_id),
            "n": session,
            "s": sequence,
            "t": (opened - _EPOCH) // timedelta(microseconds=1),
        },
        key=settings.TOKEN_KEY,
        purpose=PURPOSE,
    )


def beat(*, token: str, session: str, position: int, reading: bool) -> Beaten:
    """Takes a report in one statement. `session` is the digest of the session that sent it,
    `position` the place in the text, `reading` whether the lesson was in front of the reader
    since the last report. Refused when the token is not ours or not this browser's.

    Which seconds count is the pure rule of `seattime`: it is the law, the statement only follows
    it, and `tests/learning/test_progress.py` ties the two on random reports."""
    try:
        said = tokens.read(token, key=settings.TOKEN_KEY, purpose=PURPOSE)
    except tokens.BadToken:
        raise Refused("This page has grown old. Reload it to go on.", code="token") from None
    if said["n"] != session:
        raise Refused(
            "This page was opened in another sign-in. Reload it to go on.", code="session"
        )
    opened = _EPOCH + timedelta(microseconds=said["t"])
    with connection.cursor() as cursor:
        cursor.execute(
            _BEAT,
            {
                "id": uuid7(),
                "session": session,
                "enrollment": said["e"],
                "lesson": said["l"],
                "subject": said["p"],
                "sequence": said["s"],
                "opened": opened,
                "position": min(max(position, 0), LAST_POSITION),
                "reading": reading,
                "longest": seattime.LONGEST_GAP,
            },
        )
        row = cursor.fetchone()
    now, signed_in, cap, last, before, course, after, until = row
    if not signed_in:
        return Beaten("signed_out", "", before, cap or 0, course)
    if cap is None:
        return Beaten("closed", "", before, 0, course)
    if after is None:
        return Beaten("used", _next(said, last, now), before, cap, course)
    return Beaten("counted", _next(said, said["s"], until), after, cap, course + after - before)


def _next(said: dict[str, Any], last: int, opened: datetime) -> str:
    return token(
        enrollment_id=UUID(said["e"]),
        lesson_id=UUID(said["l"]),
        subject_id=UUID(said["p"]),
        session=said["n"],
        sequence=last + 1,
        opened=opened,
    )


_BEAT = """
WITH clock AS MATERIALIZED (SELECT creditable_now() AS now),
signed_in AS (
    SELECT s.id FROM people_session s, clock
    WHERE s.digest = %(session)s AND s.subject_id = %(subject)s AND s.expires_at > clock.now
),
seen AS (
    UPDATE people_session s SET seen_at = clock.now FROM clock, signed_in
    WHERE s.id = signed_in.id AND s.seen_at < clock.now - interval '1 minute'
),
seat AS (
    SELECT l.minutes * 60 AS cap
    FROM learning_enrollment e
    JOIN catalog_lesson l ON l.version_id = e.course_version_id, clock
    WHERE e.id = %(enrollment)s AND e.subject_id = %(subject)s AND l.id = %(lesson)s
        AND e.expires_at > clock.now
        AND EXISTS (
            SELECT FROM learning_grant g WHERE g.enrollment_id = e.id AND g.withdrawn_at IS NULL
        )
),
last AS (
    SELECT coalesce(max(sequence), 0) AS sequence
    FROM learning_beat WHERE enrollment_id = %(enrollment)s
),
counted AS (
    SELECT l.id AS lesson_id, b.lesson_seconds
    FROM learning_enrollment e
    JOIN catalog_lesson l ON l.version_id = e.course_version_id
    CROSS JOIN LATERAL (
        SELECT lesson_seconds FROM learning_beat
        WHERE enrollment_id = e.id AND lesson_id = l.id ORDER BY sequence DESC LIMIT 1
    ) b
    WHERE e.id = %(enrollment)s
),
so_far AS (
    SELECT
        coalesce(sum(lesson_seconds) FILTER (WHERE lesson_id = %(lesson)s), 0)::int AS lesson,
        coalesce(sum(lesson_seconds), 0)::int AS course
    FROM counted
),
free AS MATERIALIZED (
    SELECT greatest(
        %(opened)s::timestamptz,
        (
            SELECT max(upper(b.span)) FROM learning_beat b
            WHERE b.subject_id = %(subject)s
                AND b.span && tstzrange(%(opened)s, greatest(%(opened)s, clock.now), '[]')
        )
    ) AS start
    FROM clock
),
elapsed AS MATERIALIZED (
    SELECT free.start,
        %(reading)s AND clock.now - %(opened)s::timestamptz <= make_interval(secs => %(longest)s)
            AS counts,
        greatest(0, floor(extract(epoch FROM clock.now - free.start)))::int AS seconds
    FROM free, clock
),
added AS MATERIALIZED (
    SELECT
        CASE WHEN counts THEN seconds ELSE 0 END AS seconds,
        CASE WHEN counts AND seconds > 0
            THEN tstzrange(start, start + make_interval(secs => seconds), '[)')
        END AS span,
        CASE WHEN counts THEN start + make_interval(secs => seconds) ELSE clock.now END AS until
    FROM elapsed, clock
),
written AS (
    INSERT INTO learning_beat
        (id, enrollment_id, subject_id, lesson_id, sequence, at, span, lesson_seconds, position)
    SELECT %(id)s, %(enrollment)s, %(subject)s, %(lesson)s, %(sequence)s, clock.now, added.span,
        least(seat.cap, so_far.lesson + added.seconds), %(position)s
    FROM signed_in, seat, last, so_far, added, clock
    WHERE %(sequence)s = last.sequence + 1
    ON CONFLICT DO NOTHING
    RETURNING lesson_seconds
)
SELECT clock.now, EXISTS (SELECT FROM signed_in), (SELECT cap FROM seat), last.sequence,
    so_far.lesson, so_far.course, written.lesson_seconds, added.until
FROM clock CROSS JOIN last CROSS JOIN so_far CROSS JOIN added LEFT JOIN written ON true
"""
