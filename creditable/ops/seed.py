"""Brings a demo's provider in through the verbs that the pages use. Doing it again changes
nothing, wherever the time before was interrupted."""

from datetime import timedelta
from pathlib import Path

import yaml
from allauth.mfa.totp.internal.auth import TOTP

from creditable.catalog import importing, publishing
from creditable.catalog.models import CourseVersion, Lesson
from creditable.credit import held
from creditable.credit.models import HeldCredit
from creditable.disclosure import choices, contracts, policies
from creditable.disclosure.models import Contract
from creditable.learning import enrollment, evidence
from creditable.learning.models import Enrollment
from creditable.lib.actor import Actor
from creditable.ops import personas
from creditable.ops.personas import Persona, Study
from creditable.people import accounts, factors, licenses, profile, roles
from creditable.people.models import License, Person
from creditable.policy import document
from creditable.store import offers

BY = Actor.system("seed")


def everything(provider: Path) -> None:
    """The policy, the courses with their prices, the people and what they have done so far."""
    for version in sorted((provider / "policy").iterdir(), key=lambda folder: int(folder.name)):
        policies.publish(policy=document.load(version), by=BY)
    _contracts(provider)
    courses = {
        version.course.slug: version
        for version in map(_course, sorted((provider / "courses").iterdir()))
    }
    for persona in personas.read(provider / "people.yaml"):
        _person(persona, courses)


def _contracts(provider: Path) -> None:
    """Those of contracts.yaml, each with the document that was signed."""
    for entry in yaml.safe_load((provider / "contracts.yaml").read_text())["contracts"]:
        signed = provider / "contracts" / entry.pop("document")
        if not Contract.objects.filter(
            recipient=entry["recipient"], party=entry["party"], begins=entry["begins"]
        ).exists():
            contracts.record(
                **({"ends": None} | entry),
                filename=signed.name,
                document=signed.read_bytes(),
                by=BY,
            )


def _course(folder: Path) -> CourseVersion:
    draft = importing.read_course(folder)
    version = publishing.publish(draft=draft, by=BY)
    offers.set_price(course=version.course, price=draft.price, by=BY)
    return version


def _person(persona: Persona, courses: dict[str, CourseVersion]) -> None:
    person = accounts.holder(persona.email) or accounts.open_account(
        email=persona.email, name=persona.name, verified=True, by=BY
    )
    if persona.profile:
        profile.update(person=person, name=persona.name, by=BY, **persona.profile)
    for license in persona.licenses:
        if not License.objects.filter(subject_id=person.pk, number=license.number).exists():
            licenses.add(subject_id=person.pk, by=BY, **vars(license))
    for credit in persona.held:
        if not HeldCredit.objects.filter(
            subject_id=person.pk, course_number=credit.course_number
        ).exists():
            held.add(subject_id=person.pk, by=BY, **vars(credit))
    _refusals(person, persona)
    for role in persona.roles:
        roles.grant(subject_id=person.pk, role=role, by=BY)
    if persona.authenticator and not factors.enrolled(person):
        TOTP.activate(person, persona.authenticator)
    for study in persona.studies:
        _study(person, study, courses[study.course])


def _refusals(person: Person, persona: Persona) -> None:
    said = choices.answers(person.pk)
    for choice, words in persona.refuses.items():
        if choice not in said:
            choices.say(
                subject_id=person.pk,
                choice=choice,
                agrees=False,
                source="account",
                words=words,
                by=BY,
            )


def _study(person: Person, study: Study, version: CourseVersion) -> None:
    place = enrollment.grant(
        subject_id=person.pk,
        course_version=version,
        source="seed",
        source_id=f"{person.email} {study.course}",
        by=BY,
    )
    read_lessons(place, seconds_left=study.seconds_left)


def read_lessons(place: Enrollment, *, seconds_left: int = 0) -> None:
    """All lessons, read on the day before in their order, but for the end of the last one."""
    counted = evidence.seconds_by_lesson(place)
    lessons = list(Lesson.objects.filter(version=place.course_version_id).order_by("position"))
    started = place.created_at - timedelta(days=1)
    for lesson in lessons:
        seconds = lesson.minutes * 60 - (seconds_left if lesson == lessons[-1] else 0)
        if not counted[lesson.pk]:
            evidence.carry_over(
                enrollment=place,
                lesson=lesson,
                started=started,
                ended=started + timedelta(seconds=seconds),
                by=BY,
            )
        started += timedelta(seconds=seconds)
