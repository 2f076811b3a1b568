from typing import Any

import pytest

from creditable.catalog.models import CourseVersion
from creditable.learning.models import Enrollment
from creditable.people.models import Person
from tests.factories.catalog import make_course
from tests.factories.learning import enroll
from tests.factories.people import make_person


@pytest.fixture
def ana(policy: Any) -> Person:
    return make_person(name="Ana Diaz")


@pytest.fixture
def version(db: None) -> CourseVersion:
    """Two lessons of two minutes and an exam of four questions."""
    return make_course()


@pytest.fixture
def place(ana: Person, version: CourseVersion) -> Enrollment:
    """Ana's place in that course."""
    return enroll(ana, version)
