"""Reports from a lesson that is being read or watched, and the time they prove.

The page holds a token that we signed: for whom, which lesson, which report comes next, and the
instant up to which time is accounted for. Each token is good for one report, which returns the
next. All instants are the database's; what the browser says can only make the time less.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from creditable.audit import prepared
from creditable.learning import page_tokens, seattime
from creditable.learning.models import parts_literal
from creditable.lib.ids import uuid7
from creditable.people import sessions

PURPOSE = "beat"
LAST_POSITION = 10_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Outcome = Literal["counted", "used", "signed_out", "closed"]
Reason = Literal["", "away", "silence", "fast", "elsewhere", "full", "again", "text"]


@dataclass(frozen=True, slots=True)
class Beaten:
    """What a report came to. `counted`: taken (it may have added nothing). `used`: the token was
    used before, or another window was quicker; nothing was added. `signed_out` and `closed`:
    this browser, or this enrollment, may not learn here now; nothing was added.

    `token` is the next one, empty when there is none; `lesson_seconds` of `lesson_cap` and
    `course_seconds` are what counts now; `covered` the parts of the video that were played.

    `lost` seconds since the report before did not count, for this `reason`: the page says that it
    was not in front of anybody (`away`); it was silent for too long; more was played than can
    be (`fast`); another window counted that time (`elsewhere`); the lesson is `full`; the part
    was played before (`again`); the `text` counts no more, the video does. `idle_left` are the
    seconds until this browser is signed out when nobody does anything."""

    outcome: Outcome
    token: str
    lesson_seconds: int
    lesson_cap: int
    course_seconds: int
    covered: tuple[seattime.Range, ...] = ()
    lost: int = 0
    reason: Reason = ""
    idle_left: int = 0


def token(
    *,
    enrollment_id: UUID,
    lesson_id: UUID,
    subject_id: UUID,
    session: str,
    sequence: int,
    opened: datetime,
) -> str:
    """A token for the report number `sequence`, whose time begins at `opened`."""
    return page_tokens.sign(
        {
            "e": str(enrollment_id),
            "l": str(lesson_id),
            "s": sequence,
            "t": (opened - _EPOCH) // timedelta(microseconds=1),
        },
        purpose=PURPOSE,
        subject_id=subject_id,
        session=session,
    )


def beat(
    *,
    token: str,
    session: str,
    position: int,
    reading: bool,
    touched: bool = False,
    played: Iterable[seattime.Range] = (),
    video_position: int | None = None,
) -> Beaten:
    """Takes a report in one statement. `session` is the digest of the session that sent it,
    `position` the place in the text, `reading` whether the lesson was in front of the reader
    since the last report, `touched` whether somebody moved or typed since then, `played` the
    parts of the video played since then, `video_position` where it stands; both in milliseconds.
    Refused when the token is not ours or not this browser's.

    Being touched, and a video that counts time, are signs of life: they put off the end of the
    idle session. A report alone does not.

    Which seconds count is the pure rule of `seattime`: it is the law, the statement only follows
    it, and `tests/learning/test_progress.py` ties the two on random reports."""
    said = page_tokens.read(token, purpose=PURPOSE, session=session)
    opened = _EPOCH + timedelta(microseconds=said["t"])
    row = _BEAT.row(
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
            "touched": touched,
            "played": parts_literal(seattime.union(played, LAST_POSITION * 10)),
            "video_position": video_position,
            "longest": seattime.LONGEST_GAP,
            "fastest": seattime.FASTEST * 1000,
            "slack": seattime.SLACK * 1000,
            "crumb": seattime.CRUMB,
            **sessions.limits(),
        }
    )
    if row.idle_left is None:
        return Beaten("signed_out", "", row.lesson, row.cap or 0, row.course)
    if row.cap is None:
        return Beaten("closed", "", row.lesson, 0, row.course)
    covered = tuple((part.lower, part.upper) for part in row.covered)
    if row.after is None:
        following = _next(said, row.last, row.now)
        return Beaten(
            "used", following, row.lesson, row.cap, row.course, covered, idle_left=row.idle_left
        )
    lost = max(0, (row.now - opened) // timedelta(seconds=1) - (row.after - row.lesson))
    return Beaten(
        "counted",
        _next(said, said["s"], row.until),
        row.after,
        row.cap,
        row.course + row.after - row.lesson,
        covered,
        lost,
        _reason(row, reading=reading, silent=row.now - opened) if lost else "",
        row.idle_left,
    )


def _reason(row: Any, *, reading: bool, silent: timedelta) -> Reason:
    """Why part of the time since the report before did not count: what weighs most."""
    if not reading:
        return "away"
    if silent > timedelta(seconds=seattime.LONGEST_GAP):
        return "silence"
    if not row.believed:
        return "fast"
    if row.elsewhere:
        return "elsewhere"
    if row.after >= row.cap:
        return "full"
    return "again" if row.plays else "text"


def _next(said: dict[str, Any], last: int, opened: datetime) -> str:
    return token(
        enrollment_id=UUID(said["e"]),
        lesson_id=UUID(said["l"]),
        subject_id=UUID(said["p"]),
        session=said["n"],
        sequence=last + 1,
        opened=opened,
    )


_BEAT = prepared.Statement(
    f"""
