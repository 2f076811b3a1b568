"""Taking the exam: started once a declaration is signed, answered question by question, graded on
what was saved in time."""

import json
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import Q, QuerySet, Value
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from creditable.audit import prepared, trail
from creditable.audit.clock import Now, now
from creditable.catalog.models import Question
from creditable.credit import names
from creditable.jobs import enqueue
from creditable.learning import access, completion, evidence, facts, grading, page_tokens, study
from creditable.learning.models import (
    Attempt,
    AttemptQuestion,
)
from creditable.learning.study import Row, Study
from creditable.lib.actor import Actor
from creditable.lib.ids import uuid7
from creditable.lib.refusal import Refused
from creditable.people import sessions
from creditable.people.models import Person

PURPOSE = "sheet"
MOST_CHANGES = 10_000


@transaction.atomic
def start(*, subject_id: UUID, slug: str, signature: str, by: Actor) -> Attempt:
    """Begins the next attempt with the declaration signed by the typed name. While one is open,
    that one is returned. Refused when the course does not admit to the exam now, when a license
    carries another name than the account, or when the signature is not the account's name."""
    held = access.hold(subject_id, slug)
    tried = _tried(subject_id, slug)
    running = [attempt for attempt in tried if attempt.submitted_at is None]
    for attempt in running:
        settle(attempt_id=attempt.pk, by=Actor.system("clock"))
    place = study.find(subject_id, slug)
    if place is None or not place.open:
        raise Refused(_("This course is not open to you now."), code="closed")
    if running:
        tried = _tried(subject_id, slug)
    attempts = [attempt for attempt in tried if attempt.enrollment_id == place.enrollment.pk]
    known = facts.of(place, attempts, evidence.of(place.enrollment).lessons)
    entry = facts.entry(place, attempts, known)
    match entry.admission.standing:
        case "open":
            return attempts[-1]
        case "complete":
            raise Refused(_("You have passed this exam already."), code="complete")
        case "study":
            raise Refused(
                _("The exam opens when the time of every lesson is counted. Nothing was started."),
                code="study",
            )
        case "passed":
            raise Refused(
                _("You have passed this exam already. The course's page says what is missing."),
                code="passed",
            )
        case "used_up":
            raise Refused(_("All attempts at this exam are used."), code="used_up")
        case "wait":
            raise Refused(
                _("The next attempt can start at {hour}. Nothing was started.").format(
                    hour=_hour(entry.admission.at)
                ),
                code="wait",
            )
    _sign(held[0].subject.person, place, signature)
    return _start(place, len(attempts) + 1, entry.minutes, signature, by)


@prepared.query
def _tried(subject_id: UUID, slug: str) -> QuerySet[Attempt]:
    return Attempt.objects.filter(
        enrollment__subject=subject_id, enrollment__course_version__course__slug=slug
    )


def _sign(person: Person, place: Study, signature: str) -> None:
    if names.check(person, place.version.course):
        raise Refused(
            _(
                "The name on your license and the name of your account differ. Make them agree "
                "first, so that the authority can find you. Nothing was started."
            ),
            code="names",
        )
    if not signature.strip():
        raise Refused(_("Type your name to sign the declaration."), field="signature")
    if not names.matches(signature, person.name):
        raise Refused(
            _("Sign with the name of your account, {name}.").format(name=person.name),
            field="signature",
        )


def _start(place: Study, number: int, minutes: int, signature: str, by: Actor) -> Attempt:
    version, began = place.version, place.now
    attempt = Attempt(
        enrollment=place.enrollment,
        attestation_id=uuid7(),
        number=number,
        started_at=began,
        deadline=began + timedelta(minutes=minutes),
    )
    drawn = grading.draw(
        _drawable(version.bank_version_id), version.exam_questions, secrets.SystemRandom()
    )
    questions = [
        {"id": uuid7().hex, "position": position, "question": one.id.hex, "order": one.order}
        for position, one in enumerate(drawn, start=1)
    ]
    _BEGIN.row(
        {
            "attestation": attempt.attestation_id,
            "enrollment": place.enrollment.pk,
            "version": version.attestation_version,
            "text": version.attestation_text,
            "signature": " ".join(signature.split())[:120],
            "attempt": attempt.pk,
            "number": number,
            "began": began,
            "deadline": attempt.deadline,
            "questions": json.dumps(questions),
        }
    )
    enqueue(
        "learning.settle_attempt",
        {"attempt_id": str(attempt.pk)},
        key=f"settle:{attempt.pk}",
        run_at=attempt.deadline,
    )
    trail.record(
        verb="learning.start_attempt",
        by=by,
        noun="attempt",
        noun_id=attempt.pk,
        about=place.enrollment.subject_id,
        detail={
            "number": number,
            "minutes": minutes,
            "attestation_version": version.attestation_version,
        },
    )
    return attempt


