"""What the addresses of the classroom name: a course that one person takes, with its exam open."""

from typing import Any

from creditable.people.models import Person
from tests.factories.catalog import make_course, survey
from tests.factories.learning import begin_exam, enroll, sit_all

NAMED_BY_SLUG = (
    "course", "lesson", "media", "exam", "exam_start", "exam_answer", "exam_submit", "result",
    "practice", "completed", "exam_clock", "exam_complete", "evaluation",
    "record", "record_json", "record_csv",
)  # fmt: skip


def make(*, person: Person) -> dict[str, Any]:
    """Values for the addresses' parameters, by their name or by "address name parameter"."""
    version = make_course(
        slug="taken-by-one",
        evaluation=survey(),
        text='Read <a href="https://www.osha.gov/">the rule</a>.',
    )
    place = enroll(person, version)
    sit_all(place)
    number = begin_exam(person, place).number
    return {
        "lesson": "lesson-1",
        "path": "line.svg",
        "version_id": version.pk,
        "classroom:result number": number,
        "classroom:exam_submit number": number,
        **{f"classroom:{name} slug": "taken-by-one" for name in NAMED_BY_SLUG},
    }
