from typing import Any

import pytest
from django.test import Client

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
    return make_course(slug="grounding")


@pytest.fixture
def place(ana: Person, version: CourseVersion) -> Enrollment:
    return enroll(ana, version)


@pytest.fixture
def browser(client: Client, ana: Person) -> Client:
    """Ana's browser, signed in."""
    client.force_login(ana)
    return client


@pytest.fixture
def stranger(policy: Any) -> Client:
    """The browser of somebody else, signed in."""
    other = Client()
    other.force_login(make_person(name="Bo Lee"))
    return other
