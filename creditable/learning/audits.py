"""What an authority audits: the roster, and of each line evidence, exam, report and certificate.

    pack = audits.pack(scope=scope, channel="manual", by=actor)     # the bytes of a ZIP file

Everything about a person passes the gate with its line in the ledger; what the policy does not let
through stays here, and the manifest says so. The same rows give the same bytes.
"""

import csv
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.catalog.models import Approval, CourseVersion, Lesson
from creditable.credit.models import Award, Certificate, Report
from creditable.credit.reviews import Scope
from creditable.disclosure import gate
from creditable.learning import evaluation
from creditable.learning.models import (
    AnswerEvent,
    Attempt,
    AttemptQuestion,
    Attestation,
    Beat,
    Completion,
)
from creditable.learning.releases import AUDIT_FIELDS, AUDITS
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.lib.text import inert

MOST = 500
CHECKER = Path(__file__).with_name("check_audit_pack.py")
README = Path(__file__).with_name("audit_pack.txt")
COLUMNS = (
    "Line", "Name", "License type", "License number", "Course", "Course number", "Completed",
    "Minutes", "Instructor", "Certificate", "Report", "Confirmation",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A completion that is audited, with those parts alone that may be shown. `stayed` names the
    others."""

    award: Award
    parts: Mapping[str, Any]
    stayed: tuple[str, ...]


def lines(*, scope: Scope, channel: str, by: Actor) -> list[Line]:
    """The completions of the scope, released to the authority by this channel: a person of whom
    the policy lets nothing through is left out. Refused when they are too many for one look."""
    awards = list(scope.awards().select_related("course")[: MOST + 1])
    if len(awards) > MOST:
        raise Refused(
            _(
                "These are more than {most} completions. Choose a shorter time or fewer courses."
            ).format(most=MOST),
            code="too_many",
        )
    parts = _parts(awards)
    people: dict[UUID, list[Award]] = defaultdict(list)
    for award in awards:
        people[award.subject_id].append(award)
    if not people:
        return []
    template = AUDITS[scope.authority, channel]
    release = gate.open(template=template, by=by, key=None)
    for subject_id, own in people.items():
        release.add(
            subject_id,
            {name: [_digest(parts[award.pk][name]) for award in own] for name in AUDIT_FIELDS},
        )
    plan = release.decide()
    try:
        batch = release.commit().batch
    except gate.Denied as denied:
        denied.note()
        return []
    kept = {line.subject_id: release.kept(line).keys() for line in plan.allowed}
    trail.record(
        verb="learning.audit",
        by=by,
        noun="audit",
        noun_id=batch,
        detail={"authority": scope.authority, "people": len(kept), "completions": len(awards)},
    )
    return [
        Line(
            award=award,
            parts={n: p for n, p in parts[award.pk].items() if n in kept[award.subject_id]},
            stayed=tuple(sorted(AUDIT_FIELDS.keys() - kept[award.subject_id])),
        )
        for award in awards
        if award.subject_id in kept
    ]


def pack(*, scope: Scope, channel: str, by: Actor) -> bytes:
    """The audit pack of a scope: a ZIP file whose manifest has the hash of every file in it, and
    with it the script that checks it."""
    found = lines(scope=scope, channel=channel, by=by)
    files: dict[str, bytes] = {
        "README.txt": README.read_bytes(),
        CHECKER.name: CHECKER.read_bytes(),
        "roster.csv": _roster(found),
        **_courses(scope, found),
    }
    for number, line in enumerate(found, start=1):
        files |= _files(f"lines/{number:04}", line)
    manifest = {
        "authority": scope.authority,
        "courses": list(scope.courses) or "all",
        "first": scope.first.isoformat(),
        "last": scope.last.isoformat(),
        "lines": [{"stayed_behind": list(line.stayed)} if line.stayed else {} for line in found],
        "files": {name: sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    return _zipped({**files, "manifest.json": _json(manifest)})


def filename(scope: Scope) -> str:
    return f"audit-{scope.authority}-{scope.first}-{scope.last}.zip"


def _files(folder: str, line: Line) -> dict[str, bytes]:
    files = {
        f"{folder}/{name}.json": _json(line.parts[name])
        for name in ("evidence", "attestation", "exam", "report")
        if name in line.parts
    }
    if certificate := line.parts.get("certificate"):
        for serial, content in certificate:
            files[f"{folder}/certificate-{serial}.pdf"] = content
    return files


def _roster(found: Sequence[Line]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for number, line in enumerate(found, start=1):
        license, done = line.parts["license"], line.parts["completion"]
        report = line.parts.get("report") or [{}]
        serials = [serial for serial, _ in line.parts.get("certificate", ())]
        cells = (
            number,
            line.parts["holder_name"],
            license.get("type_name", license.get("type", "")),
            license.get("number", ""),
            done["course"]["title"],
            done["number"],
            done["completed_on"],
            done["minutes"],
            done["course"]["instructor"],
            serials[-1] if serials else "",
            report[-1].get("state", ""),
            report[-1].get("confirmation", ""),
        )
        writer.writerow(inert(str(cell)) for cell in cells)
    return out.getvalue().encode()


def _parts(awards: Sequence[Award]) -> dict[UUID, dict[str, Any]]:
    """All that is known of each award, by the fields of the release."""
    completions = {
        done.pk: done
        for done in Completion.objects.filter(
            pk__in=[award.completion_id for award in awards]
        ).select_related("attempt", "enrollment")
    }
    enrollments = [done.enrollment_id for done in completions.values()]
    exams = _exams(enrollments)
    evidence = _evidence(enrollments)
    attested = _attestations(enrollments)
    certificates: dict[UUID, list[tuple[str, bytes]]] = defaultdict(list)
    kept = Certificate.objects.filter(award__in=[award.pk for award in awards])
    for award_id, serial, pdf in kept.order_by("edition").values_list("award_id", "serial", "pdf"):
        certificates[award_id].append((serial, bytes(pdf)))
    told = _reports(awards)
    found = {}
    for award in awards:
        done = completions.get(award.completion_id)
        place = done.enrollment_id if done else None
        found[award.pk] = {
            "holder_name": award.snapshot["holder_name"],
            "license": award.snapshot["license"],
            "completion": {
                "course": award.snapshot["course"],
                "number": award.course_number,
                "approval": award.snapshot.get("approval", {}),
                "completed_on": award.completed_on.isoformat(),
                "completed_at": award.completed_at.isoformat(),
                "minutes": award.minutes,
                "checklist": done.checklist if done else [],
            },
            "report": told.get(award.pk, []),
            "certificate": certificates.get(award.pk, []),
            "evidence": evidence.get(place, []),
            "attestation": attested.get(place, []),
            "exam": exams.get(place, []),
        }
    return found


def _evidence(enrollments: Iterable[UUID]) -> dict[UUID | None, list[dict[str, Any]]]:
    """Every stretch of time that counts, lesson by lesson."""
    found: dict[UUID | None, list[dict[str, Any]]] = defaultdict(list)
    rows = Beat.objects.filter(enrollment__in=list(enrollments)).exclude(span=None)
    for place, lesson, title, minutes, span in rows.order_by("span", "id").values_list(
        "enrollment_id", "lesson__slug", "lesson__title", "lesson__minutes", "span"
    ):
        if span:
            found[place].append(
                {
                    "lesson": lesson,
                    "title": title,
                    "minutes": minutes,
                    "from": _moment(span.lower),
                    "to": _moment(span.upper),
                }
            )
    return found


def _attestations(enrollments: Iterable[UUID]) -> dict[UUID | None, list[dict[str, Any]]]:
    found: dict[UUID | None, list[dict[str, Any]]] = defaultdict(list)
    for row in Attestation.objects.filter(enrollment__in=list(enrollments)).order_by("at", "id"):
        found[row.enrollment_id].append(
            {"at": row.at.isoformat(), "text": row.text, "signature": row.signature}
        )
    return found


def _exams(enrollments: Iterable[UUID]) -> dict[UUID | None, list[dict[str, Any]]]:
    """Every attempt as it was shown: the questions in their order, the choices in theirs, each
    answer that was saved."""
    attempts = list(
        Attempt.objects.filter(enrollment__in=list(enrollments)).order_by("enrollment", "number")
    )
    saved: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    events = AnswerEvent.objects.filter(item__attempt__in=attempts).order_by("version")
    for item_id, choice, at in events.values_list("item_id", "choice", "at"):
        saved[item_id].append({"choice": choice, "at": at.isoformat()})
    items: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    asked = AttemptQuestion.objects.filter(attempt__in=attempts).select_related("question")
    for item in asked.order_by("attempt", "position"):
        items[item.attempt_id].append(
            {
                "question": item.question.stem,
                "choices": [item.question.choices[place] for place in item.order],
                "right": item.order.index(item.question.answer),
                "answers": saved[item.pk],
            }
        )
    found: dict[UUID | None, list[dict[str, Any]]] = defaultdict(list)
    for attempt in attempts:
        found[attempt.enrollment_id].append(
            {
                "number": attempt.number,
                "started_at": _moment(attempt.started_at),
                "submitted_at": _moment(attempt.submitted_at),
                "correct": attempt.correct,
                "percent": attempt.percent,
                "passed": attempt.passed,
                "questions": items[attempt.pk],
            }
        )
    return found


def _reports(awards: Sequence[Award]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    rows = Report.objects.filter(award__in=[award.pk for award in awards])
    for report in rows.select_related("roster").order_by("created_at", "id"):
        found[report.award_id].append(
            {
                "state": report.state,
                "due_on": report.due_on.isoformat() if report.due_on else None,
                "roster": report.roster.number if report.roster else None,
                "confirmation": report.confirmation,
                "message": report.message,
            }
        )
    return found


def _courses(scope: Scope, found: Sequence[Line]) -> dict[str, bytes]:
    """Of each version that was completed: approvals, instructors, lessons, the questions of its
    exam, and what learners said, in numbers."""
    files: dict[str, bytes] = {}
    slugs = {line.award.course.slug for line in found}
    approved: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in Approval.objects.filter(course__slug__in=slugs, authority=scope.authority):
        approved[row.course.slug].append(
            {
                "number": row.number,
                "topic_minutes": row.topic_minutes,
                "valid_from": row.valid_from.isoformat(),
                "valid_to": row.valid_to.isoformat(),
            }
        )
    shown = {(line.award.course.slug, line.award.snapshot["course"]["version"]) for line in found}
    versions = CourseVersion.objects.filter(course__slug__in=slugs).select_related(
        "course", "bank_version"
    )
    for version in versions.order_by("course__slug", "number"):
        if (version.course.slug, version.number) not in shown:
            continue
        said = evaluation.results(version)
        lessons = Lesson.objects.filter(version=version).order_by("position")
        files[f"courses/{version.course.slug}/version-{version.number}.json"] = _json(
            {
                "title": version.title,
                "instructors": sorted(
                    {
                        line.award.snapshot["course"]["instructor"]
                        for line in found
                        if line.award.course_id == version.course_id
                        and line.award.snapshot["course"]["version"] == version.number
                    }
                ),
                "approvals": approved[version.course.slug],
                "pass_percent": version.pass_percent,
                "lessons": list(lessons.values("module_title", "title", "minutes")),
                "exam": {
                    "questions": version.exam_questions,
                    "minutes": version.exam_minutes,
                    "attempts": version.exam_attempts,
                    "drawn_from": list(
                        version.bank_version.questions.order_by("position").values(
                            "ref", "stem", "choices", "answer", "objective"
                        )
                    ),
                },
                "evaluation": {
                    "people": said.people,
                    "answers": {one.question.words: list(one.counts) for one in said.questions},
                }
                if said
                else None,
            }
        )
    return files


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """The files by their names, without times and uncompressed, so that nothing but they decides
    the bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _json(value: object) -> bytes:
    return f"{json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1)}\n".encode()


def _digest(part: object) -> str:
    """What stands for a part in the ledger's digest. Nothing for an empty part."""
    return sha256(repr(part).encode()).hexdigest() if part else ""


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