# The declaration, the attempt and its questions.
_BEGIN = prepared.Statement(
    """
WITH attestation AS (
    INSERT INTO learning_attestation (id, enrollment_id, version, text, signature)
    VALUES (%(attestation)s, %(enrollment)s, %(version)s, %(text)s, %(signature)s)
),
attempt AS (
    INSERT INTO learning_attempt
        (id, enrollment_id, attestation_id, number, started_at, deadline, review)
    VALUES (%(attempt)s, %(enrollment)s, %(attestation)s, %(number)s, %(began)s, %(deadline)s, '[]')
),
drawn AS (
    INSERT INTO learning_attemptquestion (id, attempt_id, position, question_id, "order")
    SELECT id, %(attempt)s, position, question, "order"
    FROM jsonb_to_recordset(%(questions)s::jsonb)
        AS one (id uuid, position int, question uuid, "order" smallint[])
    RETURNING id
)
SELECT count(*) FROM drawn
"""
)


def _drawable(bank_version_id: UUID) -> list[grading.Drawable]:
    return [
        grading.Drawable(
            id=question,
            choices=len(choices),
            objective=objective,
            fixed_order=kind == Question.Kind.TRUE_FALSE,
        )
        for question, choices, objective, kind in _bank(bank_version_id)
    ]


@prepared.query
def _bank(bank_version_id: UUID) -> QuerySet[Question, Any]:
    questions = Question.objects.filter(bank_version=bank_version_id)
    return questions.values_list("id", "choices", "objective", "kind")


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving an answer came to. `saved`: it stands, now or since an earlier try. `stale`: a
    later answer from another window stands, or the version is not the next one. `over`: the
    attempt has ended. `unknown`: the attempt has no such question, or the question no such
    choice. `signed_out`: this browser may not answer now.
    `version` and `choice` are what stands and `at` since when: 0, None and None when nothing was
    answered. `now` and `seconds_left` are of the database's clock."""

    outcome: Literal["saved", "stale", "over", "unknown", "signed_out"]
    version: int = 0
    choice: int | None = None
    at: datetime | None = None
    now: datetime | None = None
    seconds_left: int = 0


def token(*, attempt: Attempt, subject_id: UUID, session: str) -> str:
    """What the sheet of a running attempt shows with each answer."""
    said = {"a": str(attempt.pk)}
    return page_tokens.sign(said, purpose=PURPOSE, subject_id=subject_id, session=session)


def save(*, token: str, session: str, place: int, version: int, choice: int) -> Saved:
    """Saves the answer to the question at this place of the sheet, in one statement. `session` is
    the digest of the session that sent it. Refused when the token is not ours or not this
    browser's.

    `version` counts the changes of this answer from 1: only the next one is taken, and the same
    version with the same choice again is the same answer. Which answer stands is the pure rule
    of `grading.latest`: it is the law, the statement only follows it, and
    `tests/learning/test_attempts.py` ties the two."""
    said = page_tokens.read(token, purpose=PURPOSE, session=session)
    if not 0 < version <= MOST_CHANGES or not 0 <= choice < 1000 or not 0 < place < 1000:
        return Saved("unknown")
    with prepared.cursor() as cursor:
        cursor.execute(
            _SAVE,
            {
                "id": uuid7(),
                "session": session,
                "subject": said["p"],
                "attempt": said["a"],
                "place": place,
                "version": version,
                "choice": choice,
                **sessions.limits(),
            },
        )
        row = cursor.fetchone()
    signed_in, written, open_now, places, last, chosen, at, clock, seconds_left = row
    if not signed_in:
        return Saved("signed_out")
    if places is None:
        return Saved("unknown")
    if written:
        return Saved("saved", version, choice, clock, clock, seconds_left)
    stands = (last, chosen, at, clock, seconds_left)
    if choice >= places:
        return Saved("unknown", *stands)
    if not open_now:
        return Saved("over", *stands)
    same = version == last and choice == chosen
    return Saved("saved" if same else "stale", *stands)


