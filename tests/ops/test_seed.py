"""The demo's people stand where the tour says they stand."""

from pathlib import Path

import pytest
from django.apps import apps

from creditable.learning import study
from creditable.ops import personas, seed
from creditable.people import accounts, factors
from creditable.people.models import Person
from creditable.store.models import Offer

PROVIDER = Path(__file__).parents[2] / "demo" / "electric"
COURSE = "electrical-safety-subpart-s"

pytestmark = pytest.mark.django_db


def person(name: str) -> Person:
    found = accounts.holder(f"{name}@example.com")
    assert found
    return found


def rows() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.managed
    }


def test_everybody_is_where_the_tour_says() -> None:
    seed.everything(PROVIDER)
    everybody = personas.read(PROVIDER / "people.yaml")
    assert len(everybody) >= 4
    for persona in everybody:
        somebody = accounts.holder(persona.email)
        assert somebody
        assert somebody.name == persona.name
        assert factors.enrolled(somebody) == bool(persona.authenticator)
        assert somebody.roles == frozenset(persona.roles)
    hector = study.find(person("hector").pk, COURSE)
    assert hector
    assert hector.open
    assert hector.required_seconds - hector.counted_seconds == 120
    assert sum(not row.done for row in hector.rows) == 1
    assert Offer.objects.filter(course__slug=COURSE, withdrawn_at=None).get().price_cents == 3900


def test_seeding_again_changes_nothing() -> None:
    seed.everything(PROVIDER)
    before = rows()
    assert sum(before.values()) > 100
    seed.everything(PROVIDER)
    assert rows() == before
