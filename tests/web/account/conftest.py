import pytest
from django.test import Client

from creditable.people.models import Person
from tests.factories.people import make_person


@pytest.fixture(autouse=True)
def published(policy: None) -> None:
    """Every page of the account shows the policy's words."""


@pytest.fixture
def ana(db: None) -> Person:
    return make_person(email="ana@example.com", name="Ana Diaz")


@pytest.fixture
def browser(client: Client, ana: Person) -> Client:
    """Ana's browser, signed in."""
    client.force_login(ana)
    return client
