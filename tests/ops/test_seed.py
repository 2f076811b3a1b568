"""The demo's people stand where the tour says they stand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from creditable.credit import packs
from creditable.disclosure import choices, contracts, policies
from creditable.disclosure.models import Contract
from creditable.learning.study import find
from creditable.ops import personas, seed
from creditable.ops.demonstration import providers
from creditable.people import accounts, factors
from creditable.people.models import Person
from creditable.policy.contents import leaves
from creditable.store.models import Offer

DEMO = Path(__file__).parents[2] / "demo"
COURSE = "electrical-safety-subpart-s"

pytestmark = pytest.mark.django_db


@pytest.fixture(params=providers())
def provider(request: pytest.FixtureRequest, settings: Any) -> Iterator[Path]:
    """Each provider in turn, as its own installation has it."""
    settings.PROVIDER = DEMO / request.param
    packs._packs.cache_clear()
    yield settings.PROVIDER
    packs._packs.cache_clear()


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


def test_who_works_for_the_provider_does_so_under_a_contract_in_force(provider: Path) -> None:
    """It is about all the data that a rule lets go there, and lies where the policy says."""
    seed.everything(provider)
    policy, openings = policies.current(), policies.decisions().openings
    opened = {cell.recipient for cell in openings}
    bound = {name for name in leaves(policy.recipients) if policy.needs_contract(name)}
    for name in bound & opened | {"mailer", "hosting"}:
        contract = contracts.in_force(name)
        assert contract, name
        assert bytes(Contract.objects.get(pk=contract.pk).document).startswith(b"%PDF")
        assert contract.region == policy.recipients[name].region
        for cell in openings:
            assert cell.recipient != name or not contracts.bars(contract, cell, policy), cell


def test_everybody_is_where_the_tour_says(provider: Path) -> None:
    seed.everything(provider)
    everybody = personas.read(provider / "people.yaml")
    assert len(everybody) >= 4
    for persona in everybody:
        somebody = accounts.holder(persona.email)
        assert somebody
        assert somebody.name == persona.name
        assert factors.enrolled(somebody) == bool(persona.authenticator)
        assert somebody.roles == frozenset(persona.roles)
        said = choices.answers(somebody.pk)
        assert {choice for choice, agrees in said.items() if not agrees} == set(persona.refuses)
        for study in persona.studies:
            place = find(somebody.pk, study.course)
            assert place
            assert place.open
            assert place.required_seconds - place.counted_seconds == study.seconds_left


def test_hector_has_two_minutes_left() -> None:
    seed.everything(DEMO / "electric")
    hector = find(person("hector").pk, COURSE)
    assert hector
    assert hector.open
    assert hector.required_seconds - hector.counted_seconds == 120
    assert sum(not row.done for row in hector.rows) == 1
    assert Offer.objects.filter(course__slug=COURSE, withdrawn_at=None).get().price_cents == 3900


def test_seeding_again_changes_nothing(provider: Path) -> None:
    seed.everything(provider)
    before = rows()
    assert sum(before.values()) > 100
    seed.everything(provider)
    assert rows() == before