WITH clock AS MATERIALIZED (SELECT creditable_now() AS now),
{sessions.SIGNED_IN},
seat AS (
    SELECT l.minutes * 60 AS cap, coalesce(v.milliseconds, 0) AS video
    FROM learning_enrollment e
    JOIN catalog_lesson l ON l.version_id = e.course_version_id
    LEFT JOIN catalog_video v ON v.lesson_id = l.id, clock
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
    SELECT l.id AS lesson_id, b.lesson_seconds, b.covered, b.watched
    FROM learning_enrollment e
    JOIN catalog_lesson l ON l.version_id = e.course_version_id
    CROSS JOIN LATERAL (
        SELECT lesson_seconds, covered, watched FROM learning_beat
        WHERE enrollment_id = e.id AND lesson_id = l.id ORDER BY sequence DESC LIMIT 1
    ) b
    WHERE e.id = %(enrollment)s
),
so_far AS MATERIALIZED (
    SELECT
        coalesce(sum(lesson_seconds) FILTER (WHERE lesson_id = %(lesson)s), 0)::int AS lesson,
        coalesce(sum(lesson_seconds), 0)::int AS course,
        coalesce(range_agg(covered) FILTER (WHERE lesson_id = %(lesson)s), '{{}}') AS covered,
        coalesce(sum(watched) FILTER (WHERE lesson_id = %(lesson)s), 0)::int AS watched
    FROM counted
),
parts AS MATERIALIZED (
    SELECT %(played)s::int4multirange * int4multirange(int4range(0, seat.video)) AS played
    FROM seat
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
        (SELECT coalesce(sum(upper(part) - lower(part)), 0) FROM parts, unnest(parts.played) part)
            <= %(fastest)s * extract(epoch FROM clock.now - %(opened)s::timestamptz) + %(slack)s
            AS believed,
        greatest(0, floor(extract(epoch FROM clock.now - free.start)))::int AS seconds
    FROM free, clock
),
added AS MATERIALIZED (
    SELECT
        CASE WHEN counts AND believed THEN seconds ELSE 0 END AS seconds,
        CASE WHEN counts AND believed AND seconds > 0
            THEN tstzrange(start, start + make_interval(secs => seconds), '[)')
        END AS span,
        CASE WHEN counts AND believed THEN start + make_interval(secs => seconds)
            ELSE clock.now
        END AS until
    FROM elapsed, clock
),
plays AS (SELECT added.span IS NOT NULL AND NOT isempty(parts.played) AS plays FROM added, parts),
watching AS (
    SELECT
        plays,
        CASE WHEN plays THEN so_far.covered + parts.played ELSE so_far.covered END AS covered,
        so_far.watched + CASE WHEN plays THEN added.seconds ELSE 0 END AS watched
    FROM plays, parts, so_far, added
),
total AS (
    SELECT
        least(
            seat.cap,
            least(
                watching.watched,
                (SELECT coalesce(sum(upper(part) - lower(part)), 0) / 1000
                    FROM unnest(watching.covered) part)
            )
            + CASE WHEN plays THEN reading.before ELSE least(
                reading.before + added.seconds,
                CASE WHEN seat.video = 0 THEN seat.cap
                    ELSE greatest(0, seat.cap - greatest(0, seat.video / 1000 - %(crumb)s))
                END
            ) END
        )::int AS lesson
    FROM seat, watching, added, so_far, LATERAL (
        SELECT so_far.lesson - least(
            so_far.watched,
            (SELECT coalesce(sum(upper(part) - lower(part)), 0) / 1000
                FROM unnest(so_far.covered) part)
        ) AS before
    ) reading
),
written AS (
    INSERT INTO learning_beat
        (id, enrollment_id, subject_id, lesson_id, sequence, at, span, lesson_seconds, position,
            played, covered, watched, video_position)
    SELECT %(id)s, %(enrollment)s, %(subject)s, %(lesson)s, %(sequence)s, clock.now, added.span,
        total.lesson, %(position)s,
        CASE WHEN watching.plays THEN parts.played END,
        CASE WHEN seat.video > 0 THEN watching.covered END,
        CASE WHEN seat.video > 0 THEN watching.watched END,
        CASE WHEN seat.video > 0 THEN least(greatest(%(video_position)s, 0), seat.video) END
    FROM signed_in, seat, last, total, watching, parts, added, clock
    WHERE %(sequence)s = last.sequence + 1
    ON CONFLICT DO NOTHING
    RETURNING lesson_seconds, played
),
seen AS (
    UPDATE people_session s SET seen_at = clock.now FROM clock, signed_in
    WHERE s.id = signed_in.id AND s.seen_at < clock.now - make_interval(secs => %(often)s)
        AND (%(touched)s OR EXISTS (SELECT FROM written WHERE played IS NOT NULL))
    RETURNING s.seen_at
)
SELECT clock.now, (SELECT cap FROM seat) AS cap, last.sequence AS last,
    so_far.lesson, so_far.course, written.lesson_seconds AS after, added.until,
    CASE WHEN written.lesson_seconds IS NULL THEN so_far.covered
        ELSE (SELECT covered FROM watching)
    END AS covered,
    elapsed.believed, elapsed.start > %(opened)s::timestamptz AS elsewhere,
    (SELECT plays FROM plays) AS plays,
    (
        SELECT floor(extract(epoch FROM
            coalesce((SELECT seen_at FROM seen), signed_in.seen_at)
                + make_interval(secs => %(idle)s) - clock.now
        ))::int FROM signed_in
    ) AS idle_left
FROM clock CROSS JOIN last CROSS JOIN so_far CROSS JOIN added CROSS JOIN elapsed
LEFT JOIN written ON true
"""  # noqa: S608 - nothing but our own parts
)