_SAVE = f"""
WITH clock AS MATERIALIZED (SELECT creditable_now() AS now),
{sessions.SIGNED_IN},
item AS (
    SELECT i.id, cardinality(i."order") AS places, a.deadline,
        a.submitted_at IS NULL AND clock.now < a.deadline AS open
    FROM learning_attemptquestion i
    JOIN learning_attempt a ON a.id = i.attempt_id
    JOIN learning_enrollment e ON e.id = a.enrollment_id, clock
    WHERE a.id = %(attempt)s AND i.position = %(place)s AND e.subject_id = %(subject)s
    FOR SHARE OF a
),
last AS (
    SELECT e.version, e.choice, e.at FROM learning_answerevent e JOIN item ON item.id = e.item_id
    ORDER BY e.version DESC LIMIT 1
),
written AS (
    INSERT INTO learning_answerevent (id, item_id, version, choice, at)
    SELECT %(id)s, item.id, %(version)s, %(choice)s, clock.now
    FROM signed_in CROSS JOIN item CROSS JOIN clock LEFT JOIN last ON true
    WHERE item.open AND %(choice)s < item.places
        AND %(version)s = coalesce(last.version, 0) + 1
    ON CONFLICT DO NOTHING
    RETURNING version
),
seen AS (
    UPDATE people_session s SET seen_at = clock.now FROM clock, signed_in
    WHERE s.id = signed_in.id AND s.seen_at < clock.now - make_interval(secs => %(often)s)
)
SELECT EXISTS (SELECT FROM signed_in), EXISTS (SELECT FROM written), item.open, item.places,
    coalesce(last.version, 0), last.choice, last.at, clock.now,
    greatest(0, ceil(extract(epoch FROM item.deadline - clock.now)))::int
FROM clock LEFT JOIN item ON true LEFT JOIN last ON true
"""  # noqa: S608 - nothing but our own parts


@transaction.atomic
def submit(*, subject_id: UUID, slug: str, number: int, by: Actor, whole: bool = False) -> Attempt:
    """Ends the attempt of that number and grades what was saved. Submitting again returns the same
    result. Refused where the course is not open to them, and when it is to be `whole` and a
    question has no answer while there is time for one."""
    attempt = next(iter(_mine(subject_id, slug, number)), None)
    if attempt is None:
        raise Refused(_("There is no such attempt."), code="missing")
    if attempt.submitted_at is None:
        items = _items(attempt.pk)
        at, sheet = items[0].now, _lines(items)
        if whole and at < attempt.deadline and any(line.chosen is None for line in sheet):
            raise Refused(_("Not every question has an answer yet."), code="unanswered")
        _end(attempt, sheet, min(at, attempt.deadline), by)
    return attempt


@transaction.atomic
def settle(*, attempt_id: UUID, by: Actor) -> None:
    """Ends the attempt at its deadline once that has passed; otherwise does nothing."""
    attempt = next(iter(_one(attempt_id)), None)
    if attempt and attempt.submitted_at is None and now() >= attempt.deadline:
        _end(attempt, answers(attempt), attempt.deadline, by)


@prepared.query
def _mine(subject_id: UUID, slug: str, number: int) -> QuerySet[Attempt]:
    """Of that number in the course, that of the newest place first."""
    return (
        _held()
        .filter(enrollment__in=access.of(subject_id), number=number)
        .filter(enrollment__course_version__course__slug=slug)
        .order_by("-enrollment__created_at")
    )


@prepared.query
def _one(attempt_id: UUID) -> QuerySet[Attempt]:
    return _held().filter(pk=attempt_id)


def _held() -> QuerySet[Attempt]:
    """Attempts with all that ends them, held with their enrollment: first that, as `start` does."""
    whole = Attempt.objects.select_related(
        "enrollment__course_version__course", "enrollment__subject__person"
    )
    return whole.select_for_update(of=("enrollment", "self"), no_key=True)


