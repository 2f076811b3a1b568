"""Brings a demo's provider in through the verbs that the pages use. Doing it again changes
nothing, wherever the time before was interrupted."""

from pathlib import Path

from creditable.catalog import importing, publishing
from creditable.catalog.models import CourseVersion
from creditable.disclosure import policies
from creditable.lib.actor import Actor
from creditable.ops import personas
from creditable.ops.personas import Persona
from creditable.people import accounts, licenses, profile, roles
from creditable.people.models import License
from creditable.policy import document
from creditable.store import offers

BY = Actor.system("seed")


def everything(provider: Path) -> None:
    """The policy, the courses with their prices, the people and what they have done so far."""
    for version in sorted((provider / "policy").iterdir(), key=lambda folder: int(folder.name)):
        policies.publish(policy=document.load(version), by=BY)
    courses = {
        version.course.slug: version
        for version in map(_course, sorted((provider / "courses").iterdir()))
    }
    for persona in personas.read(provider / "people.yaml"):
        _person(persona, courses)


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
    for held in persona.licenses:
        if not License.objects.filter(subject_id=person.pk, number=held.number).exists():
            licenses.add(subject_id=person.pk, by=BY, **vars(held))
    for role in persona.roles:
        roles.grant(subject_id=person.pk, role=role, by=BY)
