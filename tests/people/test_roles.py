"""Who may do what, and that somebody always can."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from creditable.audit.models import Event
from creditable.lib.refusal import Refused
from creditable.people import permissions, roles
from creditable.people.models import Person, RoleGrant
from tests.factories.people import BY, make_person
from tests.promises import promise

pytestmark = pytest.mark.django_db


def fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def test_every_role_carries_known_permissions_and_each_is_carried() -> None:
    carried = {p for role in permissions.ROLES.values() for p in role.permissions}
    assert carried == set(permissions.PERMISSIONS)


def test_a_person_without_a_role_may_nothing() -> None:
    person = make_person()
    assert not person.is_staff_member
    assert not any(person.may(permission) for permission in permissions.PERMISSIONS)


def test_a_role_gives_its_permissions_until_it_is_taken() -> None:
    make_person(role="administrator")
    person = make_person()
    roles.grant(subject_id=person.pk, role="reporting", by=BY)
    assert fresh(person).may("reports.send")
    assert not fresh(person).may("orders.view")
    roles.revoke(subject_id=person.pk, role="reporting", by=BY)
    assert not fresh(person).may("reports.send")


def test_giving_twice_is_giving_once_and_the_history_stays() -> None:
    person = make_person()
    for _ in range(2):
        roles.grant(subject_id=person.pk, role="office", by=BY)
    roles.revoke(subject_id=person.pk, role="office", by=BY)
    roles.grant(subject_id=person.pk, role="office", by=BY)
    grants = RoleGrant.objects.filter(subject_id=person.pk)
    assert [grant.revoked_at is None for grant in grants.order_by("granted_at")] == [False, True]
    verbs = Event.objects.filter(about=person.pk, noun="role").order_by("at", "id")
    assert [event.verb for event in verbs] == ["roles.grant", "roles.revoke", "roles.grant"]


def test_the_database_bars_two_open_grants_of_a_role() -> None:
    person = make_person(role="office")
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(subject_id=person.pk, role="office")


def test_the_last_administrator_stays() -> None:
    first = make_person(role="administrator")
    with pytest.raises(Refused, match="last administrator"):
        roles.revoke(subject_id=first.pk, role="administrator", by=BY)
    make_person(role="administrator")
    roles.revoke(subject_id=first.pk, role="administrator", by=BY)
    assert not fresh(first).is_staff_member


@pytest.mark.parametrize("role", ["", "root", "Office"])
def test_a_role_that_does_not_exist_is_refused(role: str) -> None:
    person = make_person()
    with pytest.raises(Refused, match="no such role"):
        roles.grant(subject_id=person.pk, role=role, by=BY)
    assert not RoleGrant.objects.exists()


def test_a_role_that_is_gone_from_the_page_carries_nothing() -> None:
    person = make_person()
    RoleGrant.objects.create(subject_id=person.pk, role="retired")
    assert fresh(person).roles == {"retired"}
    assert not fresh(person).may("orders.view")


@promise("A23")
def test_an_access_review_says_who_looked_when_and_holds_for_a_quarter(
    move_clock: Callable[..., None],
) -> None:
    reviewer = make_person(role="administrator")
    make_person(role="office")
    assert roles.last_review() is None
    assert roles.is_due(), "nobody has looked yet"
    roles.review(seen=RoleGrant.objects.values_list("pk", flat=True), by=reviewer.staff_actor)
    latest = roles.last_review()
    assert latest is not None
    assert (latest.actor_id, latest.detail) == (reviewer.pk, {"grants": 2})
    assert not roles.is_due()
    move_clock(timedelta(days=89))
    assert not roles.is_due()
    move_clock(timedelta(days=1))
    assert roles.is_due()


@promise("A23")
def test_nobody_confirms_a_role_that_they_did_not_see() -> None:
    reviewer = make_person(role="administrator")
    seen = list(RoleGrant.objects.values_list("pk", flat=True))
    newcomer = make_person(role="reporting")
    with pytest.raises(Refused, match="given or taken since"):
        roles.review(seen=seen, by=reviewer.staff_actor)
    assert roles.is_due()
    roles.revoke(subject_id=newcomer.pk, role="reporting", by=BY)
    roles.review(seen=seen, by=reviewer.staff_actor)
    assert not roles.is_due()