def _end(attempt: Attempt, sheet: "list[Line]", ended: datetime, by: Actor) -> None:
    result = grading.grade(
        [grading.Graded(line.right, line.chosen, line.item.question.objective) for line in sheet],
        attempt.enrollment.course_version.pass_percent,
    )
    attempt.submitted_at = ended
    attempt.correct = result.correct
    attempt.percent = result.percent
    attempt.passed = result.passed
    attempt.review = list(result.review)
    attempt.save(update_fields=["submitted_at", "correct", "percent", "passed", "review"])
    trail.record(
        verb="learning.end_attempt",
        by=by,
        noun="attempt",
        noun_id=attempt.pk,
        about=attempt.enrollment.subject_id,
        detail={"number": attempt.number, "ran_out": attempt.ran_out},
    )
    if result.passed or _passed_before(attempt):
        completion.settle(enrollment=attempt.enrollment, at=ended, by=by)


def _passed_before(attempt: Attempt) -> bool:
    """Whether this was another try after one that had passed, for the mark of a license."""
    earlier = Attempt.objects.filter(enrollment=attempt.enrollment_id, passed=True)
    return attempt.number > 1 and earlier.exists()


@dataclass(frozen=True, slots=True)
class Line:
    """A question of an attempt as it was shown, with the answer that stands. `right` and `chosen`
    are places among the choices as shown; `saved_at` is when the answer that stands was saved."""

    item: AttemptQuestion
    choices: tuple[str, ...]
    right: int
    chosen: int | None
    version: int
    saved_at: datetime | None


def answers(attempt: Attempt) -> list[Line]:
    """The sheet of an attempt: every question in its order, and what was answered (one
    query)."""
    return _lines(_items(attempt.pk))


def _lines(items: list[Any]) -> list[Line]:
    saved = [
        (item.pk, *event)
        for item in items
        for event in zip(item.versions, item.chosen, item.instants, strict=True)
    ]
    last = grading.latest([event[:3] for event in saved])
    instants = {(item, version): at for item, version, _, at in saved}
    lines = []
    for item in items:
        version, chosen = last.get(item.pk, (0, None))
        lines.append(
            Line(
                item=item,
                choices=tuple(item.question.choices[place] for place in item.order),
                right=item.order.index(item.question.answer),
                chosen=chosen,
                version=version,
                saved_at=instants.get((item.pk, version)),
            )
        )
    return lines


@prepared.query
def _items(attempt_id: UUID) -> QuerySet[Any]:
    """The questions of an attempt with what was saved, and `now`, when they were read: under the
    attempt's lock no answer is later."""
    return (
        AttemptQuestion.objects.filter(attempt=attempt_id)
        .select_related("question")
        .annotate(
            versions=_saved("answers__version"),
            chosen=_saved("answers__choice"),
            instants=_saved("answers__at"),
            now=Now(),
        )
        .order_by("position")
    )


def _saved(column: str) -> ArrayAgg:
    """One column of the answers to a question, in the order of their versions."""
    return ArrayAgg(
        column, filter=Q(answers__isnull=False), order_by="answers__version", default=Value([])
    )


@dataclass(frozen=True, slots=True)
class Review:
    """An objective in which a question was missed, and every lesson that the bank names for it:
    which question it was is not said, and cannot be told from the lessons."""

    objective: str
    lessons: tuple[Row, ...]


def review(attempt: Attempt, study: Study) -> list[Review]:
    """What to look at again before the next attempt, in the order of the exam (one query)."""
    taught: dict[str, set[str]] = {}
    about = Question.objects.filter(
        bank_version=study.version.bank_version_id, objective__in=attempt.review
    )
    for objective, lesson in about.values_list("objective", "lesson_slug"):
        taught.setdefault(objective, set()).add(lesson)
    return [
        Review(objective, tuple(row for row in study.rows if row.slug in taught.get(objective, ())))
        for objective in attempt.review
    ]


@dataclass(frozen=True, slots=True)
class Clock:
    """The database's time in a running attempt, and what is left of the attempt."""

    now: datetime
    seconds_left: int


def clock(*, subject_id: UUID, slug: str) -> Clock | None:
    """The clock of the person's running attempt in the course; None when none is running (one
    query)."""
    running = Attempt.objects.filter(
        enrollment__subject_id=subject_id,
        enrollment__course_version__course__slug=slug,
        submitted_at=None,
    ).annotate(at=Now())
    found = running.values_list("deadline", "at").first()
    if found is None:
        return None
    deadline, at = found
    left = math.ceil((deadline - at).total_seconds())
    return Clock(at, left) if left > 0 else None


def _hour(at: datetime | None) -> str:
    return f"{date_format(at, 'g:i A')} UTC" if at else "a later time"
